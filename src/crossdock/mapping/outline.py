"""A mapping laid out flat: targets with what fills each, places of a message that are read; two versions compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from crossdock.mapping.source import Place, Written

_PREDICATE: Final = re.compile(r"\[([^\]]*)\]")
_TOP: Final = (
    "format", "delimiter", "record", "discriminator", "kind", "columns", "ignores", "width",
    "trimmed", "encoding", "guide",
)  # fmt: skip
# Of what fills a field: keys whose text is a path.
_PATHS: Final = ("path", "time", "code", "value")


class Outline(NamedTuple):
    """`targets`: what fills each (`214 shipment.delivered.city`: `MS1-01`); `mapped`: event fields that anything fills.

    `reads` are paths into a message, as steps without qualifiers; those of JSON and columns from the top.
    """

    targets: dict[str, str]
    mapped: set[str]
    reads: set[str]


class Change(NamedTuple):
    """A target that differs; what fills it in one of two versions, `None` where it is not filled there."""

    target: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        """Added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def outline(mapping: Place) -> Outline:
    """Lay out a mapping (one that compiles, with what it extends merged in)."""
    return _Layer(mapping.value).outline()


def compared(before: Outline, after: Outline) -> list[Change]:
    """Where two versions differ, target by target."""
    names = dict.fromkeys([*before.targets, *after.targets])
    found = (Change(name, before.targets.get(name), after.targets.get(name)) for name in names)
    return [change for change in found if change.before != change.after]


def likeness(one: Outline, other: Outline) -> tuple[int, int]:
    """How many fields two mappings fill from the same places in the same way, and how many either of them has."""
    mine, theirs = set(one.targets.items()), set(other.targets.items())
    return len(mine & theirs), len(one.targets.keys() | other.targets.keys())


