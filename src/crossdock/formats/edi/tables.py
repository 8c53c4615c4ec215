"""How grammars are written: dictionaries and documents as plain tables, and how a release is read out of them.

A table is text, an entry a line; a line that begins with a blank continues the one before.

    elements    127 AN 1-30 reference @005010 AN 1-50;        number, type, length, meaning; what changed and when
    composites  C040 reference identifier | 128! 127! 128 127 | P0304
    segments    N1 party | 98! 93 66 67 706@005010 | R0203 P0304
    codes       623! LT local | UT UTC | @005010 ZZ other     `!` after the number closes the list
    values      7077 A B C D E F S X                          a closed list of which the codes tell only some meanings
    documents   B10!                                          a segment, once; `!` makes it mandatory
                L11 300                                       up to 300 times
                LX 9999                                       with deeper lines below it: a loop that it opens
                  AT7 10

In the places of segments and composites `!` makes an element mandatory, `^9` lets it repeat nine times, `235,234*10`
is ten such pairs (and `P0607*10` the conditions of ten pairs); `...` ends a row whose further elements are taken as
they come. `@005010` holds from that release on, `<005010` before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from crossdock.formats.edi.grammar import (
    UNBOUNDED,
    CheckDigit,
    Codes,
    Composite,
    Element,
    Field,
    Loop,
    Pictures,
    Segment,
    Use,
    When,
    conditions_of,
)

_FIELD: Final = re.compile(
    r"(?P<number>[0-9A-Z]+)(?P<required>!?)(?:\^(?P<repeats>\d+))?(?:@(?P<since>\w+))?(?:<(?P<until>\w+))?"
)
_USE: Final = re.compile(
    r"(?P<id>[A-Z0-9]{2,3})(?P<required>!?)(?: (?P<limit>\d+))?(?: @(?P<since>\w+))?(?: <(?P<until>\w+))?"
)
_INDENT: Final = 2


class Written(NamedTuple):
    """A document as it is written: its code, what its group is called, its name, and the table of its uses."""

    code: str
    group: str
    name: str
    uses: str


class _Segment(NamedTuple):
    name: str
    fields: str
    conditions: str


class Dictionary:
    """The elements, composites, segments and code lists of a standard, in all the releases that its tables know.

    `rules` are by segment id: what its values ask for beyond the standard's own conditions; `pictures` by composite.
    `may_be_empty`: segments without elements are segments.
    After the release `complete_until` segments may have elements, and elements codes, that the tables do not know.
    """

    def __init__(  # noqa: PLR0913  (each a table, by its name)
        self,
        *,
        elements: Iterable[str],
        segments: Iterable[str],
        composites: Iterable[str] = (),
        codes: Iterable[str] = (),
        values: Iterable[str] = (),
        rules: Mapping[str, tuple[When | CheckDigit, ...]] | None = None,
        pictures: Mapping[str, Pictures] | None = None,
        complete_until: str,
        may_be_empty: bool = False,
    ) -> None:
        self._tables = (tuple(elements), tuple(segments), tuple(composites), tuple(codes), tuple(values))
        self._rules = rules or {}
        self._pictures = pictures or {}
        self._complete_until = complete_until
        self._may_be_empty = may_be_empty
        self._made: dict[tuple[str, str], Segment] = {}
        self._code_lists: dict[tuple[str, str], Codes] = {}

    def segment(self, id_: str, release: str) -> Segment:
        """A segment as a release has it. Raises `KeyError` for an id that no table has."""
        key = (id_, release)
        if key not in self._made:
            row = self._segments[id_]
            rules = self._rules.get(id_, ())
            self._made[key] = Segment(
                id_,
                self._fields_of(row.fields.removesuffix("..."), release),
                conditions_of(" ".join(_at_release(row.conditions, release))),
                row.name,
                tuple(rule for rule in rules if isinstance(rule, When)),
                tuple(rule for rule in rules if isinstance(rule, CheckDigit)),
                open=row.fields.endswith("..."),
                grows=release > self._complete_until,
                may_be_empty=self._may_be_empty,
            )
        return self._made[key]

    def ids(self) -> list[str]:
        """The ids of all segments."""
        return list(self._segments)

    def codes(self, number: str, release: str) -> Codes | None:
        """The code list of an element as a release has it."""
        written = self._codes.get(number)
        if written is None:
            return None
        key = (number, release)
        if key not in self._code_lists:
            closed, entries = written
            held = [entry for written_entry in entries for entry in _entry_at(written_entry.strip(), release)]
            self._code_lists[key] = Codes(dict(entry.partition(" ")[::2] for entry in held), closed=closed)
        return self._code_lists[key]

    def element(self, number: str, release: str) -> Element:
        """An element as a release has it."""
        first, *changes = self._elements[number].split(" @")
        type_, length, *name = first.split(" ", 2)
        for change in changes:
            since, changed_type, changed_length = change.split()
            if release >= since:
                type_, length = changed_type, changed_length
        shortest, _, longest = length.partition("-")
        return Element(number, type_, int(shortest), int(longest or shortest), " ".join(name))

    def _fields_of(self, written: str, release: str) -> tuple[Field, ...]:
        fields = []
        for text in _expanded(written):
            match = _FIELD.fullmatch(text)
            if match is None:
                raise ValueError(f"{text!r} is no place of a segment; write 98, 98!, C040^5 or 706@005010")
            if not _holds(match["since"], match["until"], release):
                continue
            number, required = match["number"], bool(match["required"])
            row = self._composites.get(number)
            holds: Element | Composite
            if row is not None:
                conditions = conditions_of(row.conditions)
                fields_of_it = self._fields_of(row.fields, release)
                holds = Composite(number, fields_of_it, conditions, row.name, self._pictures.get(number))
                codes = None
            else:
                holds = self.element(number, release)
                codes = self.codes(number, release)
            # Elements repeat in the releases after the one that our tables are whole for, not before.
            repeats = int(match["repeats"] or 1) if release > self._complete_until else 1
            fields.append(Field(holds, required, repeats, codes))
        return tuple(fields)

    @cached_property
    def _elements(self) -> dict[str, str]:
        entries = [entry.strip() for line in _lines(self._tables[0]) for entry in line.split(";")]
        return _by_first_word([entry for entry in entries if entry])

    @cached_property
    def _segments(self) -> dict[str, _Segment]:
        return dict(map(_segment, _lines(self._tables[1])))

    @cached_property
    def _composites(self) -> dict[str, _Segment]:
        return dict(map(_segment, _lines(self._tables[2])))

    @cached_property
    def _codes(self) -> dict[str, tuple[bool, list[str]]]:
        rows = _by_first_word(_lines(self._tables[3]))
        lists = {number.rstrip("!"): (number.endswith("!"), text.split(" | ")) for number, text in rows.items()}
        for number, text in _by_first_word(_lines(self._tables[4])).items():
            told = lists.get(number, (True, []))[1]
            known = {entry.partition(" ")[0] for entry in told}
            lists[number] = (True, told + [code for code in text.split() if code not in known])
        return lists


def uses_of(written: str, dictionary: Dictionary, release: str) -> tuple[Use | Loop, ...]:
    """The tree of a document from its table, as a release has it."""
    lines = [line for line in written.splitlines() if line.strip()]
    return _uses(lines, 0, dictionary, release)


def _uses(lines: list[str], depth: int, dictionary: Dictionary, release: str) -> tuple[Use | Loop, ...]:
    uses: list[Use | Loop] = []
    at = 0
    while at < len(lines):
        line, begin = lines[at], at + 1
        at = begin
        while at < len(lines) and _depth(lines[at]) > depth:
            at += 1
        match = _USE.fullmatch(line.strip())
        if match is None or _depth(line) != depth:
            raise ValueError(f"{line!r} is no line of a document; write `B10!`, `L11 300` or `L11 10 @005010`")
        if not _holds(match["since"], match["until"], release):
            continue
        segment, required = dictionary.segment(match["id"], release), bool(match["required"])
        limit = int(match["limit"] or 1)
        if at == begin:
            uses.append(Use(segment, required, limit))
        else:
            inner = _uses(lines[begin:at], depth + _INDENT, dictionary, release)
            uses.append(Loop((Use(segment, required=True), *inner), required, min(limit, UNBOUNDED)))
    return tuple(uses)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _holds(since: str | None, until: str | None, release: str) -> bool:
    return (since is None or release >= since) and (until is None or release < until)


def _expanded(written: str) -> list[str]:
    """Places with `235,234*10` written out."""
    places: list[str] = []
    for word in written.split():
        group, star, times = word.partition("*")
        places += group.split(",") * int(times) if star else [word]
    return places


def _at_release(written: str, release: str) -> list[str]:
    """The conditions that hold in a release, `P0607*10` written out: `P0102 C0403@005010`."""
    kept: list[str] = []
    for word in written.split():
        text, _, until = word.partition("<")
        text, _, since = text.partition("@")
        text, _, times = text.partition("*")
        if _holds(since or None, until or None, release):
            first, second = int(text[1:3]), int(text[3:5])
            pairs = (f"{text[0]}{first + 2 * at:02}{second + 2 * at:02}" for at in range(int(times or 1)))
            kept += pairs if times else [text]
    return kept


def _entry_at(written: str, release: str) -> list[str]:
    """An entry of a code list, if it holds in a release: `@005010 E declined`."""
    if not written.startswith(("@", "<")):
        return [written]
    bound, _, entry = written[1:].partition(" ")
    holds = release >= bound if written[0] == "@" else release < bound
    return [entry] if holds else []


def _lines(tables: tuple[str, ...]) -> list[str]:
    joined: list[str] = []
    for table in tables:
        for line in table.splitlines():
            if line.startswith(" ") and joined:
                joined[-1] += " " + line.strip()
            elif line.strip():
                joined.append(line.strip())
    return joined


def _by_first_word(lines: list[str]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in lines:
        first, _, rest = line.partition(" ")
        if first.rstrip("!") in {known.rstrip("!") for known in (first, first + "!") if known in rows}:
            raise ValueError(f"{first} stands twice in the table")
        rows[first] = rest
    return rows


def _segment(line: str) -> tuple[str, _Segment]:
    head, _, rest = line.partition("|")
    id_, _, name = head.strip().partition(" ")
    fields, _, conditions = rest.partition("|")
    return id_, _Segment(name.strip(), fields.strip(), conditions.strip())
