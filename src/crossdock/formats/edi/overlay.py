"""Where a partner's documents differ from the standard's: tighter, looser, with more codes; as data.

A change is addressed as mappings address a document: `L11`, `LX/AT7` (a loop), `LX/AT7/AT7-07` (an element),
`DTM-01:2` (a component).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from crossdock.formats.edi.grammar import Codes, Composite, DocumentType, Element, Field, Loop, Segment, Use, id_of

_PATH: Final = re.compile(r"((?:[A-Z0-9]{2,3}/)*)([A-Z0-9]{2,3})(?:-([0-9]{2})(?::([0-9]{1,2}))?)?")

SegmentOf = Callable[[str], Segment]
_Uses = tuple[Use | Loop, ...]


class OverlayError(ValueError):
    """A change cannot be made to the standard's document; the message says which one, and what would be right."""


class Change(NamedTuple):
    """What a guide says of one place of a document; None and empty values leave it as it is.

    `is_required` is None where nothing is said. `after` adds a segment that the standard does not have there, behind
    the one of that id (`^`: at the beginning). `lengths` are the shortest and the longest value.
    """

    path: str
    is_required: bool | None = None
    is_unused: bool = False
    limit: int = 0
    after: str = ""
    codes: tuple[str, ...] = ()
    lengths: tuple[int, int] = (0, 0)


class _Place(NamedTuple):
    loops: tuple[str, ...]
    id: str
    element: int
    component: int


class Overlay:
    """All that a guide changes: `changes` by the code of the document, `codes` with their meanings by element."""

    __slots__ = ("_hash", "_key", "changes", "codes", "name")

    def __init__(
        self, name: str, changes: Mapping[str, tuple[Change, ...]], codes: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.name = name
        self.changes = changes
        self.codes = codes
        # Grammars are kept by their guide, which is asked for with every document.
        self._key = (
            name,
            tuple(changes.items()),
            tuple((number, tuple(each.items())) for number, each in codes.items()),
        )
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Overlay) and self._key == other._key)

    def applied(self, definition: DocumentType, segment_of: SegmentOf) -> DocumentType:
        """A document as the guide has it. Raises `OverlayError`."""
        uses = definition.uses
        for change in self.changes.get(definition.code, ()):
            place = _place(change.path)
            uses = _changed(uses, place, place.loops, change, segment_of)
        if self.codes:
            uses = tuple(_use_with_codes(use, self.codes) for use in uses)
        return definition._replace(uses=uses, guide=self.name)


def _place(path: str) -> _Place:
    match = _PATH.fullmatch(path)
    if match is None:
        raise OverlayError(f"{path!r} is no place of a document; write L11, LX/AT7, LX/AT7/AT7-07 or DTM-01:2")
    loops, id_, element, component = match.groups()
    return _Place(tuple(loops.split("/")[:-1]), id_, int(element or 0), int(component or 0))


def _changed(uses: _Uses, place: _Place, loops: tuple[str, ...], change: Change, segment_of: SegmentOf) -> _Uses:
    if loops:
        if not any(isinstance(use, Loop) and use.id == loops[0] for use in uses):
            raise OverlayError(f"{change.path}: there is no loop {loops[0]}; there are {_listed(uses)}")
        return tuple(
            use._replace(uses=_changed(use.uses, place, loops[1:], change, segment_of))
            if isinstance(use, Loop) and use.id == loops[0]
            else use
            for use in uses
        )
    if change.after:
        return _added(uses, place, change, segment_of)
    found = [use for use in uses if id_of(use) == place.id]
    if not found:
        raise OverlayError(f"{change.path}: there is no segment {place.id}; there are {_listed(uses)}")
    if place.element and isinstance(found[0], Loop):
        raise OverlayError(f"{change.path}: {place.id} opens a loop; write {place.id}/{place.id}-{place.element:02}")
    if not place.element:
        kept = [use for use in uses if id_of(use) != place.id or not change.is_unused]
        return tuple(_used(use, change) if id_of(use) == place.id else use for use in kept)
    return tuple(
        use._replace(segment=_with_element(use.segment, place, change))
        if isinstance(use, Use) and use.segment.id == place.id
        else use
        for use in uses
    )