class _Layer:
    def __init__(self, mapping: dict[str, Written]) -> None:
        self._mapping = mapping
        self._is_flat = mapping["format"] in {"json", "ndjson", "csv", "fixed"}
        self._found = Outline({}, set(), set())

    def outline(self) -> Outline:
        top = self._mapping
        for key in _TOP:
            self._spread(key, top.get(key))
        for name, table in (top.get("tables") or {}).items():
            self._spread(f"tables.{name}", table)
        if isinstance(top.get("discriminator"), str):
            self._read(top["discriminator"], "")
        if isinstance(top.get("kind"), str) and top["format"] == "fixed":
            self._found.reads.add("kind of the line")
        documents = top.get("documents") or {"": top}
        for code, document in documents.items():
            self._document(code, document)
        return self._found

    def _spread(self, name: str, value: Written) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                self._spread(f"{name}.{key}", each)
        elif value is not None:
            self._found.targets[name] = _words(value)

    def _document(self, code: str, document: dict[str, Written]) -> None:
        prefix = self._read(document["at"], "") if "at" in document else ""
        prefix = self._group(document["each"], prefix) if "each" in document else prefix
        named = f"{code} " if code else ""
        for key in ("at", "each", "choose"):
            if key in document:
                self._found.targets[f"{named}{key}"] = _words(document[key])
        seen: dict[str, int] = {}
        for emission in document.get("emits") or [document]:
            event = emission["event"]
            seen[event] = seen.get(event, 0) + 1
            label = f"{named}{event}" + (f" ({seen[event]})" if seen[event] > 1 else "")
            self._emission(label, event, emission, document, prefix)

    def _emission(
        self, label: str, event: str, emission: dict[str, Written], document: dict[str, Written], prefix: str
    ) -> None:
        targets = self._found.targets
        if "when" in emission:
            targets[f"{label}: when"] = _words(emission["when"])
            self._condition(emission["when"], prefix)
        currency = emission.get("currency", document.get("currency"))
        if currency is not None:
            targets[f"{label}: currency"] = _words(currency)
            self._value(currency if isinstance(currency, dict) else {}, prefix)
        envelope: dict[str, Written] = {}
        for layer in (self._mapping, document, emission):
            envelope |= layer.get("envelope") or {}
        for key, value in envelope.items():
            targets[f"{label}: envelope.{key}"] = _words(value)
            if key == "retracted":
                self._condition(value, prefix)
            else:
                self._value(value, prefix)
        self._fields(label, event, emission["fields"], prefix)

    def _fields(self, label: str, event: str, fields: dict[str, Written], prefix: str) -> None:
        for name, value in fields.items():
            if isinstance(value, dict) and ("fields" in value or "each" in value):
                self._part(f"{label}.{name}", f"{event}.{name}", value, prefix)
            else:
                self._found.targets[f"{label}.{name}"] = _words(value)
                self._found.mapped.add(f"{event}.{name}")
                self._value(value, prefix)

    def _part(self, label: str, event: str, value: dict[str, Written], prefix: str) -> None:
        if "each" not in value:
            self._fields(label, event, value["fields"], prefix)
            return
        self._found.targets[f"{label}[]: each"] = _words(value["each"])
        if "where" in value:
            self._found.targets[f"{label}[]: where"] = _words(value["where"])
        if isinstance(value["each"], dict):
            self._columns(label, event, value)
            return
        prefix = self._group(value["each"], prefix)
        if "where" in value:
            self._condition(value["where"], prefix)
        if "fields" in value:
            self._fields(f"{label}[]", f"{event}[]", value["fields"], prefix)
        else:
            self._found.targets[f"{label}[]"] = _words(value.get("value", "."))
            self._found.mapped.add(f"{event}[]")
            self._value(value.get("value", "."), prefix)

    def _columns(self, label: str, event: str, value: dict[str, Written]) -> None:
        """Numbered columns: `c{n}_{name}` up to so many."""
        pattern, upto = value["each"]["columns"], int(value["each"]["upto"])
        for name, each in (value.get("fields") or {}).items():
            self._found.targets[f"{label}[].{name}"] = _words(each)
            self._found.mapped.add(f"{event}[].{name}")
            for column in _texts(each):
                self._found.reads.update(
                    pattern.replace("{n}", str(n)).replace("{name}", column) for n in range(1, upto + 1)
                )

    def _value(self, value: Written, prefix: str) -> None:
        if isinstance(value, str):
            self._read(value, prefix)
            return
        for key in _PATHS:
            if isinstance(value.get(key), str):
                self._read(value[key], prefix)
        for key in ("currency", "unit"):
            if isinstance(value.get(key), dict):
                self._value(value[key], prefix)

    def _condition(self, said: Written, prefix: str) -> None:
        for each in said.get("all") or said.get("any") or []:
            self._condition(each, prefix)
        if "not" in said:
            self._condition(said["not"], prefix)
        if isinstance(said.get("path"), str):
            self._read(said["path"], prefix)

    def _group(self, text: str, prefix: str) -> str:
        inner = self._read(text, prefix)
        return f"{inner}[]" if self._is_flat else inner

    def _read(self, text: str, prefix: str) -> str:
        """Note a path; where it leads."""
        steps = list(_steps(text, self._mapping["format"]))
        if not self._is_flat:
            self._found.reads.update(steps)
            return ""
        if text == ".":
            where = prefix
        elif text.startswith("/") or not prefix:
            where = steps[0]
        else:
            where = f"{prefix}.{steps[0]}"
        self._found.reads.add(where)
        return where


def _steps(text: str, format_: str) -> Iterator[str]:
    """A path without its qualifiers, and those as paths of their own."""
    if format_ in {"x12", "edifact"}:
        for step in re.split(r"/(?![^\[]*\])", text.removeprefix("/").replace("../", "")):
            id_ = re.split(r"[\[-]", step)[0]
            for qualifier in _PREDICATE.findall(step):
                yield f"{id_}-{qualifier.partition('=')[0]}"
            yield _PREDICATE.sub("", step)
    elif format_ == "xml":
        plain = text.replace("../", "").strip("/.")
        for step in re.split(r"/(?![^\[]*\])", plain):
            for qualifier in _PREDICATE.findall(step):
                yield f"{_PREDICATE.sub('', step)}/{qualifier.partition('=')[0]}"
        yield _PREDICATE.sub("", plain)
    else:
        yield re.sub(r"\[\d+\]", "[]", text.removeprefix("/"))


def _texts(value: Written) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (value[key] for key in _PATHS if isinstance(value.get(key), str))


def _words(value: Any) -> str:  # noqa: ANN401  # whatever was written
    """What fills a target, in one line."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")).replace('"', "")
