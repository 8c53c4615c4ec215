"""Overlays: a mapping that `extends` another one and says only what differs for its partner.

Objects are merged key by key, anything else is replaced (and so is a path by a constant), and an explicit null removes.
What comes of it is compiled as if it had been written out; a mistake names the line of the overlay, and that of the
base where the value comes from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crossdock.mapping.source import MappingError, Place, Written, parse, suggest

CHAIN_MAX: Final = 3
EXTENDS: Final = "extends"
# What a mapping says of itself, and no other one says for it.
OWN: Final = ("mapping", "version", "owner", EXTENDS)
_VERSION_MAX: Final = 1_000_000

Named = tuple[str, int]
"""A mapping by name and version."""

Bases = Mapping[Named, str]
"""Documents that others may extend."""

NO_BASES: Final[Bases] = MappingProxyType({})


def named(name: Named) -> str:
    """As people write it: `carrier-status@3`."""
    return f"{name[0]}@{name[1]}"


def named_in(text: str) -> Named | None:
    """`carrier-status@3` as name and version; `None` when it is no such thing."""
    name, _, version = text.strip().rpartition("@")
    if not name or not (version.isascii() and version.isdigit() and len(version) <= len(str(_VERSION_MAX))):
        return None
    return name, int(version)


def head_of(place: Place) -> Named:
    """Name and version of a mapping that was read. Raises `MappingError`."""
    for key in ("mapping", "version"):
        if not place.has(key):
            raise place.error(f"{key!r} is missing")
    return place.at("mapping").text(), place.at("version").whole(1, _VERSION_MAX)


def base_of(place: Place) -> Named | None:
    """The mapping that one extends, if any. Raises `MappingError`."""
    if not place.has(EXTENDS):
        return None
    said = place.at(EXTENDS)
    found = named_in(said.text())
    if found is None:
        raise said.error("must be a mapping with its version, such as carrier-status@3")
    return found


def merged(source: str | Mapping[str, Written], bases: Bases = NO_BASES) -> Place:
    """The document, laid over the one it extends if it does. Raises `MappingError`."""
    return _merged(parse(source), bases, ())


def _merged(place: Place, bases: Bases, chain: tuple[Named, ...]) -> Place:
    base = base_of(place)
    if base is None:
        return place
    said, chain = place.at(EXTENDS), (*chain, head_of(place))
    if base in chain:
        raise said.error(f"goes in a circle: {' extends '.join(map(named, (*chain, base)))}")
    if len(chain) >= CHAIN_MAX:
        raise said.error(f"a chain of more than {CHAIN_MAX} mappings; extend {named(chain[-1])}'s base directly")
    if base not in bases:
        known = sorted(named(each) for each in bases)
        raise said.error(f"{named(base)} is not there; {suggest(named(base), known)}")
    try:
        below = _merged(parse(bases[base]), bases, chain)
    except MappingError as wrong:
        raise said.error(f"{named(base)} itself is wrong: {wrong}") from None
    return _Laid(below, place, base).place()


class _Laid:
    """One document laid over another."""

    def __init__(self, below: Place, above: Place, base: Named) -> None:
        self._below = below
        self._above = above
        self._base = named(base)
        self._origins: dict[tuple[str, ...], str] = {}

    def place(self) -> Place:
        base = {key: each.value for key, each in self._below.items() if key not in OWN}
        if "format" in self._above.value and self._above.value["format"] != base.get("format"):
            raise self._above.at("format").error(f"is that of {self._base}: an overlay has none of its own")
        value = self._merge(base, self._above)
        return Place(value, (), self._above.lines, self._origins)

    def _merge(self, base: dict[str, Written], above: Place) -> dict[str, Written]:
        found = {}
        for key, value in base.items():
            if not above.has(key):
                found[key] = value
                self._came_from_base((*above.path, key))
        for key, over in above.items():
            below = base.get(key)
            if over.value is None:
                if key not in base:
                    raise over.error(f"removes what {self._base} does not have; {suggest(key, base)}")
            elif isinstance(over.value, dict) and isinstance(spelt := _spelt_out(below, over), dict):
                found[key] = self._merge(spelt, over)
            else:
                found[key] = _without_nulls(over)
        # As the base has them: of several conditions the first one counts.
        order = {key: place for place, key in enumerate(base)}
        return dict(sorted(found.items(), key=lambda each: order.get(each[0], len(order))))

    def _came_from_base(self, path: tuple[str, ...]) -> None:
        size = len(path)
        for place in (self._below.lines, self._below.origins):
            for each, line in place.items():
                if each[:size] == path and each not in self._origins:
                    self._origins[each] = line if isinstance(line, str) else f"line {line} of {self._base}"


def _spelt_out(below: Written, over: Place) -> Written:
    """What an object is laid over: a bare path is short for one, and a constant and a path exclude each other."""
    if not {"fields", "envelope"} & {*over.path}:
        return below
    if "constant" in over.value:
        return None
    if isinstance(below, str):
        return {"path": below}
    if isinstance(below, dict) and "path" in over.value:
        return {key: value for key, value in below.items() if key != "constant"}
    return below


def _without_nulls(place: Place) -> Written:
    """What an overlay adds must be there: nothing stands below it that could be removed."""
    if isinstance(place.value, dict):
        return {key: _without_nulls(each) for key, each in place.items()}
    if place.value is None:
        raise place.error("removes what is not there")
    return place.value
