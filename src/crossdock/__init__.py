"""Crossdock: keeps every message, works out what should now be true in every other system, and can prove it."""

__version__ = "0.1.0"
