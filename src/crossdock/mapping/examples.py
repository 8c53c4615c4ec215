"""Examples as tests: a message and the events that a mapping must make of it, kept beside the mapping."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from crossdock.mapping.compiled import Compiled
from crossdock.model.envelope import Event

EXAMPLES_MAX: Final = 100
BYTES_MAX: Final = 1_000_000


class Example(NamedTuple):
    """A message by the name of its file, and what must come of it, as JSON."""

    name: str
    body: bytes
    expected: str


def said(compiled: Compiled, body: bytes) -> list[dict[str, Any]]:
    """What a mapping makes of a message, as an example keeps it. Cross-references answer with what they are asked."""
    found = []
    for one in compiled.read(body, lookup=lambda _scheme, _issuer, theirs: theirs):
        plain = _kept(msgspec.to_builtins(one))
        if isinstance(one, Event):
            plain = {"event": one.data.type, **plain}
        else:
            plain = {"refused": plain["rule"], "row": plain["row"], "position": plain["position"]}
        found.append(plain)
    return found


def failures(compiled: Compiled, example: Example) -> list[str]:
    """Where what a mapping makes of an example differs from what it must make: none, if all is well."""
    try:
        expected = msgspec.json.decode(example.expected, type=list[dict[str, Any]])
    except msgspec.DecodeError as wrong:
        return [f"{example.name}: what is expected is no list of events: {wrong}"]
    made = said(compiled, example.body)
    found = [] if len(made) == len(expected) else [f"{len(made)} events and refusals, {len(expected)} expected"]
    for number, (is_, should) in enumerate(zip(made, expected, strict=False), 1):
        found += [f"event {number}, {path}: {was!r}, expected {wanted!r}" for path, was, wanted in _differ(is_, should)]
    return [f"{example.name}: {each}" for each in found[:10]]


def _differ(is_: Any, should: Any, path: str = "") -> list[tuple[str, object, object]]:  # noqa: ANN401  # JSON
    if isinstance(is_, dict) and isinstance(should, dict):
        keys = dict.fromkeys([*should, *is_])
        return [each for key in keys for each in _differ(is_.get(key), should.get(key), f"{path}.{key}".strip("."))]
    if isinstance(is_, list) and isinstance(should, list) and len(is_) == len(should):
        pairs = enumerate(zip(is_, should, strict=True))
        return [each for at, (one, other) in pairs for each in _differ(one, other, f"{path}[{at}]")]
    return [] if is_ == should else [(path, is_, should)]


def _kept(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Without what is absent: an example says what is there."""
    if isinstance(value, dict):
        return {key: _kept(each) for key, each in value.items() if each is not None}
    return [_kept(each) for each in value] if isinstance(value, list) else value
