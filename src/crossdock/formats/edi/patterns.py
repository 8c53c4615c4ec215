"""A segment's definition as one regular expression: all elements, codes and conditions are checked at once.

The pattern answers yes or no; `explain` finds out why not. A property test holds the two against each other.

An element that a later condition looks back at is a group of the pattern, and the condition is a test of that group
where its last element stands: after C0605, element 6 is forbidden unless group 5 took part. So no condition costs
a call, and a segment that ends early meets its conditions at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import cache, lru_cache
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION
from crossdock.formats.edi.grammar import Codes, Composite, Condition, Element, Field, Segment
from crossdock.formats.edi.pictures import DATE, SHORT_DATE, picture_pattern

# No control characters, and no bytes that were not UTF-8 (which are kept as lone surrogates).
_TEXT: Final = r"[^\x00-\x1f\x7f\ud800-\udfff]"
# The same of several elements, with what separates them.
_TEXTS: Final = r"[^\x00-\x1c\x7f\ud800-\udfff]"
_TIME: Final = r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?"
_SHORT_DATE_LENGTH: Final = 6
# Grammars of several partners and releases have most segments in common.
_PATTERNS_MAX: Final = 8_192


class _Level(NamedTuple):
    """How parts are told from each other: elements of a segment, or components of a composite."""

    separator: str
    end: str
    empty: str  # what follows where nothing is given


_SEGMENT: Final = _Level(ELEMENT, r"\Z", f"{ELEMENT}|\\Z")
_COMPOSITE: Final = _Level(COMPONENT, f"(?=[{ELEMENT}{REPETITION}]|\\Z)", f"[{COMPONENT}{ELEMENT}{REPETITION}]|\\Z")


class _Need(Enum):
    """What conditions make of a place, once it is known which places before it are given."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"
    NEVER = "never"


@lru_cache(_PATTERNS_MAX)
def compile_segment(segment: Segment) -> re.Pattern[str]:
    """The pattern that a canonical segment matches when nothing is wrong with it."""
    places = _Builder().places(segment.fields, segment.conditions, _SEGMENT)
    more = f"(?:{ELEMENT}{_TEXTS}*)?" if segment.open else ""
    needed = "" if segment.may_be_empty or any(field.required for field in segment.fields) else f"(?!{ELEMENT}*\\Z)"
    return re.compile(f"{segment.id}{needed}{places}{more}\\Z")


@cache
def compile_value(element: Element, codes: Codes | None = None) -> re.Pattern[str]:
    """The pattern of one value, for whoever explains."""
    return re.compile(f"(?:{element_pattern(element, codes)})\\Z")


def element_pattern(element: Element, codes: Codes | None = None) -> str:
    """What a value of an element looks like; of a closed code list: one of its codes."""
    if codes is not None and codes.closed:
        return one_of(codes.meanings)
    low, high = element.shortest, element.longest
    times = f"{{{low},{high}}}"
    # Neither sign nor decimal mark count towards the length of a number.
    marked = f"(?=[0-9.,]{{{low + 1},{high + 1}}}(?![0-9.,]))"
    shapes = {
        "AN": f"{_TEXT}{times}",
        "B": f"{_TEXT}{times}",
        "ID": f"[0-9A-Z]{times}",
        "DT": {_SHORT_DATE_LENGTH: SHORT_DATE}.get(high, DATE if low == high else f"(?:{DATE}|{SHORT_DATE}(?![0-9]))"),
        "TM": _TIME,
        "N0": f"-?[0-9]{times}",
        "N2": f"-?[0-9]{times}",
        "R": rf"-?(?:[0-9]{times}(?![0-9.])|{marked}(?:[0-9]+\.[0-9]*|\.[0-9]+))",
        "an": f"{_TEXT}{times}",
        "a": f"[^0-9\\x00-\\x1f\\x7f\\ud800-\\udfff]{times}",
        "n": rf"-?(?:[0-9]{times}(?![0-9.,])|{marked}[0-9]*[.,][0-9]+)",
    }
    return shapes[element.type]


def one_of(values: Iterable[str]) -> str:
    """A pattern that matches one of several texts, the first characters branching first so that many cost little."""
    by_first: dict[str, list[str]] = {}
    for value in sorted(set(values)):
        by_first.setdefault(value[:1], []).append(value[1:])
    is_whole = by_first.pop("", None) is not None
    singles = [re.escape(first) for first, rests in by_first.items() if rests == [""]]
    branches = [
        re.escape(first) + (one_of(rests) if rests != [""] else "")
        for first, rests in by_first.items()
        if rests != [""]
    ]
    if singles:
        branches.append(singles[0] if len(singles) == 1 else f"[{''.join(singles)}]")
    if is_whole:
        branches.append("")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


