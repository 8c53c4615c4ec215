"""`when`: conditions on a node, compiled to predicates.

`{path: status, equals: D1}`, `{path: status, in: [D1, CD]}`, `{path: x, present: true}`, `{path: x, absent: true}`,
and `all`, `any`, `not` of further conditions. Texts are compared trimmed; numbers by their text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.mapping.paths import Address
from crossdock.mapping.record import Context, Node, Raw
from crossdock.mapping.source import Place

Predicate = Callable[[Node, Context], bool]
_TESTS = ("equals", "in", "present", "absent")


def condition(place: Place, address: Address) -> Predicate:
    """The predicate of one condition. Raises `MappingError`."""
    place.object(("path", "all", "any", "not", *_TESTS))
    for word, combine in (("all", all), ("any", any)):
        if place.has(word):
            _alone(place, word)
            return _combined(combine, [condition(each, address) for each in place.at(word).each()])
    if place.has("not"):
        _alone(place, "not")
        inner = condition(place.at("not"), address)
        return lambda node, context: not inner(node, context)
    return _test(place, address)


def _alone(place: Place, word: str) -> None:
    if len(place.value) > 1:
        raise place.error(f"{word!r} stands alone; put the other tests inside it")


def _combined(combine: Callable[[Any], bool], tests: list[Predicate]) -> Predicate:
    return lambda node, context: combine(test(node, context) for test in tests)


def _test(place: Place, address: Address) -> Predicate:
    tests = [word for word in _TESTS if place.has(word)]
    if len(tests) != 1 or not place.has("path"):
        raise place.error(f"needs a path and one of {', '.join(_TESTS)}; or all, any or not")
    path, word = address.path(place.at("path")), tests[0]
    get = path.trimmed or path.get
    if word in ("present", "absent"):
        wanted = place.at(word).flag() == (word == "present")
        if path.trimmed is not None:
            return lambda node, context: (get(node, context) is not None) == wanted
        return lambda node, context: (_text(get(node, context)) != "") == wanted
    if word == "equals":
        value = place.at("equals").text()
        if path.trimmed is not None and value:
            return lambda node, context: bool(get(node, context) == value)
        return lambda node, context: _text(get(node, context)) == value
    values = frozenset(each.text() for each in place.at("in").each())
    return lambda node, context: _text(get(node, context)) in values


def _text(value: Raw) -> str:
    if type(value) is str:
        return value.strip()
    if value is None:
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value) if type(value) is int and abs(value) < 10**20 else "-"
