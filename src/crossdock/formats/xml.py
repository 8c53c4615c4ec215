"""XML (W3C 1.0) as a stream of records: elements of one path, each handed out as soon as it has ended.

A document may be read whole (its root is the record) or be a long list of records; then no more than one of them is in
memory, beside what stands around them. Nothing is fetched and nothing is expanded: a DOCTYPE that defines anything is
refused, and so is every entity but the five of XML itself. Namespaces are left out: an element goes by its local name,
an attribute by its name as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from weakref import ref
from xml.parsers import expat

from crossdock.formats.excerpt import around, excerpt
from crossdock.model.envelope import Rejection

NESTING_MAX: Final = 64
# Of a record with all that stands in it, and of all that stands around the records.
ELEMENTS_MAX: Final = 100_000
CHARACTERS_MAX: Final = 8_000_000
ANY: Final = "*"
_CHUNK_BYTES: Final = 65_536
_PROLOG_BYTES: Final = 4_096
# A DOCTYPE that only names a definition elsewhere says nothing that we need: blanked, any use of it is an error.
_DOCTYPE: Final = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*(<!DOCTYPE(?:"[^"]*"|'[^']*'|[^\["'>])*>)""", re.DOTALL
)
_CODES: Final = expat.errors.codes
_ENTITY: Final = frozenset({_CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]})
_TRUNCATED: Final = frozenset(
    _CODES[text]
    for text in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
                 expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION, expat.errors.XML_ERROR_PARTIAL_CHAR)
)  # fmt: skip
_ENCODING: Final = frozenset(
    _CODES[text] for text in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
)