class _Builder:
    """Writes a pattern from left to right, numbering its groups as it goes."""

    def __init__(self) -> None:
        self.groups = 0

    def places(self, fields: tuple[Field, ...], conditions: tuple[Condition, ...], level: _Level) -> str:
        """The parts of a segment or composite with what separates them."""
        rules = split(conditions)
        looked_at = {place for rule in rules for place in rule.places if place != max(rule.places)}
        groups: dict[int, int] = {}
        pattern, exits = "", 0
        for place, field in enumerate(fields, 1):
            guard = self.guard(place, [rule for rule in rules if max(rule.places) == place], groups, level, {})
            separator = "" if place == 1 and level is _COMPOSITE else level.separator
            may_end = separator and _may_end(place, fields, rules)
            if may_end:
                # Nothing is needed from here on, whatever came before.
                pattern += f"(?:{level.end}|"
                exits += 1
            value = self.value(field, groups, place if place in looked_at else 0)
            if field.required:
                pattern += separator + guard + value
            elif may_end or not separator:
                pattern += f"{separator}{guard}(?:{value}|)"
            elif guard:
                pattern += f"(?:{separator}|{level.end}){guard}(?:{value}|)"
            else:
                pattern += f"(?:{separator}(?:{value}|)|{level.end})"
        return pattern + ")" * exits

    def value(self, field: Field, groups: dict[int, int], place: int) -> str:
        """What stands in one place; a group when a later condition looks at it."""
        if place:
            self.groups += 1
            groups[place] = self.groups
        holds = field.holds
        if not field.repeats:
            value = "(?!)"
        elif isinstance(holds, Element):
            value = element_pattern(holds, field.codes)
        else:
            given = "" if holds.fields and holds.fields[0].required else f"(?!{_SEGMENT.empty})"
            value = given + self.composite(holds)
        if field.repeats > 1:
            again = value if isinstance(holds, Element) else self.composite(holds)
            value += f"(?:{REPETITION}{again}){{0,{field.repeats - 1}}}"
        return f"({value})" if place else value

    def composite(self, composite: Composite) -> str:
        """The components of a composite."""
        return _pictured(composite) + self.places(composite.fields, composite.conditions, _COMPOSITE)

    def guard(
        self, place: int, rules: list[Condition], groups: dict[int, int], level: _Level, given: dict[int, bool]
    ) -> str:
        """What must be true where a place begins: tests of groups, down to whether something may stand there."""
        need = _Need.OPTIONAL
        for rule in rules:
            asked = _need(rule, place, given)
            if isinstance(asked, int):
                yes, no = (self.guard(place, rules, groups, level, given | {asked: known}) for known in (True, False))
                return yes if yes == no else f"(?({groups[asked]}){yes}|{no})"
            need = _together(need, asked)
        return {
            _Need.REQUIRED: f"(?!{level.empty})",
            _Need.OPTIONAL: "",
            _Need.FORBIDDEN: f"(?={level.empty})",
            _Need.NEVER: "(?!)",
        }[need]


def _pictured(composite: Composite) -> str:
    """Ahead of a composite: its date is not one that the code behind it tells to be another."""
    if composite.pictures is None:
        return ""
    place, pictures = composite.pictures
    part = f"[^{COMPONENT}{ELEMENT}{REPETITION}]"
    told = "|".join(f"{picture_pattern(picture)}{COMPONENT}{code}(?!{part})" for code, picture in pictures)
    codes = "|".join(code for code, _ in pictures)
    before = f"(?:{part}*{COMPONENT}){{{place - 1}}}"
    return f"(?!{before}(?!{told}){part}+{COMPONENT}(?:{codes})(?!{part}))"


def split(conditions: Iterable[Condition]) -> list[Condition]:
    """Conditions as ones of few places that say the same: P010203 is P0102 and P0203."""
    found: list[Condition] = []
    for kind, places in conditions:
        first, *others = places
        if kind == "P":
            found += [Condition("P", pair) for pair in pairwise(sorted(places))]
        elif kind in "EO":
            found += [Condition("E", pair) for pair in combinations(places, 2)]
        elif kind in "CN":
            found += [Condition("C" if kind == "C" else "E", (first, other)) for other in others]
        if kind in "RLO":
            found.append(Condition("L" if kind == "L" else "R", places))
    return found


def _need(rule: Condition, place: int, given: dict[int, bool]) -> _Need | int:
    """What a condition makes of its last place, or the place before it that has to be known first."""
    kind, first = rule.kind, rule.places[0]
    if kind == "L" and first != place and first not in given:
        return first
    others = [other for other in rule.places if other != place and not (kind == "L" and other == first)]
    unknown = next((other for other in others if other not in given), None)
    if unknown is not None:
        return unknown
    any_given = any(given[other] for other in others)
    if kind == "L" and first != place:
        return _Need.REQUIRED if given[first] and not any_given else _Need.OPTIONAL
    if kind == "C" and first != place:
        return _Need.REQUIRED if any_given else _Need.OPTIONAL
    # What one of the others being given makes of the place, and what none of them.
    some, none = {
        "P": (_Need.REQUIRED, _Need.FORBIDDEN),
        "E": (_Need.FORBIDDEN, _Need.OPTIONAL),
        "R": (_Need.OPTIONAL, _Need.REQUIRED),
    }.get(kind, (_Need.OPTIONAL, _Need.FORBIDDEN))
    return some if any_given else none


def _together(one: _Need, other: _Need) -> _Need:
    if one in (other, _Need.OPTIONAL):
        return other
    return one if other is _Need.OPTIONAL else _Need.NEVER


def _may_end(place: int, fields: tuple[Field, ...], rules: list[Condition]) -> bool:
    """Whether a segment may end before a place, whichever places before it are given."""
    if any(field.required for field in fields[place - 1 :]):
        return False
    for rule in rules:
        if max(rule.places) < place:
            continue
        first = rule.places[0]
        asks_later = rule.kind == "R" or (rule.kind == "P" and min(rule.places) < place)
        if asks_later or (rule.kind in "CL" and first < place):
            return False
    return True
