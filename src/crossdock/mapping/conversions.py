"""Single values from how a sender writes them to what the model holds: exact, or refused with the reason.

Each function makes a converter `(raw, node, context) -> value` out of what the mapping says once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from crossdock.mapping.record import Context, Get, Node, Ours, Raw, Refused
from crossdock.model.money import MoneyError, exponent, parse_minor
from crossdock.model.quantity import UNITS, Quantity, UnitError, factor
from crossdock.model.types import IDENTIFIER_MAX, INT64_MAX, MONEY_MAX, QUANTITY_MAX

Convert = Callable[[Raw, Node, Context], Any]

_INTEGER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_SHORTEST: Final = len("0.00")
_LONGEST: Final = len(str(MONEY_MAX - 1)) + 1
_CENTS: Final = 2
NO_PACKS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType({})
_BELOW_ZERO: Final = "must not be negative"


def text(raw: Raw, _node: Node, _context: Context) -> Ours:
    """As it stands; blanks around it are gone already, and a wrong type is refused by the model."""
    return raw


def code(raw: Raw, _node: Node, _context: Context) -> Ours:
    """A code, in capitals."""
    return raw.upper() if type(raw) is str else raw


def unit(raw: Raw, _node: Node, _context: Context) -> Ours:
    """A unit of UN/ECE Recommendation 20 that we can convert."""
    if raw.__class__ is not str or raw not in UNITS:
        problem = f"is not a known unit; known are {', '.join(sorted(UNITS))}; map the sender's own with `map`"
        raise Refused("unit.unknown", problem, raw)
    return raw


def integer(raw: Raw, _node: Node, _context: Context) -> int:
    """A whole number: a JSON number without fraction, or ASCII digits."""
    if type(raw) is int:
        return raw
    if type(raw) is str and _INTEGER.fullmatch(raw):
        return int(raw)
    raise Refused("integer.syntax", "must be a whole number in digits 0 to 9, such as 12", raw)


def identifier(raw: Raw, _node: Node, _context: Context) -> str:
    """An identifier of the envelope, which no struct of the model checks later."""
    if type(raw) is str and len(raw) <= IDENTIFIER_MAX and raw.isascii() and raw.isprintable():
        return raw
    raise Refused("identifier.syntax", f"must be a text of at most {IDENTIFIER_MAX} printable ASCII characters", raw)


def revision(raw: Raw, node: Node, context: Context) -> int:
    """The sender's own version number of a fact: a whole number, not negative, within 64 bits."""
    number = integer(raw, node, context)
    if 0 <= number <= INT64_MAX:
        return number
    raise Refused("revision.range", "must be a whole number from 0 to 2^63-1", raw)


def money(currency: str | Get | None, *, implied_decimals: bool = False) -> Convert:
    """Minor units of an amount in a currency known beforehand, found beside it, or (None) the record's own."""
    minor = _implied if implied_decimals else _minor
    if isinstance(currency, str):
        return lambda raw, _node, _context: minor(raw, currency)

    def convert(raw: Raw, node: Node, context: Context) -> int:
        found = context.currency if currency is None else currency(node, context)
        if found.__class__ is not str:
            raise Refused("money.currency", "has no currency beside it; send one", raw)
        return minor(raw, found)

    return convert


def total(convert: Convert) -> Convert:
    """The sum of several amounts, each converted as one."""
    return lambda raw, node, context: sum(convert(each.strip(), node, context) for each in raw)


def _minor(raw: Raw, currency: str) -> int:
    amount = raw if raw.__class__ is str else _number_text(raw)
    # The quick lane: digits and two decimals in dollars. parse_minor says the same of each amount it lets through.
    if currency == "USD" and amount[-3:-2] == "." and _SHORTEST <= len(amount) <= _LONGEST:
        digits = amount[:-3] + amount[-2:]
        if digits.isdigit() and digits.isascii():
            return int(digits)
    try:
        return parse_minor(amount, currency)
    except MoneyError as bad:
        raise Refused("money.syntax", f"cannot be used: {bad}", raw) from None


def _number_text(raw: Raw) -> str:
    """A JSON number as text; it was never a float, so `12.10` is still `12.10`."""
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return str(raw) if -INT64_MAX <= raw <= INT64_MAX else "a number beyond 64 bits"
    raise Refused("money.syntax", 'must be a plain decimal amount such as "1234.50"', raw)


