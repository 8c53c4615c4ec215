"""Documents and paths made from a command: what is renamed, what is constant, what is converted.

In a body, a text that begins with `$` is a path into the command (`$content.order_no`, `$key`, `$of_document`), any
other value stands for itself, and an object with one of these members says more:

* `each: $content.lines` with `as: {...}`: a list, one member for each element (`$item.0`, `$item.sku`)
* `less: lines` with `by: [0, 1]`, `amount: 2` and `as: {...}`: a list, one member for each line of which less is wanted
  than the system holds, its amount the difference; `more` where more is wanted. Lines are the same whose values at `by`
  are. What cannot be said so (more is wanted of a line, in a document of less) is refused
* `value: $item.0` with `times`, `places`, `unit: [LBR, KGM]`, `pad: 5`, `map: {...}`, `text: true`, `default`, in that
  order

A member without a value is left out. Paths of requests have `{content.order_no}` in them, escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from urllib.parse import quote

from crossdock.kit.connector import Command
from crossdock.model.quantity import UNITS, UnitError, factor

_ROOTS: Final = frozenset({"content", "before", "key", "of_key", "of_document", "kind", "action", "item", "id"})
_CONVERSIONS: Final = frozenset({"value", "times", "places", "unit", "pad", "map", "text", "default"})
_WAYS: Final = frozenset({"less", "more"})
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_PATH: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")

Scope = Mapping[str, Any]


class TemplateError(ValueError):
    """A template is wrong, or a command does not hold what it needs; the message says where."""


def scope_of(command: Command) -> dict[str, Any]:
    """What templates may speak of."""
    return {
        "content": command.content,
        "before": command.before,
        "key": command.key,
        "of_key": command.of_key,
        "of_document": command.of_document,
        "kind": command.kind,
        "action": command.action,
    }


def value_at(document: Any, path: str) -> Any:  # noqa: ANN401  # any JSON
    """The value at a dotted path; `None` where there is none."""
    for step in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def fill(template: Any, scope: Scope) -> Any:  # noqa: ANN401  # any JSON
    """The document that a template makes. Raises `TemplateError` for a value that cannot be converted."""
    if isinstance(template, str):
        return value_at(scope, template[1:]) if template.startswith("$") else template
    if isinstance(template, list):
        return [fill(one, scope) for one in template]
    if not isinstance(template, dict):
        return template
    if "as" in template:
        return [fill(template["as"], {**scope, "item": item}) for item in _items(template, scope)]
    if "value" in template:
        return _converted(template, fill(template["value"], scope))
    filled = {name: fill(one, scope) for name, one in template.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _items(template: dict[str, Any], scope: Scope) -> list[Any]:
    """The elements of which a list gets a member each."""
    for way in _WAYS:
        if way in template:
            return _apart(template, way, scope)
    return fill(template["each"], scope) or []


def _apart(how: dict[str, Any], way: str, scope: Scope) -> list[Any]:
    """The lines of which less (or more) is wanted than the system holds, each with the difference as its amount."""
    held, wanted = (_amounts(how, value_at(scope[side] or {}, how[way])) for side in ("before", "content"))
    found = []
    for key in sorted(held.keys() | wanted.keys(), key=str):
        had, line = held.get(key, (0, None))
        wants, line = wanted.get(key, (0, line))
        apart = had - wants if way == "less" else wants - had
        if apart < 0:
            other, name = "more" if way == "less" else "less", ", ".join(map(str, key))
            raise TemplateError(f"{other} is wanted of {how[way]} {name}, and only {way} can be said")
        if apart:
            found.append(_with(line, how["amount"], apart))
    return found


def _amounts(how: dict[str, Any], lines: Any) -> dict[tuple[Any, ...], tuple[int, Any]]:  # noqa: ANN401  # any JSON
    """The amount of each line by what tells lines apart, and the line."""
    amounts: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for line in lines or ():
        key = tuple(value_at(line, str(step)) for step in how["by"])
        amount = value_at(line, str(how["amount"]))
        if not isinstance(amount, int):
            raise TemplateError(f"{amount!r} is no whole number, and differences need one")
        amounts[key] = (amounts.get(key, (0, None))[0] + amount, line)
    return amounts


def _with(line: Any, place: int | str, amount: int) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(line, list):
        return [amount if step == place else value for step, value in enumerate(line)]
    return {**line, place: amount}


def check_only(only: list[str], scope: Scope) -> None:
    """Raise `TemplateError` where something differs from what the system holds that a document cannot say."""
    before, content = scope["before"] or {}, scope["content"]
    others = sorted(
        name for name in before.keys() | content.keys() if name not in only and before.get(name) != content.get(name)
    )
    if others:
        raise TemplateError(f"{', '.join(others)} would be another, too, and only {', '.join(only)} can be adjusted")


def _converted(how: dict[str, Any], value: Any) -> Any:  # noqa: ANN401  # any JSON
    if value is None:
        return how.get("default")
    if how.keys() & {"times", "unit", "places"}:
        value = _number(how, value)
    if "map" in how:
        known = {str(name): mapped for name, mapped in how["map"].items()}
        if str(value) not in known:
            raise TemplateError(f"{value!r} is not in the table {', '.join(known)}")
        value = known[str(value)]
    if "pad" in how:
        value = str(value).rjust(how["pad"], "0")
    return str(value) if how.get("text") else value


def _number(how: dict[str, Any], value: Any) -> int | str:  # noqa: ANN401  # any JSON
    """Exact: a whole number stays one; with `places` it is a decimal text, and must fit."""
    try:
        exact = Fraction(str(value)) * Fraction(str(how.get("times", 1)))
    except (ValueError, ZeroDivisionError) as wrong:
        raise TemplateError(f"{value!r} is no number") from wrong
    if "unit" in how:
        exact *= factor(*how["unit"])
    if "places" not in how:
        if exact.denominator != 1:
            raise TemplateError(f"{value!r} becomes {exact}, which is no whole number: say places")
        return int(exact)
    scaled = exact * 10 ** how["places"]
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return str(Decimal(whole if exact >= 0 else -whole).scaleb(-how["places"]))


def fill_path(path: str, scope: Scope) -> str:
    """A request's path with its places filled and escaped. Raises `TemplateError` where a value is missing."""

    def placed(match: re.Match[str]) -> str:
        value = value_at(scope, match[1])
        if value is None or isinstance(value, dict | list) or value == "":
            raise TemplateError(f"{path} needs {match[1]}, which this command does not have")
        return quote(str(value), safe="")

    return _PLACE.sub(placed, path)


