"""One segment against its definition: a quick yes or no, and in words what is wrong.

Sentences are for whoever reads them at night: the place, what stands there, what should, what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, REPETITION
from crossdock.formats.edi.check_digits import SCHEMES
from crossdock.formats.edi.findings import Flaw
from crossdock.formats.edi.grammar import (
    CheckDigit,
    Codes,
    Composite,
    Condition,
    Element,
    Field,
    Pictures,
    Segment,
    When,
)
from crossdock.formats.edi.patterns import compile_segment, compile_value
from crossdock.formats.edi.pictures import picture_pattern

_CODES_MAX: Final = 15
_CODES_SHOWN: Final = 6
_FLAWS_MAX: Final = 50
_CONTROL: Final = re.compile(r"[\x00-\x1c\x7f]")
_UNDECODED: Final = re.compile(r"[\ud800-\udfff]")
_MEANS: Final = {
    "AN": "text",
    "B": "text",
    "ID": "a code of capital letters and digits",
    "DT": "a date",
    "TM": "a time HHMM[SS[dd]]",
    "N0": "a whole number",
    "N2": "a number with two implied decimals (65940 for 659.40)",
    "R": "a decimal number",
    "an": "text",
    "a": "letters only",
    "n": "a number",
}
_NUMERIC: Final = frozenset({"N0", "N2", "R", "n"})
_NUMBERS: Final = {
    "aba": "bank routing number",
    "container": "container number",
    "gln": "GLN",
    "gtin": "GTIN",
    "imo": "IMO number",
    "sscc": "SSCC",
}
_MARKS: Final = str.maketrans("", "", "-.,")


class ElementFlaw(NamedTuple):
    """What is wrong with one element, such as `AT7-05` or `DTM-01:2`; of a whole segment `element` is empty.

    `value` is canonical, as long as it stood there.
    """

    element: str
    flaw: Flaw
    problem: str
    value: str = ""
    is_warning: bool = False


class SegmentCheck:
    """A segment's definition, made ready to hold segments against.

    `has_remarks`: it asks for more than elements and conditions: rules by value, check digits.
    """

    __slots__ = ("_pattern", "_qualifiers", "definition", "has_remarks")

    def __init__(self, definition: Segment) -> None:
        self.definition = definition
        self.has_remarks = bool(definition.whens or definition.check_digits)
        self._pattern: re.Pattern[str] | None = None
        # What stands in an element wherever a number has to prove itself; None where that cannot be told so quickly.
        rules, fields = definition.check_digits, definition.fields
        is_plain = all(rule.values and isinstance(fields[rule.qualifier[0] - 1].holds, Element) for rule in rules)
        self._qualifiers = frozenset[str]().union(*(rule.values for rule in rules)) if is_plain else None

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches a canonical segment that has no flaw; compiled when it is first needed."""
        if self._pattern is None:
            self._pattern = compile_segment(self.definition)
        return self._pattern

    def flaws(self, segment: list[str]) -> list[ElementFlaw]:
        """Everything that is wrong with a segment's elements and conditions, in order."""
        found: list[ElementFlaw] = []
        id_, fields = self.definition.id, self.definition.fields
        for place, field in enumerate(fields, 1):
            value = segment[place] if place < len(segment) else ""
            found += _field(f"{id_}-{place:02}", field, value)
        if not self.definition.may_be_empty and not any(segment[1:]):
            found.append(ElementFlaw("", Flaw.EMPTY, f"{id_} holds nothing; a segment needs an element"))
        if self.definition.grows:
            # A later release may have the code.
            found = [flaw._replace(is_warning=True) if flaw.flaw is Flaw.CODE else flaw for flaw in found]
        extra = len(fields) + 1
        if len(segment) > extra and not self.definition.open:
            extra = next((place for place in range(extra, len(segment)) if segment[place]), extra)
            later = self.definition.grows
            problem = f"is one too many: {id_} has {len(fields)} elements" + " in the releases we know" * later
            found.append(ElementFlaw(f"{id_}-{extra:02}", Flaw.EXTRA, problem, segment[extra], later))
        if self.definition.open or self.definition.grows:
            for place, value in enumerate(segment[extra:], extra):
                found += _characters(f"{id_}-{place:02}", f"element {place}", value)
        given = [place for place, value in enumerate(segment) if place and value]
        names = [f"{id_}-{place:02} ({_name(field)})" for place, field in enumerate(fields, 1)]
        found += [
            _broken(condition, names, "") for condition in self.definition.conditions if not holds(condition, given)
        ]
        return found[:_FLAWS_MAX]

    def remarks(self, segment: list[str]) -> list[ElementFlaw]:
        """What its rules by value and check digits say."""
        found = []
        id_, fields, width = self.definition.id, self.definition.fields, len(segment)
        for place, values, needs, says in self.definition.whens:
            if place >= width or segment[place] not in values:
                continue
            for need in needs:
                if need >= width or not segment[need]:
                    problem = f"({_name(fields[need - 1])}) is missing; it is required {says}"
                    flaw = ElementFlaw(f"{id_}-{need:02}", Flaw.CONDITION, problem, is_warning=True)
                    found.append(flaw)
        if self._qualifiers is not None and self._qualifiers.isdisjoint(segment):
            return found
        for rule in self.definition.check_digits:
            wrong = _check_digit(rule, segment)
            if wrong is not None:
                found.append(ElementFlaw(f"{id_}-{rule.place[0]:02}", Flaw.CHECK_DIGIT, *wrong, is_warning=True))
        return found


