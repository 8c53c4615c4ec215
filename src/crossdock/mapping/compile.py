"""Compiles a mapping document: what it reads, the documents it tells apart, and the events each of them means.

The shape of a mapping is described in `docs/reference/mapping.md`; every mistake is a `MappingError` that names
the YAML path, the line and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.guides import GuideError, guide_of
from crossdock.formats.standards import STANDARDS
from crossdock.mapping import column_places, silent
from crossdock.mapping.choose import currency
from crossdock.mapping.column_places import address_of, layout_of
from crossdock.mapping.compiled import (
    Compiled,
    CsvCompiled,
    EdiCompiled,
    FixedCompiled,
    Head,
    JsonCompiled,
    XmlCompiled,
)
from crossdock.mapping.conditions import condition
from crossdock.mapping.element_paths import ElementAddress, record_of
from crossdock.mapping.emission import Document, Emission
from crossdock.mapping.envelope import envelope
from crossdock.mapping.fields import part
from crossdock.mapping.overlay import EXTENDS, NO_BASES, Bases, head_of, merged
from crossdock.mapping.paths import Address, ColumnAddress, Group, MemberAddress, Path
from crossdock.mapping.scope import Scope, Tables, currency_of_record
from crossdock.mapping.segment_paths import DocumentAddress
from crossdock.mapping.source import Place, suggest
from crossdock.model.events import CATALOGUE

FORMATS: Final = ("json", "ndjson", "csv", "fixed", "xml", "x12", "edifact")
_TOP: Final = (
    "mapping", "version", "owner", EXTENDS, "format", "tables", "guide", "envelope", "documents", "discriminator",
    "delimiter", "record", *column_places.KEYS,
)  # fmt: skip
_DOCUMENT: Final = ("at", "each", "emits", "choose")
_EMISSION: Final = ("event", "when", "currency", "envelope", "fields")
_ROWS: Final = ("csv", "ndjson")
# Keys of the whole mapping that only some formats have.
_ONLY: Final = dict.fromkeys(column_places.KEYS, ("fixed",)) | {
    "guide": tuple(STANDARDS), "delimiter": ("csv",), "record": ("xml", "fixed"),
}  # fmt: skip
# What a message says is kept with its repairs once there is a place for them; until then no value is mended unseen.
_GUIDE: Final = STANDARD.without("decimal_point")
# The release whose places paths name.
_RELEASES: Final = {"x12": "004010", "edifact": "01B"}


def compile_mapping(
    source: str | Mapping[str, Any], *, tables: Mapping[str, Mapping[str, str]] = {}, bases: Bases = NO_BASES
) -> Compiled:
    """The mapping, ready to read messages. Raises `MappingError`.

    `tables` are value maps shared between mappings; a mapping's own table of the same name comes first. `bases` are the
    mappings that it may extend.
    """
    place = merged(source, bases).object((*_TOP, *_DOCUMENT, *_EMISSION), needed=("mapping", "version", "format"))
    return _Compiler(place, tables).compile()


class _Compiler:
    def __init__(self, place: Place, shared: Mapping[str, Mapping[str, str]]) -> None:
        self.place = place
        self.format = place.at("format").choice(FORMATS)
        self.tables = Tables(place.get("tables"), shared)
        for key, formats in _ONLY.items():
            if place.has(key) and self.format not in formats:
                raise place.at(key).error(f"only {' and '.join(formats)} {'has' if len(formats) == 1 else 'have'} that")
        self.columns = ColumnAddress()
        self.layout = layout_of(place) if self.format == "fixed" else None
        self.guide = self._guided()

    def compile(self) -> Compiled:
        place = self.place
        name, version = head_of(place)
        delimiter = self._delimiter()
        discriminator = self._discriminator()
        documents = self._documents()
        self.tables.check_used()
        types = {emission.event.type for document in documents.values() for emission in document.emissions}
        head = Head(name, version, self.format, tuple(sorted(types)), documents, discriminator, self.guide)
        if self.format in STANDARDS:
            return EdiCompiled(head)
        if self.layout is not None:
            return FixedCompiled(head, self.layout)
        if self.format == "xml":
            return XmlCompiled(head, record_of(place.at("record")) if place.has("record") else ())
        if self.format == "csv":
            return CsvCompiled(head, frozenset(self.columns.columns), delimiter)
        return JsonCompiled(head)

    def _guided(self) -> Guide:
        said = self.place.get("guide")
        if said is None:
            return _GUIDE
        try:
            return guide_of(said.value, _GUIDE)
        except GuideError as wrong:
            raise said.error(str(wrong)) from None

    def _delimiter(self) -> str:
        said = self.place.get("delimiter")
        if said is None:
            return ","
        found = said.value
        if found not in (",", ";", "\t", "|"):
            raise said.error("must be a comma, a semicolon, a bar or a tab (in double quotes: a backslash and t)")
        return str(found)

    def _discriminator(self) -> Path | None:
        said, documents = self.place.get("discriminator"), self.place.get("documents")
        if self.format in STANDARDS:
            if said is not None:
                raise said.error("documents of EDI are told apart by what they say they are; remove it")
            if documents is None:
                example = next(iter(STANDARDS[self.format].documents))
                raise self.place.error(f'needs `documents` by their code, such as documents: {{"{example}": ...}}')
            return None
        if self.layout is not None and self.layout.kind is not None and self.layout.record is None:
            return self._kind_of_line(said, documents)
        if (said is None) != (documents is None):
            raise self.place.error("`discriminator` and `documents` come together")
        return self._address().path(said) if said is not None else None

    def _kind_of_line(self, said: Place | None, documents: Place | None) -> Path:
        """Lines of several kinds, each a record: their kind tells them apart."""
        if said is not None:
            raise said.error("`kind` tells the lines apart; remove it")
        if documents is None:
            raise self.place.error(
                "needs `documents` by the kind of line, or the `record` that lines of all kinds make"
            )
        return Path(lambda node, _context: node.kind, lambda node, _context: f"/line {node.number}, its kind")

    def _address(self) -> Address:
        """How a record is addressed."""
        if self.format == "csv":
            return self.columns
        if self.layout is not None:
            return address_of(self.layout, self.layout.record or "")
        return ElementAddress() if self.format == "xml" else MemberAddress()

    def _documents(self) -> dict[str, Document]:
        place = self.place
        if not place.has("documents"):
            return {"": self._document(place, place, self._address())}
        for key in (*_DOCUMENT, *(key for key in _EMISSION if key != "envelope")):
            if place.has(key):
                raise place.at(key).error("belongs into one of `documents`")
        documents = place.at("documents")
        if not isinstance(documents.value, dict) or not documents.value:
            raise documents.error("must be an object of documents by the value of the discriminator")
        return {key: self._named(key, each) for key, each in documents.items()}

    def _named(self, key: str, place: Place) -> Document:
        place.object((*_DOCUMENT, *_EMISSION))
        standard = STANDARDS.get(self.format)
        if self.layout is not None and self.layout.kind is not None and self.layout.record is None:
            if key not in self.layout.kinds:
                raise place.error(f"no `columns` of lines of kind {key!r}; {suggest(key, self.layout.kinds)}")
            return self._document(place, self.place, address_of(self.layout, key))
        if standard is None:
            return self._document(place, self.place, self._address())
        grammar = standard.grammar_of(key, _RELEASES[self.format], self.guide)
        if grammar is None:
            raise place.error(f"no grammar for the document {key!r}; {suggest(key, standard.documents)}")
        uses = grammar.definition.uses
        return self._document(place, self.place, DocumentAddress(uses, uses, f"the {key}"))

    def _document(self, place: Place, top: Place, address: Address) -> Document:
        start, group = self._start(place), self._group(place, address)
        address = group.inner if group is not None else address
        every = place.has("choose") and place.at("choose").choice(("first", "all")) == "all"
        if every and (self.format in _ROWS or self.layout is not None):
            raise place.at("choose").error("a row is one event; `all` is for json, xml and EDI")
        outer = [each.at("envelope") for each in dict.fromkeys((top, place)) if each.has("envelope")]
        if not place.has("emits"):
            if not place.has("event"):
                raise place.error("needs an `event` with `fields`, or a list of them under `emits`")
            return Document(start, group, (self._emission(place, outer, address),), every)
        for key in ("event", "fields", "when"):
            if place.has(key):
                raise place.at(key).error("belongs into one of `emits`")
        candidates = [each.object(_EMISSION, needed=("event", "fields")) for each in place.at("emits").each()]
        emissions = []
        for each in candidates:
            if each is not candidates[-1] and not each.has("when") and not every:
                raise each.error("always holds, so the emissions after it are never reached; add `when`")
            own = [each.at("envelope")] if each.has("envelope") else []
            emissions.append(self._emission(each, [*outer, *own], address, place.get("currency")))
        return Document(start, group, tuple(emissions), every)

    def _start(self, place: Place) -> Path | None:
        said = place.get("at")
        if said is None:
            return None
        if self.format not in ("json", "ndjson"):
            raise said.error("only JSON has members to start at")
        return MemberAddress().path(said)

    def _group(self, place: Place, address: Address) -> Group | None:
        said = place.get("each")
        if said is None:
            return None
        if self.format in _ROWS:
            raise said.error("a row is one event; `each` of a document is for json, xml, records of lines and EDI")
        return address.group(said)

    def _emission(
        self, place: Place, envelopes: list[Place], address: Address, shared_currency: Place | None = None
    ) -> Emission:
        if not place.has("fields"):
            raise place.error("needs `fields`")
        type_ = place.at("event").choice(CATALOGUE)
        when = condition(place.at("when"), address) if place.has("when") else None
        scope = Scope(address, self.tables)
        said = place.get("currency") or shared_currency
        money = currency(said, scope) if said is not None else None
        scope = scope._replace(currency=money if money is None or isinstance(money, str) else currency_of_record)
        struct = CATALOGUE[type_]
        fields = part(place.at("fields"), struct, scope)
        silent.check_currency(place.at("fields"), said)
        of_record = None if isinstance(money, str) else money
        return Emission(struct, when, of_record, fields, envelope(envelopes, place, scope))