class Element:
    """An element: its local name, its attributes, its own text, and the elements in it, each with its line.

    What stands around a record outlives it while the document is read; inside of it an element is kept by what it
    stands in, and only points back, so that a record that nobody holds is gone at once.
    """

    __slots__ = ("__weakref__", "_around", "attributes", "inside", "line", "name", "text")

    def __init__(
        self, name: str, attributes: dict[str, str], line: int, around: Element | None, *, within: bool
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self._around = ref(around) if within and around is not None else around
        self.inside: list[Element] = []
        self.text = ""

    @property
    def around(self) -> Element | None:
        """The element that it stands in; of that one, what was read before is there."""
        return self._around() if isinstance(self._around, ref) else self._around

    def named(self, name: str) -> list[Element]:
        """The elements in it of a name."""
        return [each for each in self.inside if each.name == name] if name != ANY else self.inside


class _Stop(Exception):
    """Reading ends here; what is wrong was written down."""


def read(raw: bytes, record: tuple[str, ...] = (), *, first_row: int = 0) -> Iterator[tuple[int, Element] | Rejection]:
    """The records of a document with their rows, and a `Rejection` where it has a defect: nothing is read behind that.

    `record` names the elements from the root down to a record (`*` is any name); empty, the root is the only record.
    """
    reader = _Reader(record)
    row, size = first_row, len(raw)
    clean = _without_doctype(raw)
    for start in range(0, max(size, 1), _CHUNK_BYTES):
        wrong = reader.feed(clean[start : start + _CHUNK_BYTES], final=start + _CHUNK_BYTES >= size)
        for element in reader.taken():
            yield row, element
            row += 1
        if wrong is not None:
            rule, problem, value, offset = wrong
            position = f"line {reader.line}, column {reader.column}"
            shown = around(raw, offset)
            yield Rejection(row=row, position=position, rule=rule, problem=problem, value=value, sample=shown)
            return
    if row == first_row:
        problem = f"the document holds no element {'/'.join(record)}; its root is {reader.root or 'missing'}"
        yield Rejection(row=row, position="line 1", rule="xml.record", problem=problem, value=excerpt(reader.root))


def _without_doctype(raw: bytes) -> bytes:
    found = _DOCTYPE.match(raw[:_PROLOG_BYTES])
    if found is None:
        return raw
    start, end = found.span(1)
    # Line ends stay, so that every position stays what it was.
    return raw[:start] + re.sub(rb"[^\r\n]", b" ", raw[start:end]) + raw[end:]


_Wrong = tuple[str, str, str, int]


class _Reader:
    def __init__(self, record: tuple[str, ...]) -> None:
        self._record = record
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._within = 0
        self._elements = self._characters = 0
        self._outside = (0, 0)
        self._done: list[Element] = []
        self._wrong: _Wrong | None = None
        self.root = ""
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._entity

    @property
    def line(self) -> int:
        """Where reading stands."""
        return self._parser.CurrentLineNumber

    @property
    def column(self) -> int:
        """The column there, from 1."""
        return self._parser.CurrentColumnNumber + 1

    def taken(self) -> Iterator[Element]:
        """The records that ended since the last call."""
        done, self._done = self._done, []
        yield from done

    def feed(self, chunk: bytes, *, final: bool) -> _Wrong | None:
        """Go on with these bytes; what is wrong with the document, if anything."""
        try:
            self._parser.Parse(chunk, final)
        except _Stop:
            return self._wrong
        except expat.ExpatError as bad:
            return self._defect(bad)
        except (LookupError, ValueError) as bad:  # an encoding that Python does not know, or knows as no charset
            return "text.encoding", f"its encoding cannot be read ({bad}); send it as UTF-8", "", 0
        return None

    def _defect(self, bad: expat.ExpatError) -> _Wrong:
        offset = max(0, self._parser.ErrorByteIndex)
        text = expat.ErrorString(bad.code)
        if bad.code in _ENTITY:
            return "xml.entity", "an entity that XML itself does not know; send the character", "", offset
        if bad.code in _ENCODING:
            return "text.encoding", f"{text}; send it as UTF-8", "", offset
        if bad.code in _TRUNCATED or (self._open and bad.code == _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]):
            return "xml.truncated", "the document ends too early; send all of it", "", offset
        return "xml.malformed", f"{text}; send valid XML", "", offset

    def _stop(self, rule: str, problem: str, value: str = "") -> None:
        self._wrong = (rule, problem, excerpt(value), max(0, self._parser.CurrentByteIndex))
        raise _Stop

    # -- what the parser finds -------------------------------------------------------------------------------------

    def _doctype(self, name: str, *_ids: object) -> None:
        self._stop("xml.doctype", "the DOCTYPE defines something; send the document without it", name)

    def _entity(self, name: str, *_declared: object) -> None:
        self._stop("xml.entity", "an entity is defined or used; send the character itself", name)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        depth = len(self._open)
        if depth >= NESTING_MAX:
            self._stop("xml.depth", f"elements are nested deeper than {NESTING_MAX} levels; flatten them", name)
        around = self._open[-1] if self._open else None
        element = Element(name, attributes, self.line, around, within=bool(self._within))
        self._open.append(element)
        self._texts.append([])
        if depth == 0:
            self.root = name
        if not self._within and self._is_record(depth):
            self._within = depth + 1
            self._outside = self._elements, self._characters
            self._elements = self._characters = 0
        self._count(1, sum(map(len, attributes.values())))

    def _is_record(self, depth: int) -> bool:
        if not self._record:
            return depth == 0
        return depth + 1 == len(self._record) and all(
            wanted in (ANY, element.name) for wanted, element in zip(self._record, self._open, strict=True)
        )

    def _text(self, text: str) -> None:
        # Line ends and indentation between records would add up to more than the records.
        if self._texts and (self._within or not text.isspace()):
            self._texts[-1].append(text)
            self._count(0, len(text))

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = "".join(self._texts.pop())
        if self._within == len(self._open) + 1:
            self._within = 0
            self._elements, self._characters = self._outside
            self._done.append(element)
        elif self._open:
            self._open[-1].inside.append(element)

    def _count(self, elements: int, characters: int) -> None:
        self._elements += elements
        self._characters += characters
        if self._elements > ELEMENTS_MAX or self._characters > CHARACTERS_MAX:
            what = "a record" if self._within else "what stands around the records"
            limits = f"{ELEMENTS_MAX:,} elements or {CHARACTERS_MAX:,} characters"
            self._stop("xml.record_length", f"{what} holds more than {limits}; send several")
