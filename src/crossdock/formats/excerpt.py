"""What stood there, cut to a bearable length: the offending text of a refusal, safe to keep and to show."""

from __future__ import annotations

from typing import Final

EXCERPT_MAX: Final = 200
_AROUND: Final = 40


def excerpt(value: object) -> str:
    """A value as text of at most 200 characters, control characters escaped.

    Never fails: Python itself refuses to print a number of more than 4,300 digits.
    """
    if isinstance(value, str):
        text = value[: EXCERPT_MAX + 1]
    elif isinstance(value, bytes | bytearray | memoryview):
        text = bytes(value[: EXCERPT_MAX + 1]).decode("utf-8", "backslashreplace")
    else:
        try:
            text = str(value)
        except ValueError:
            text = f"a {type(value).__name__} too long to print"
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:EXCERPT_MAX])
    return text if len(text) <= EXCERPT_MAX else f"{text[: EXCERPT_MAX - 1]}…"


def around(raw: bytes, offset: int) -> str:
    """The 80 bytes around a defect."""
    return excerpt(raw[max(0, offset - _AROUND) : offset + _AROUND])
