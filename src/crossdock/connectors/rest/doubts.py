"""The one exception of reading answers: what came back cannot be believed."""


class Unbelievable(ValueError):
    """An answer that nobody should act on; the message says why."""
