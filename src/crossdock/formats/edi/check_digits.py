"""Numbers that prove themselves: containers, trade items, parties, logistic units, ships, bank routing numbers.

Each scheme is a function of the text as it stands: None when its check digit is right, else what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# ISO 6346 gives letters the values 10 to 38, leaving out the multiples of 11.
_LETTERS: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [n for n in range(10, 39) if n % 11], strict=True))
_VALUES: Final = _LETTERS | {str(digit): digit for digit in range(10)}
_CONTAINER: Final = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
_DIGITS: Final = re.compile(r"[0-9]+")
_ZERO: Final = ord("0")
_IMO_WEIGHTS: Final = (7, 6, 5, 4, 3, 2)
_ABA_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)
_SSCC_PREFIX: Final = "00"


def container(text: str) -> str | None:
    """A freight container (ISO 6346): owner, category, serial number, check digit, such as CSQU3054383."""
    number = text.replace(" ", "").replace("-", "")
    if not _CONTAINER.fullmatch(number):
        return "a container number is four letters, the last of them U, J, Z or R, and seven digits"
    total = sum(_VALUES[sign] << place for place, sign in enumerate(number[:10]))
    return _expected(number[-1], str(total % 11 % 10))


def gs1(text: str, lengths: tuple[int, ...]) -> str | None:
    """The check digit that GS1 gives trade items, parties and logistic units."""
    if not _DIGITS.fullmatch(text) or len(text) not in lengths:
        return f"needs {' or '.join(map(str, lengths))} digits"
    digits = text[-2::-1].encode()
    total = 3 * sum(digits[::2]) + sum(digits[1::2]) - _ZERO * (3 * len(digits[::2]) + len(digits[1::2]))
    return _expected(text[-1], str(-total % 10))


def gtin(text: str) -> str | None:
    """A trade item: GTIN-8, UPC (GTIN-12), EAN (GTIN-13) or GTIN-14."""
    return gs1(text, (8, 12, 13, 14))


def gln(text: str) -> str | None:
    """A party or location (GLN)."""
    return gs1(text, (13,))


def sscc(text: str) -> str | None:
    """A logistic unit (SSCC-18); its application identifier 00 may stand before it."""
    return gs1(text.removeprefix(_SSCC_PREFIX) if len(text) == len(_SSCC_PREFIX) + 18 else text, (18,))


def imo(text: str) -> str | None:
    """A ship (IMO number)."""
    if not re.fullmatch(r"[0-9]{7}", text):
        return "an IMO number has seven digits"
    return _expected(text[-1], str(sum(map(int.__mul__, _IMO_WEIGHTS, map(int, text[:6]))) % 10))


def aba(text: str) -> str | None:
    """A bank in the United States (ABA routing transit number)."""
    if not re.fullmatch(r"[0-9]{9}", text):
        return "a routing number has nine digits"
    return _expected(text[-1], str(-sum(map(int.__mul__, _ABA_WEIGHTS, map(int, text[:8]))) % 10))


SCHEMES: Final[dict[str, Callable[[str], str | None]]] = {
    "aba": aba,
    "container": container,
    "gln": gln,
    "gtin": gtin,
    "imo": imo,
    "sscc": sscc,
}


_SHAPES: Final[dict[str, Callable[[str], str]]] = {
    "aba": lambda digits: digits[:8],
    "container": lambda digits: f"CSQU{digits[:6]}",
    "gln": lambda digits: digits[:12],
    "gtin": lambda digits: digits[:12],
    "imo": lambda digits: digits[:6],
    "sscc": lambda digits: digits[:17],
}


def completed(scheme: str, digits: str) -> str:
    """A number of a scheme made of (at least 17) digits, with the check digit that is right."""
    shape = _SHAPES[scheme](digits)
    return next(number for last in "0123456789" if SCHEMES[scheme](number := shape + last) is None)


def _expected(found: str, right: str) -> str | None:
    return None if found == right else f"has the check digit {found}; {right} would be right"
