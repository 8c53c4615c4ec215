"""Money as whole minor units: parsing, exponents and the one way we round (half up, away from nothing)."""

from __future__ import annotations

import re
from typing import Final

from crossdock.model.types import MONEY_MAX

# ISO 4217 minor-unit exponents that are not 2.
_EXPONENTS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_DECIMAL: Final = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]+))?", re.ASCII)


class MoneyError(ValueError):
    """A text is not an amount of the currency; the message says what would be."""


def exponent(currency: str) -> int:
    """Decimals of a currency's minor unit (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def parse_minor(text: str, currency: str) -> int:
    """Minor units of a plain decimal text: `"12.5"` USD is 1250. Never rounds, never guesses a separator."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise MoneyError(f"{text[:40]!r} is not a plain decimal amount such as 1234.50")
    sign, whole, fraction = match[1], match[2], match[3] or ""
    places = exponent(currency)
    if len(fraction) > places:
        if fraction[places:].strip("0"):
            raise MoneyError(f"{text[:40]!r} has {len(fraction)} decimals; {currency} has {places}")
        fraction = fraction[:places]
    minor = int(whole + fraction.ljust(places, "0"))
    if minor > MONEY_MAX:
        raise MoneyError(f"{text[:40]!r} {currency} is beyond what an amount may be")
    return -minor if sign else minor


def format_minor(minor: int, currency: str) -> str:
    """`-1250` USD as `"-12.50"`."""
    places = exponent(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if minor < 0 else text


def divide_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a ratio with a positive denominator; a half goes away from zero, as tariffs do."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


def minor_in(content: object) -> int:
    """The money that a document names: the largest field called `..._minor`, however deep."""
    if isinstance(content, dict):
        own = [abs(value) for name, value in content.items() if name.endswith("_minor") and isinstance(value, int)]
        return max([*own, *(minor_in(value) for value in content.values())], default=0)
    if isinstance(content, list):
        return max((minor_in(value) for value in content), default=0)
    return 0
