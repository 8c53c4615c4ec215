"""The walk over an interchange, one segment at a time: the same for X12 and EDIFACT, for reading and for checking.

The loop in `run` is all that happens to a segment with which everything is well: it is split, its pattern is matched,
the table says where it leads. Only what a table entry marks as special, or what does not match, costs a call.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from crossdock.formats.edi.automaton import ANYTHING, NOWHERE, Row, Step
from crossdock.formats.edi.canonical import ELEMENT
from crossdock.formats.edi.document import Interchange, InterchangeEnd, Part, Segment, Separators
from crossdock.formats.edi.envelopes import Envelopes
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.guide import Guide
from crossdock.formats.edi.segment_check import ElementFlaw, SegmentCheck
from crossdock.formats.edi.tokens import Token
from crossdock.formats.excerpt import excerpt

DOCUMENT_SEGMENTS_MAX: Final = 100_000
# From here on a stream is taken for one that does not end.
ENDLESS_SEGMENTS: Final = 10_000_000
ENDLESS_DOCUMENTS: Final = 10_000_000
HIERARCHY_MAX: Final = 100_000

# A flaw of an element in an envelope is told; what is missing or too much refuses.
_GRAVE: Final = frozenset({Flaw.REQUIRED, Flaw.EXTRA, Flaw.ENCODING})


class Reading(Envelopes):
    """The reading of one message.

    `keep`: documents keep their segments; without, a document of any length takes no memory.
    """

    control_segments: frozenset[str]
    # The ids of this standard's envelope: what begins a document, what stands between groups, what ends it all.
    document_header: str
    between_groups: frozenset[str]
    interchange_trailer: str

    number = 0

    def __init__(self, guide: Guide, *, keep: bool) -> None:
        super().__init__(guide)
        self.keep = keep
        self.row: Row = _NOWHERE
        self.counts: list[int] = []

    def parts_of(self, tokens: Iterable[Token]) -> Iterator[Part]:
        """The parts of a message from its tokens."""
        for token in tokens:
            if isinstance(token, Interchange):
                # Shown once its header is read.
                self.begin_interchange(token)
                continue
            self.run(token)
            parts = self.parts
            if parts:
                self.parts = []
                yield from parts
            if self.is_endless():
                break
        self.finish()
        yield from self.parts

    def all_parts(self, tokens: Iterable[Token]) -> list[Part]:
        """The same at once, for a message that is all there."""
        for token in tokens:
            if isinstance(token, Interchange):
                self.begin_interchange(token)
            else:
                self.run(token)
        self.finish()
        return self.parts

    def run(self, texts: list[str]) -> None:
        """Take some segments; what they complete is added to the parts."""
        number, row, counts = self.number, self.row, self.counts
        segments, places = self.segments, self.places
        for text in texts:
            number += 1
            elements = text.split(ELEMENT)
            match, next_row, place, limit, reset, special, check = row[elements[0]]
            if match(text) is None:
                elements = self.explain(number, elements, text, check)
            if limit:
                count = counts[place] + 1
                counts[place] = count
                if count > limit:
                    self.too_many(number, elements, text, place, limit)
            if reset is not None:
                counts[reset[0] : reset[1]] = reset[2]
            row = next_row
            if special is not None:
                self.row = row
                # An empty row is false, so `or` would not do.
                after = special(self, number, elements, text)
                if after is not None:
                    row = after
                counts, segments, places = self.counts, self.segments, self.places
                if place == NOWHERE:
                    continue
            segments.append(elements)
            places.append(place)
        self.number, self.row = number, row
        if len(segments) > DOCUMENT_SEGMENTS_MAX or not self.keep:
            self.forget()

    def begin_interchange(self, interchange: Interchange) -> None:
        """An interchange begins; the one before it is over."""
        self.finish_interchange()
        self.interchange = interchange
        self.in_interchange = True
        self.parts.append(interchange)
        self.open(interchange)

    def finish(self) -> None:
        """The message is over."""
        self.finish_interchange()
        if not self.in_interchange:
            empty = Interchange(self.standard, self.guide, 0, Separators("", "", ""))
            problem = "the message is empty; send an interchange"
            empty.findings.add(Finding(0, "byte 0", "", self.standard, Flaw.EMPTY, problem))
            self.parts += [empty, InterchangeEnd(empty, self.place)]

    def is_endless(self) -> bool:
        """Whether a document or an interchange is longer than any would be: nobody should wait for its end."""
        if self.in_document and self.number - self.document.number > ENDLESS_SEGMENTS:
            what = f"the document has more than {ENDLESS_SEGMENTS:,} segments"
        elif self.in_interchange and self.interchange.documents > ENDLESS_DOCUMENTS:
            what = f"the interchange has more than {ENDLESS_DOCUMENTS:,} documents"
        else:
            return False
        self.found.add(self.finding(self.number, "", "", Flaw.SIZE, f"{what}; what follows is not read"))
        return True

    def forget(self) -> None:
        """Let go of the segments of a document that nobody wants to see, or that is too long to be shown."""
        if self.keep and self.in_document and not self.is_too_long:
            self.is_too_long = True
            problem = f"the document has more than {DOCUMENT_SEGMENTS_MAX:,} segments; have it sent in several"
            self.document.findings.add(self.finding(self.number, "", "", Flaw.SIZE, problem))
        self.segments.clear()
        self.places.clear()

    # -- envelopes: what each standard does ------------------------------------------------------------------------

    @abstractmethod
    def open(self, interchange: Interchange) -> None:
        """An interchange begins; its header is the next segment."""

    @abstractmethod
    def end_document(self, number: int, elements: Segment, text: str, missing: tuple[str, ...]) -> Row:
        """A trailer ends the document; `missing` are mandatory segments that had not come."""

    @abstractmethod
    def row_of_group(self) -> Row:
        """What may follow inside the group that is open."""

    @abstractmethod
    def row_between_groups(self) -> Row:
        """What may follow outside of groups."""

    # -- envelopes: what is the same -------------------------------------------------------------------------------

    def broken_off(self, number: int, elements: Segment, text: str) -> Row | None:
        """A segment stands where none such may: what it ends, ends without its trailer."""
        id_ = elements[0]
        if self.in_document:
            self.break_off_document(id_)
            row = self.row_of_group()
        elif self.in_group and id_ in self.between_groups:
            self.break_off_group(id_)
            row = self.row_between_groups()
        else:
            self._misplaced(number, id_, text)
            return None
        self.row = row
        step = row.get(id_)
        if step is None:
            after = self.broken_off(number, elements, text)
        else:
            assert step.special is not None, "every step of an envelope has one"  # noqa: S101
            after = step.special(self, number, elements, text)
        return self.row if after is None else after

    def _misplaced(self, number: int, id_: str, text: str) -> None:
        if id_ == self.document_header:
            self.place += 1
            self.interchange.documents += 1
        where = "between documents of a group" if self.in_group else "outside groups"
        problem = f"{excerpt(id_)} stands {where}, where no such segment may"
        if self.interchange.trailer:
            problem = f"{excerpt(id_)} follows {self.interchange_trailer}, where the interchange is over"
        self.found.add(self.finding(number, id_, "", Flaw.ENVELOPE, problem, id_, text))

    def passed(self, _number: int, _elements: Segment, _text: str) -> Row | None:
        """A segment of the envelope that says nothing to us."""
        return None

    # -- what is wrong ---------------------------------------------------------------------------------------------

    def report(self, number: int, elements: Segment, text: str, wrong: ElementFlaw) -> None:
        """Note what is wrong with an element."""
        is_envelope = elements[0] in self.control_segments
        problem = f"{wrong.element} {wrong.problem}" if wrong.element else wrong.problem
        finding = self.finding(number, elements[0], wrong.element, wrong.flaw, problem, wrong.value, text)
        is_harmless = wrong.flaw not in _GRAVE if is_envelope else wrong.flaw is Flaw.CODE and self.codes_are_agreed
        finding = finding._replace(is_warning=wrong.is_warning or is_harmless)
        # What a header or trailer belongs to is known only once it was taken.
        (self.envelope_findings if is_envelope else self.found).add(finding)

    def explain(self, number: int, elements: Segment, text: str, check: SegmentCheck | None) -> Segment:
        """Say why a segment does not match; gives its elements as they are to be read on, mended if they could be."""
        assert check is not None, "only a segment that is checked can fail"  # noqa: S101
        elements, repairs = self.guide.mend(check.definition, elements)
        for mended in repairs:
            self.interchange.repairs.note(
                mended.flaw, number, mended.reference, self.written(mended.before), self.written(mended.after)
            )
        for wrong in check.flaws(elements):
            self.report(number, elements, text, wrong)
        return elements

    def too_many(self, number: int, elements: Segment, text: str, place: int, limit: int) -> None:
        """A segment or loop stands once too often."""
        grammar = self.document.grammar
        opens = grammar is not None and grammar.places[place].opens
        id_ = elements[0]
        what = f"the loop of {id_}" if opens and limit > 1 else id_
        times = "once" if limit == 1 else f"{limit} times"
        problem = f"{what} may stand here {times}; this is one more"
        flaw = Flaw.LOOP_REPEAT if opens else Flaw.SEGMENT_REPEAT
        self.found.add(self.finding(number, id_, "", flaw, problem, "", text))

    def skipped(self, number: int, elements: Segment, text: str, missing: tuple[str, ...]) -> None:
        """Mandatory segments should have come before this one."""
        for id_ in missing:
            problem = f"{id_} is missing; it is mandatory before {elements[0]}"
            self.found.add(self.finding(number, id_, "", Flaw.SEGMENT_REQUIRED, problem, "", text))

    def stray(self, number: int, elements: Segment, text: str) -> Row | None:
        """A segment that leads nowhere from here."""
        id_ = elements[0]
        grammar = self.document.grammar if self.in_document else None
        if grammar is None or id_ in self.control_segments:
            return self.broken_off(number, elements, text)
        at, is_used_up = grammar.place_of(self.row, id_)
        if at >= 0 and is_used_up:
            self.too_many(number, elements, text, at, grammar.places[at].limit)
        elif at >= 0:
            problem = f"{id_} stands after segments that must follow it; move it up"
            self.found.add(self.finding(number, id_, "", Flaw.ORDER, problem, "", text))
        elif grammar.knows(id_):
            problem = f"{id_} does not belong here; it has its place elsewhere in the {grammar.definition.code}"
            self.found.add(self.finding(number, id_, "", Flaw.UNEXPECTED, problem, "", text))
        else:
            whose = f" of {grammar.definition.guide}" if grammar.definition.guide else ""
            problem = f"the {grammar.definition.code}{whose} has no segment {excerpt(id_)!r}"
            self.found.add(self.finding(number, id_, "", Flaw.UNKNOWN, problem, id_, text))
        self.segments.append(elements)
        self.places.append(NOWHERE)
        return None

    def hierarchy(self, number: int, elements: Segment, text: str) -> None:
        """A level of a hierarchy (HL, CPS) names itself and the level above it, which must have come before."""
        id_, *names = elements
        own = names[0] if names else ""
        parent = names[1] if len(names) > 1 else ""
        if parent and parent not in self.parents:
            problem = f"{id_}-02 (the level above) is {excerpt(parent)!r}, and no {id_} before has that number"
            self.found.add(self.finding(number, id_, f"{id_}-02", Flaw.PARENT, problem, parent, text))
        if own in self.parents:
            problem = f"{id_}-01 (the level's number) is {excerpt(own)!r}, as that of a level before"
            self.found.add(self.finding(number, id_, f"{id_}-01", Flaw.DUPLICATE, problem, own, text))
        if len(self.parents) < HIERARCHY_MAX:
            self.parents.add(own)


_NOWHERE: Final = Row(None, NOWHERE)

Handler = Callable[[Any, int, Segment, str], Row | None]
"""A method of a reading that takes a segment of the envelope."""


class Anything(Row):
    """The row of a document that we have no grammar of: every segment is taken, up to its trailer."""

    __slots__ = ("_control",)

    def __init__(self, control: frozenset[str], trailer: str) -> None:
        super().__init__(None, NOWHERE)
        self._control = control
        self[trailer] = Step(ANYTHING, self, NOWHERE, 0, None, _end, None)

    def __missing__(self, id_: str) -> Step:
        if id_ in self._control:
            return super().__missing__(id_)
        return Step(ANYTHING, self, NOWHERE, 0, None, None, None)


def _end(reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    return reading.end_document(number, elements, text, ())


def fixed(steps: Mapping[str, tuple[SegmentCheck | None, Handler]]) -> Row:
    """A row of the envelope: nothing but the segments named, each with what it sets off."""
    row = Row(None, NOWHERE)
    for id_, (check, handler) in steps.items():
        match = check.pattern.match if check is not None else ANYTHING
        row[id_] = Step(match, row, NOWHERE, 0, None, handler, check)
    return row
