"""Wiring: the only place that knows every room. Starts processes, runs whole journeys such as a day or a benchmark."""
