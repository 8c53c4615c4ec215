"""The journeys of the trade as pure rules: given all facts of an object, what should be true elsewhere."""
