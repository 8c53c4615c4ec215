"""Documents made up from their grammar: for tests of partners, for measuring, for proving a reader by its writer.

A walk over the table of a document, each step one that the grammar allows, so what comes out breaks no rule: elements,
codes, conditions, check digits and hierarchies included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from crossdock.formats.edi.automaton import Grammar
from crossdock.formats.edi.canonical import COMPONENT, REPETITION
from crossdock.formats.edi.check_digits import completed
from crossdock.formats.edi.document import Segment
from crossdock.formats.edi.grammar import CheckDigit, Composite, Condition, Element, Field, Pictures
from crossdock.formats.edi.grammar import Segment as Definition
from crossdock.formats.edi.pictures import parts_of
from crossdock.formats.edi.segment_check import holds

Choice = TypeVar("Choice")

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TEXT: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,-"
_VALUE_MAX: Final = 12
_OPTIONAL: Final = 0.3
_AGAIN: Final = 0.4
_TRIES: Final = 200
_DAYS: Final = 28
_HIERARCHY: Final = ("HL", "CPS")
_ANY_TEXT: Final = Element("", "AN", 1, 12)
_LONG_DATE: Final = Element("", "DT", 8, 8)


class Chance(Protocol):
    """Where the choices come from: a seeded `random.Random`, or whatever plays one."""

    def random(self) -> float:
        """From 0 up to, not including, 1."""

    def randrange(self, start: int, stop: int) -> int:
        """From `start` up to, not including, `stop`."""

    def choice(self, options: Sequence[Choice], /) -> Choice:
        """One of them."""


def body(grammar: Grammar, chance: Chance, *, segments: int = 20) -> list[Segment]:
    """The segments of a document, about so many."""
    return _Walk(grammar, chance, segments).walk()


class _Walk:
    def __init__(self, grammar: Grammar, chance: Chance, wanted: int) -> None:
        self.grammar = grammar
        self.chance = chance
        self.wanted = wanted
        self.counts = grammar.counters()
        self.levels: list[str] = []

    def walk(self) -> list[Segment]:
        made: list[Segment] = []
        at = -1
        while True:
            lacking = self.grammar.lacking(at)
            allowed = [] if len(made) >= self.wanted else self._allowed(at)
            if lacking and (not allowed or self.chance.random() < _AGAIN):
                allowed = [place for place in self._allowed(at) if self.grammar.places[place].id == lacking[0]]
            elif not lacking and (not allowed or (made and self.chance.random() < 1 / (2 * self.wanted))):
                return made
            at = self._take(allowed)
            made.append(self._segment(self.grammar.places[at].check.definition))

    def _allowed(self, at: int) -> list[int]:
        """The places that may follow without skipping anything mandatory or repeating too often."""
        places = self.grammar.places
        return [each for each in self.grammar.following(at) if self.counts[each] < places[each].limit]

    def _take(self, allowed: list[int]) -> int:
        place = self.chance.choice(allowed)
        self.counts[place] += 1
        opened = self.grammar.places[place]
        self.counts[place + 1 : opened.end] = [0] * (opened.end - place - 1)
        return place

    def _segment(self, definition: Definition) -> Segment:
        given = self._given(definition.fields, definition.conditions)
        values = [self._field(field) if place in given else "" for place, field in enumerate(definition.fields, 1)]
        segment = [definition.id, *values]
        for when in definition.whens:
            if segment[when.place] in when.values:
                for need in when.needs:
                    segment[need] = segment[need] or self._field(definition.fields[need - 1])
        for rule in definition.check_digits:
            self._prove(segment, rule)
        if definition.id in _HIERARCHY:
            self.levels.append(str(len(self.levels) + 1))
            segment[1] = self.levels[-1]
            if len(segment) > 2:  # noqa: PLR2004  (the level and the one above it)
                segment[2] = "" if len(self.levels) == 1 else self.chance.choice(self.levels[:-1])
        if definition.open and not any(segment[1:]):
            segment.append(value(_ANY_TEXT, self.chance))
        while not segment[-1]:
            segment.pop()
        return segment

    def _given(self, fields: tuple[Field, ...], conditions: tuple[Condition, ...]) -> set[int]:
        """Places to fill, such that all conditions hold."""
        required = {place for place, field in enumerate(fields, 1) if field.required}
        usable = [place for place, field in enumerate(fields, 1) if field.repeats]
        for _ in range(_TRIES):
            given = required | {place for place in usable if self.chance.random() < _OPTIONAL}
            for condition in conditions * 2:
                if not holds(condition, sorted(given)):
                    given = self._mended(given, condition, required)
            given = given.intersection(usable) or set(usable[:1])
            if all(holds(condition, sorted(given)) for condition in conditions):
                return given
        raise ValueError(f"no choice of elements meets {', '.join(map(str, conditions))}")

    def _mended(self, given: set[int], condition: Condition, required: set[int]) -> set[int]:
        kind, places = condition
        if kind in "RLO" and not given.intersection(places[1:] if kind == "L" else places):
            return given | {self.chance.choice(places[1:] if kind == "L" else places)}
        if kind in "PC":
            return given | set(places)
        kept = next((place for place in places if place in required), self.chance.choice(places))
        return given - (set(places) - {kept})

    def _field(self, field: Field) -> str:
        again = field.repeats > 1 and self.chance.random() < _OPTIONAL
        return REPETITION.join(self._one(field) for _ in range(2 if again else 1))

    def _one(self, field: Field) -> str:
        held = field.holds
        if isinstance(held, Composite):
            given = self._given(held.fields, held.conditions)
            parts = [self._one(each) if place in given else "" for place, each in enumerate(held.fields, 1)]
            if held.pictures is not None:
                self._draw(parts, held.pictures)
            return COMPONENT.join(parts).rstrip(COMPONENT)
        if field.codes is not None:
            fitting = [code for code in field.codes.meanings if held.shortest <= len(code) <= held.longest]
            if fitting:
                return self.chance.choice(fitting)
        return value(held, self.chance)

    def _draw(self, parts: list[str], pictures: Pictures) -> None:
        """Write a date as the code behind it says."""
        at = pictures.place
        picture = dict(pictures.by_code).get(parts[at])
        if parts[at - 1] and picture is not None:
            parts[at - 1] = "".join(_PICTURED[part](self.chance) for part in parts_of(picture))

    def _prove(self, segment: Segment, rule: CheckDigit) -> None:
        """Put a number that proves itself where a qualifier says that one stands."""
        qualifier, part = rule.qualifier
        if qualifier and qualifier < len(segment):
            parts = segment[qualifier].split(COMPONENT)
            if part <= len(parts) and parts[part - 1] in rule.values:
                place, own = rule.place
                numbers = segment[place].split(COMPONENT)
                if own <= len(numbers) and numbers[own - 1]:
                    numbers[own - 1] = completed(rule.scheme, "".join(self._digit() for _ in range(18)))
                    segment[place] = COMPONENT.join(numbers)

    def _digit(self) -> str:
        return str(self.chance.randrange(0, 10))


def value(element: Element, chance: Chance) -> str:
    """A value that an element may have."""
    length = chance.randrange(element.shortest, max(element.shortest, min(element.longest, _VALUE_MAX)) + 1)
    return _VALUES[element.type](element, length, chance)


def _text(_element: Element, length: int, chance: Chance) -> str:
    inner = "".join(chance.choice(_TEXT) for _ in range(length - 1))
    return f"{inner}{chance.choice(_LETTERS)}".lstrip().rjust(length, "X")


def _code(_element: Element, length: int, chance: Chance) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(length))


def _letters(_element: Element, length: int, chance: Chance) -> str:
    return "".join(chance.choice(_LETTERS[:26]) for _ in range(length))


def _date(element: Element, _length: int, chance: Chance) -> str:
    date = f"20{chance.randrange(10, 40)}{chance.randrange(1, 13):02}{chance.randrange(1, _DAYS + 1):02}"
    return date[2:] if element.longest < len(date) else date


def _time(_element: Element, length: int, chance: Chance) -> str:
    time = f"{chance.randrange(0, 24):02}{chance.randrange(0, 60):02}{chance.randrange(0, 60):02}"
    return time if length >= len(time) else time[:4]


def _digits(_element: Element, length: int, chance: Chance) -> str:
    return "".join(str(chance.randrange(0, 10)) for _ in range(length))


def _decimal(element: Element, length: int, chance: Chance) -> str:
    digits = _digits(element, length, chance)
    point = chance.randrange(1, length + 1)
    return digits if point == length else f"{digits[:point]}.{digits[point:]}"


def _two(chance: Chance, start: int, stop: int) -> str:
    return f"{chance.randrange(start, stop):02}"


_PICTURED: Final[dict[str, Callable[[Chance], str]]] = {
    "CCYYMMDD": lambda chance: _date(_LONG_DATE, 8, chance),
    "YYMMDD": lambda chance: _date(_LONG_DATE, 8, chance)[2:],
    "CCYYMM": lambda chance: "20" + _two(chance, 10, 40) + _two(chance, 1, 13),
    "CCYYWW": lambda chance: "20" + _two(chance, 10, 40) + _two(chance, 1, 54),
    "CCYY": lambda chance: "20" + _two(chance, 10, 40),
    "YYMM": lambda chance: _two(chance, 10, 40) + _two(chance, 1, 13),
    "YYWW": lambda chance: _two(chance, 10, 40) + _two(chance, 1, 54),
    "HHMM": lambda chance: _two(chance, 0, 24) + _two(chance, 0, 60),
    "SS": lambda chance: _two(chance, 0, 60),
    "ZZZ": lambda chance: chance.choice(["UTC", "CET", "+01"]),
    "-": lambda _chance: "",
}

_VALUES: Final[dict[str, Callable[[Element, int, Chance], str]]] = {
    "AN": _text,
    "B": _text,
    "an": _text,
    "a": _letters,
    "ID": _code,
    "DT": _date,
    "TM": _time,
    "N0": _digits,
    "N2": _digits,
    "R": _decimal,
    "n": _decimal,
}