def holds(condition: Condition, given: list[int]) -> bool:
    """Whether the places that are given meet a condition."""
    kind, places = condition
    first = places[0] in given
    if kind in "CLN" and not first:
        return True
    count = sum(place in given for place in places)
    return {
        "P": count in (0, len(places)),
        "R": count > 0,
        "E": count <= 1,
        "C": count == len(places),
        "L": count > 1,
        "N": count == 1,
        "O": count == 1,
    }[kind]


def _field(reference: str, field: Field, value: str) -> Iterator[ElementFlaw]:
    """The flaws of what stands in one place."""
    name = _name(field)
    if not value:
        if field.required:
            yield ElementFlaw(reference, Flaw.REQUIRED, f"({name}) is missing; it is mandatory")
        return
    if not field.repeats:
        yield ElementFlaw(reference, Flaw.UNUSED, f"({name}) is not used with this partner", value)
        return
    values = value.split(REPETITION)
    if len(values) > field.repeats:
        problem = f"({name}) is given {len(values)} times; {field.repeats} is the most"
        yield ElementFlaw(reference, Flaw.ELEMENT_REPEAT, problem, value)
        return
    for each in values:
        if isinstance(field.holds, Element):
            yield from _value(reference, name, field.holds, field.codes, each)
        else:
            yield from _composite(reference, field.holds, each)


def _composite(reference: str, composite: Composite, value: str) -> Iterator[ElementFlaw]:
    parts = value.split(COMPONENT)
    for place, field in enumerate(composite.fields, 1):
        yield from _field(f"{reference}:{place}", field, parts[place - 1] if place <= len(parts) else "")
    extra = len(composite.fields)
    if len(parts) > extra:
        extra = next((place for place in range(extra, len(parts)) if parts[place]), extra)
        problem = f"is one too many: {reference} has {len(composite.fields)} components"
        yield ElementFlaw(f"{reference}:{extra + 1}", Flaw.EXTRA, problem, parts[extra])
    given = [place for place, part in enumerate(parts, 1) if part]
    names = [f"{reference}:{place} ({_name(field)})" for place, field in enumerate(composite.fields, 1)]
    for condition in composite.conditions:
        if not holds(condition, given):
            yield _broken(condition, names, reference)
    if composite.pictures is not None:
        yield from _pictured(composite.pictures, reference, names, parts)


def _pictured(pictures: Pictures, reference: str, names: list[str], parts: list[str]) -> Iterator[ElementFlaw]:
    """A date that is not written as the code behind it says."""
    place = pictures.place
    if len(parts) <= place or not parts[place - 1]:
        return
    code = parts[place]
    picture = dict(pictures.by_code).get(code)
    if picture is not None and not re.fullmatch(picture_pattern(picture), parts[place - 1]):
        name = names[place - 1].partition(" ")[2]
        problem = f"{name} must be {picture}, as the {code} behind it says"
        yield ElementFlaw(f"{reference}:{place}", Flaw.DATE, problem, parts[place - 1])