def _implied(raw: Raw, currency: str) -> int:
    """X12 N2: the last two digits are decimals, whatever the currency's own minor unit (X12.6 section 3.5.1.1)."""
    if raw.__class__ is not int and not (raw.__class__ is str and _INTEGER.fullmatch(raw)):
        problem = "must be digits with two implied decimals: 65940 stands for 659.40"
        raise Refused("money.implied_decimals", problem, raw)
    hundredths, places = int(raw), exponent(currency)
    if places >= _CENTS:
        return hundredths * int(10 ** (places - _CENTS))
    minor, rest = divmod(hundredths, int(10 ** (_CENTS - places)))
    if rest:
        raise Refused("money.implied_decimals", f"has more decimals than {currency}", raw)
    return minor


def quantity(
    unit_of: str | Get,
    aliases: Mapping[str, str],
    target: str | None,
    *,
    whole: bool,
    signed: bool = False,
    packs: Mapping[str, tuple[int, str]] = NO_PACKS,
) -> Convert:
    """A quantity in the sender's unit, or in `target` by exact conversion; a bare number of `target` when `whole`.

    `packs` are words of the sender for so many of a unit. Only what is `signed`, the change of something, may be
    negative.
    """
    factors: dict[str, Fraction] = {}

    def convert(raw: Raw, node: Node, context: Context) -> Quantity | int:
        found = unit_of if isinstance(unit_of, str) else unit_of(node, context)
        known = aliases.get(found, found) if found.__class__ is str else ""
        if whole and known == target and type(raw) is int and 0 <= raw <= QUANTITY_MAX:
            return raw  # by far the most frequent case: nothing to convert
        value = _signed(raw) if signed else _decimal(raw)
        if packs and known in packs:
            times, known = packs[known]
            value *= times
        if known not in UNITS:
            problem = f"the unit {str(found)[:20]!r} is not known; map it to one of {', '.join(sorted(UNITS))}"
            raise Refused("unit.unknown", problem, found)
        if target is not None and known != target:
            if known not in factors:
                factors[known] = _factor(known, target)
            value = _times(value, factors[known], raw, target)
        if not whole:
            return Quantity(value, known if target is None else target)
        if value != int(value):
            raise Refused("quantity.fraction", f"is not a whole number of {target or known}", raw)
        return int(value)

    return convert


def _factor(source: str, target: str) -> Fraction:
    try:
        return factor(source, target)
    except UnitError as bad:
        raise Refused("unit.unlike", str(bad), source) from None


def _decimal(raw: Raw) -> Decimal:
    if type(raw) is int and 0 <= raw <= INT64_MAX:
        return Decimal(raw)
    written = str(raw) if type(raw) is Decimal else raw
    if type(written) is not str or not _DECIMAL.fullmatch(written):
        if type(raw) is int:
            problem = _BELOW_ZERO if raw < 0 else "is beyond 64 bits"
            raise Refused("quantity.range", problem, raw)
        raise Refused("quantity.syntax", "must be a plain decimal number such as 12.5", raw)
    value = Decimal(written)
    if value < 0 or written.startswith("-"):
        raise Refused("quantity.range", _BELOW_ZERO, raw)
    if value > INT64_MAX:
        raise Refused("quantity.range", "is beyond 64 bits", raw)
    return value


def _signed(raw: Raw) -> Decimal:
    """A decimal with its sign in front."""
    written = str(raw) if isinstance(raw, int | Decimal) and not isinstance(raw, bool) else raw
    if type(written) is str and written.startswith("-"):
        return -_decimal(written[1:])
    return _decimal(written)


def _times(value: Decimal, ratio: Fraction, raw: Raw, target: str) -> Decimal:
    exact = Fraction(value) * ratio
    denominator, places = exact.denominator, 0
    while denominator > 1:
        # A terminating decimal has a denominator of twos and fives only.
        step = 10 if denominator % 10 == 0 else 5 if denominator % 5 == 0 else 2
        if denominator % step:
            raise Refused("unit.inexact", f"has no exact value in {target}; keep the sender's unit", raw)
        denominator //= step
        places += 1
    return Decimal(exact.numerator * (10**places // exact.denominator)).scaleb(-places)
