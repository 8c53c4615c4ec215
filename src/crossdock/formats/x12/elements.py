"""Checks of single elements and of the conditions between them: quick when all is well, wordy when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, NamedTuple

from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12.grammar import Condition, Element, Segment

_MEANING: Final = {
    "AN": "text",
    "ID": "a code of capital letters and digits",
    "DT": "a date CCYYMMDD",
    "TM": "a time HHMM[SS[dd]]",
    "N0": "a whole number",
    "N2": "a number with two implied decimals (65940 for 659.40)",
    "R": "a decimal number",
}
_DATE: Final = r"[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?"


class Flaw(NamedTuple):
    """What is wrong with one element (`place` 1 for the first) or with a whole segment (`place` 0)."""

    place: int
    rule: str
    problem: str
    value: str


class SegmentCheck:
    """A segment's definition, made ready to test segments against.

    Which elements are present is a bit mask, so that mandatory elements and conditions cost one look into a table
    of the masks met before.
    """

    def __init__(self, definition: Segment, codes: Mapping[str, Mapping[str, str]]) -> None:
        self.definition = definition
        self.codes = codes
        self._open = definition.open
        self._width = len(definition.elements) + 1
        self._tests = [_test(element, codes.get(element.number)) for element in definition.elements]
        self._bits = [(place, 1 << place, test) for place, test in enumerate(self._tests, 1)]
        self._known: dict[int, bool] = {}

    def passes(self, segment: list[str]) -> bool:
        """Whether all is well; `flaws` tells what is not."""
        if self._open:
            return True
        given = len(segment)
        if given > self._width:
            return False
        present = 0
        for place, bit, test in self._bits:
            if place == given:
                break
            value = segment[place]
            if value:
                if not test(value):
                    return False
                present |= bit
        known = self._known.get(present)
        if known is None:
            known = self._known[present] = self._complete(present)
        return known

    def _complete(self, present: int) -> bool:
        required = (
            bit for element, (_, bit, _) in zip(self.definition.elements, self._bits, strict=True) if element.required
        )
        return all(present & bit for bit in required) and all(
            _holds(each, present) for each in self.definition.conditions
        )

    def flaws(self, segment: list[str]) -> list[Flaw]:
        """Everything that is wrong with the segment, in order of its elements."""
        if self.definition.open:
            return []
        found = []
        for place, (element, test) in enumerate(zip(self.definition.elements, self._tests, strict=True), 1):
            value = segment[place] if place < len(segment) else ""
            if not value and element.required:
                found.append(Flaw(place, "x12.required", "is mandatory; send it", ""))
            elif value and not test(value):
                found.append(self._explain(place, element, value))
        if len(segment) > self._width:
            problem = f"is one too many; the segment has {self._width - 1} elements"
            found.append(Flaw(self._width, "x12.extra", problem, excerpt(segment[self._width])))
        present = sum(1 << place for place, value in enumerate(segment) if value)
        found += [
            Flaw(0, "x12.condition", _explain_condition(condition, self.definition.id), str(condition))
            for condition in self.definition.conditions
            if not _holds(condition, present)
        ]
        return found

    def _explain(self, place: int, element: Element, value: str) -> Flaw:
        shown = excerpt(value)
        listed = self.codes.get(element.number)
        if _pattern(element).fullmatch(value) and listed is not None:
            known = ", ".join(sorted(listed)[:40])
            return Flaw(place, "x12.code", f"is not in the code list of element {element.number}: {known}", shown)
        unlimited = Element(element.number, element.type, 1, max(len(value), 1), element.required)
        if _pattern(unlimited).fullmatch(value):
            lengths = str(element.shortest)
            if element.longest != element.shortest:
                lengths += f" to {element.longest}"
            return Flaw(place, "x12.length", f"has {len(value)} characters; allowed are {lengths}", shown)
        return Flaw(place, "x12.type", f"must be {_MEANING[element.type]}", shown)


@cache
def _pattern(element: Element) -> re.Pattern[str]:
    low, high = element.shortest, element.longest
    lengths = f"{{{low},{high}}}"
    shapes = {
        "AN": rf"[^\x00-\x1f\x7f]{lengths}",
        "ID": rf"[0-9A-Z]{lengths}",
        "DT": _DATE,
        "TM": _TIME,
        "N0": rf"-?[0-9]{lengths}",
        "N2": rf"-?[0-9]{lengths}",
        # Neither sign nor point counts towards the length (X12.6 section 3.5.1).
        "R": rf"-?(?=(?:\.?[0-9]){lengths}\Z)(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    }
    return re.compile(shapes[element.type])


def _test(element: Element, codes: Mapping[str, str] | None) -> Callable[[str], object]:
    return _pattern(element).fullmatch if codes is None else codes.__contains__


def _holds(condition: Condition, present: int) -> bool:
    """Whether a segment with these elements meets a condition; `present` has the bit of each element that is given."""
    kind, places = condition
    given = [bool(present >> place & 1) for place in places]
    if kind in "CL" and not given[0]:
        return True
    count = sum(given)
    return {
        "P": count in (0, len(places)),
        "R": count > 0,
        "E": count <= 1,
        "C": count == len(places),
        "L": count > 1,
    }[kind]


def _explain_condition(condition: Condition, segment: str) -> str:
    names = [f"{segment}-{place:02}" for place in condition.places]
    first, others = names[0], names[1:]
    return {
        "P": f"{' and '.join(names)} come together or not at all",
        "R": f"one of {', '.join(names)} is needed",
        "E": f"only one of {', '.join(names)} may be given",
        "C": f"{first} needs {' and '.join(others)}",
        "L": f"{first} needs one of {', '.join(others)}",
    }[condition.kind]
