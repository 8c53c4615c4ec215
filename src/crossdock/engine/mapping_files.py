"""Mappings as files: documents by name and version, with what they extend and their examples beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from crossdock.mapping import NO_BASES, Bases, Compiled, MappingError, Named, compile_mapping, overlay
from crossdock.mapping.examples import BYTES_MAX, EXAMPLES_MAX, Example, failures
from crossdock.mapping.source import parse

EXPECTED: Final = ".expected.json"


def read_mappings(folder: Path, stored: Bases = NO_BASES) -> tuple[dict[Named, str], dict[Named, list[Example]]]:
    """The mappings of a folder and their examples; they may extend each other and stored ones.

    Each is compiled once, and holds its examples. Raises `MappingError`.
    """
    found = documents_in(folder)
    bases = {**stored, **{name: text for name, (_, text) in found.items()}}
    examples = {}
    for name, (path, text) in found.items():
        try:
            compiled = compile_mapping(text, bases=bases)
        except MappingError as wrong:
            raise MappingError(str(path), str(wrong)) from wrong
        examples[name] = examples_beside(path)
        failed = [failure for example in examples[name] for failure in failures(compiled, example)]
        if failed:
            raise MappingError(str(path), f"an example fails: {failed[0]}; `crossdock map test {path}` shows all")
    return {name: text for name, (_, text) in found.items()}, examples


def examples_beside(path: Path) -> list[Example]:
    """The examples of a mapping: files in a folder of its name beside it, each with `NAME.expected.json`.

    Raises `MappingError`.
    """
    found: list[Example] = []
    for message in sorted(path.with_suffix("").glob("*")):
        if message.name.endswith(EXPECTED) or not message.is_file():
            continue
        expected = message.with_name(message.name + EXPECTED)
        if not expected.is_file():
            raise MappingError(
                str(message), f"nothing says what must come of it: `crossdock map test {path} --keep` does"
            )
        if message.stat().st_size > BYTES_MAX or len(found) >= EXAMPLES_MAX:
            raise MappingError(str(message), f"at most {EXAMPLES_MAX} examples of {BYTES_MAX:,} bytes a mapping")
        found.append(Example(message.name, message.read_bytes(), expected.read_text(encoding="utf-8")))
    return found


def documents_in(folder: Path) -> dict[Named, tuple[Path, str]]:
    """The mapping documents of a folder by name and version, not compiled. Raises `MappingError`."""
    found: dict[Named, tuple[Path, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        try:
            name = overlay.head_of(parse(text))
        except MappingError as wrong:
            raise MappingError(str(path), str(wrong)) from wrong
        if name in found:
            raise MappingError(str(path), f"{overlay.named(name)} stands in {found[name][0].name} as well")
        found[name] = (path, text)
    return found


def compiled_at(path: Path) -> Compiled:
    """The mapping of a file; what it extends stands in the same folder. Raises `MappingError`."""
    text = path.read_text(encoding="utf-8")
    return compile_mapping(text, bases=bases_for(path, text))


def bases_for(path: Path, text: str, stored: Bases = NO_BASES) -> Bases:
    """What the mapping of a file may extend: what is stored, and beside it where that is not enough."""
    base = overlay.base_of(parse(text))
    if base is None or base in stored:
        return stored
    return {name: document for name, (_, document) in documents_in(path.parent).items()} | dict(stored)


def owner_of(document: str) -> str:
    """Who answers for a mapping, as it says itself."""
    owner = parse(document).get("owner")
    return owner.text() if owner is not None else ""