def _used(use: Use | Loop, change: Change) -> Use | Loop:
    if change.codes or change.lengths[1]:
        raise OverlayError(f"{change.path}: codes and lengths are those of an element; write {change.path}-01")
    required = use.required if change.is_required is None else change.is_required
    return use._replace(required=required, limit=change.limit or use.limit)


def _added(uses: _Uses, place: _Place, change: Change, segment_of: SegmentOf) -> _Uses:
    try:
        added = Use(segment_of(place.id), required=bool(change.is_required), limit=change.limit or 1)
    except KeyError:
        raise OverlayError(f"{change.path}: we know no segment {place.id}") from None
    ids = [id_of(use) for use in uses]
    if change.after != "^" and change.after not in ids:
        raise OverlayError(f"{change.path}: there is no {change.after} to stand after; there are {_listed(uses)}")
    at = 0 if change.after == "^" else len(ids) - ids[::-1].index(change.after)
    return (*uses[:at], added, *uses[at:])


def _with_element(segment: Segment, place: _Place, change: Change) -> Segment:
    fields = segment.fields
    if not 0 < place.element <= len(fields):
        raise OverlayError(f"{change.path}: {segment.id} has {len(fields)} elements")
    field = fields[place.element - 1]
    if place.component:
        holds = field.holds
        if not isinstance(holds, Composite) or place.component > len(holds.fields):
            raise OverlayError(f"{change.path}: there is no such component")
        parts = _replaced(holds.fields, place.component, _field(holds.fields[place.component - 1], change))
        field = field._replace(holds=holds._replace(fields=parts))
    else:
        field = _field(field, change)
    return segment._replace(fields=_replaced(fields, place.element, field))


def _field(field: Field, change: Change) -> Field:
    if change.is_unused:
        return field._replace(required=False, repeats=0)
    if change.is_required is not None:
        field = field._replace(required=change.is_required)
    if not change.codes and not change.lengths[1] and not change.limit:
        return field
    holds = field.holds
    if not isinstance(holds, Element):
        raise OverlayError(f"{change.path}: it has components; say which one, {change.path}:1")
    if change.lengths[1]:
        holds = holds._replace(shortest=change.lengths[0], longest=change.lengths[1])
    codes = field.codes
    if change.codes:
        known = codes.meanings if codes is not None else {}
        codes = Codes({code: known.get(code, "") for code in change.codes}, closed=True)
    return field._replace(holds=holds, codes=codes, repeats=change.limit or field.repeats)


def _use_with_codes(use: Use | Loop, added: Mapping[str, Mapping[str, str]]) -> Use | Loop:
    if isinstance(use, Loop):
        return use._replace(uses=tuple(_use_with_codes(inner, added) for inner in use.uses))
    fields = tuple(_field_with_codes(field, added) for field in use.segment.fields)
    return use if fields == use.segment.fields else use._replace(segment=use.segment._replace(fields=fields))


def _field_with_codes(field: Field, added: Mapping[str, Mapping[str, str]]) -> Field:
    holds = field.holds
    if isinstance(holds, Composite):
        fields = tuple(_field_with_codes(each, added) for each in holds.fields)
        return field if fields == holds.fields else field._replace(holds=holds._replace(fields=fields))
    more = added.get(holds.number)
    if more is None:
        return field
    known = field.codes
    meanings = {**(known.meanings if known is not None else {}), **more}
    return field._replace(codes=Codes(meanings, closed=known is not None and known.closed))


def _replaced(fields: tuple[Field, ...], place: int, field: Field) -> tuple[Field, ...]:
    return (*fields[: place - 1], field, *fields[place:])


def _listed(uses: _Uses) -> str:
    return ", ".join(f"{use.id}/" if isinstance(use, Loop) else use.segment.id for use in uses)