# -- checked when the configuration is applied -------------------------------------------------------------------


def check_path(path: str, place: str) -> None:
    """Raise `TemplateError` unless a request could be made of it."""
    if not path.startswith("/") or path.startswith("//"):
        raise TemplateError(f"{place}: {path!r} must begin with one slash: the address comes from the connection")
    for name in _PLACE.findall(path):
        _check_reference(name, place)


def check_template(template: Any, place: str) -> None:  # noqa: ANN401  # any JSON
    """Raise `TemplateError` unless documents could be made of it."""
    if isinstance(template, str):
        if template.startswith("$"):
            _check_reference(template[1:], place)
    elif isinstance(template, list):
        for number, one in enumerate(template):
            check_template(one, f"{place}[{number}]")
    elif isinstance(template, dict):
        _check_object(template, place)


def _check_object(template: dict[str, Any], place: str) -> None:
    if "each" in template:
        if template.keys() != {"each", "as"}:
            raise TemplateError(f"{place}: `each` goes with `as` and nothing else")
        check_template(template["each"], f"{place}.each")
        check_template(template["as"], f"{place}.as")
    elif template.keys() & _WAYS:
        _check_apart(template, place)
    elif "value" in template:
        unknown = template.keys() - _CONVERSIONS
        if unknown:
            known = ", ".join(sorted(_CONVERSIONS))
            raise TemplateError(f"{place}: {', '.join(sorted(unknown))} is no conversion; known are {known}")
        check_template(template["value"], f"{place}.value")
        if "unit" in template:
            _check_unit(template["unit"], place)
    else:
        for name, one in template.items():
            check_template(one, f"{place}.{name}")


def _check_apart(template: dict[str, Any], place: str) -> None:
    way = next(iter(template.keys() & _WAYS))
    if template.keys() != {way, "by", "amount", "as"}:
        raise TemplateError(f"{place}: `{way}` goes with `by`, `amount` and `as`")
    by, amount = template["by"], template["amount"]
    if not isinstance(template[way], str) or not isinstance(by, list) or not by:
        raise TemplateError(f"{place}: `{way}` is a path in the content, `by` a list of places in a line")
    if not all(type(step) in (int, str) for step in (*by, amount)):
        raise TemplateError(f"{place}: places in a line are numbers or names")
    check_template(template["as"], f"{place}.as")


def _check_unit(units: object, place: str) -> None:
    if not isinstance(units, list) or len(units) != 2 or not all(isinstance(unit, str) for unit in units):  # noqa: PLR2004
        raise TemplateError(f"{place}: unit is [from, to], of {', '.join(sorted(UNITS))}")
    try:
        factor(*units)
    except UnitError as wrong:
        raise TemplateError(f"{place}: {wrong}") from wrong


def _check_reference(path: str, place: str) -> None:
    if not _PATH.fullmatch(path) or path.partition(".")[0] not in _ROOTS:
        known = ", ".join(sorted(_ROOTS))
        raise TemplateError(f"{place}: {path!r} is no path into a command; it begins with one of {known}")