def _value(reference: str, name: str, element: Element, codes: Codes | None, value: str) -> Iterator[ElementFlaw]:
    if COMPONENT in value:
        yield ElementFlaw(reference, Flaw.EXTRA, f"({name}) has components, and may have none", value)
        return
    if compile_value(element, codes).match(value):
        return
    flaws = list(_characters(reference, name, value))
    if flaws:
        yield from flaws
        return
    length = len(value.translate(_MARKS)) if element.type in _NUMERIC else len(value)
    # A length means something only for a value of the right kind.
    any_length = element._replace(shortest=1, longest=max(length, 1)) if element.type not in ("DT", "TM") else element
    if not compile_value(any_length).match(value):
        yield ElementFlaw(reference, _kind(element), f"({name}) must be {_wanted(element)}", value)
    elif not element.shortest <= length <= element.longest:
        flaw = Flaw.SHORT if length < element.shortest else Flaw.LONG
        allowed = str(element.shortest)
        if element.longest != element.shortest:
            allowed += f" to {element.longest}"
        counted = "digits" if element.type in _NUMERIC else "characters"
        problem = f"({name}) has {length} {counted}; allowed are {allowed}"
        yield ElementFlaw(reference, flaw, problem, value)
    elif codes is not None:
        problem = f"({name}) is not in the code list: {_listed(codes)}"
        yield ElementFlaw(reference, Flaw.CODE, problem, value)


def _characters(reference: str, name: str, value: str) -> Iterator[ElementFlaw]:
    """What no value may hold, of whatever kind."""
    if _UNDECODED.search(value):
        yield ElementFlaw(reference, Flaw.ENCODING, f"({name}) is not UTF-8; send the text as UTF-8", value)
    elif _CONTROL.search(value):
        yield ElementFlaw(reference, Flaw.CHARACTER, f"({name}) holds a control character; remove it", value)


def _listed(codes: Codes) -> str:
    """A short code list, or the beginning of a long one."""
    entries = [f"{code} {meaning}".strip() for code, meaning in codes.meanings.items()]
    if len(entries) <= _CODES_MAX:
        return ", ".join(entries)
    return f"{', '.join(entries[:_CODES_SHOWN])} and {len(entries) - _CODES_SHOWN} more"


def _kind(element: Element) -> Flaw:
    if element.type in _NUMERIC:
        return Flaw.NUMBER
    return {"DT": Flaw.DATE, "TM": Flaw.TIME}.get(element.type, Flaw.CHARACTER)


def _wanted(element: Element) -> str:
    if element.type == "DT":
        pictures = ("YYMMDD", "CCYYMMDD")
        return "a date " + " or ".join(each for each in pictures if element.shortest <= len(each) <= element.longest)
    return _MEANS[element.type]


def _broken(condition: Condition, names: list[str], reference: str) -> ElementFlaw:
    """A condition that does not hold, in words; the element is the composite that it belongs to, if it does."""
    places = [names[place - 1] for place in condition.places]
    first, others = places[0], places[1:]
    problem = {
        "P": f"{_and(places)} come together or not at all",
        "R": f"one of {_or(places)} is needed",
        "E": f"only one of {_or(places)} may be given",
        "C": f"{first} needs {_and(others)}",
        "L": f"{first} needs {_or(others)}",
        "N": f"{first} excludes {_or(others)}",
        "O": f"exactly one of {_or(places)} is needed",
    }[condition.kind]
    flaw = Flaw.EXCLUSION if condition.kind in "EN" else Flaw.CONDITION
    return ElementFlaw(reference, flaw, problem, str(condition))


def _check_digit(rule: CheckDigit, segment: list[str]) -> tuple[str, str] | None:
    """The problem with a number and the number, if it does not prove itself."""
    if rule.values and _at(segment, rule.qualifier) not in rule.values:
        return None
    value = _at(segment, rule.place)
    wrong = SCHEMES[rule.scheme](value) if value else None
    return None if wrong is None else (f"({_NUMBERS[rule.scheme]}) {wrong}", value)


def _at(segment: list[str], place: tuple[int, int]) -> str:
    element, component = place
    value = segment[element] if element < len(segment) else ""
    if COMPONENT not in value:
        return value if component == 1 else ""
    parts = value.split(COMPONENT)
    return parts[component - 1] if component <= len(parts) else ""


def _name(field: Field) -> str:
    return field.holds.name or f"element {field.holds.number}"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


__all__ = ["ElementFlaw", "SegmentCheck", "When", "holds"]
