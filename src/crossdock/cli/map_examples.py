"""`crossdock map test MAPPING`: a mapping held against its examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, several
from crossdock.settings import Settings

if TYPE_CHECKING:
    from crossdock.mapping import Compiled
    from crossdock.mapping.examples import Example


def hold(out: Output, where: Settings, mapping: str, *, keep: bool) -> None:
    """Hold a mapping against its examples; `keep` writes what it makes of them."""
    from crossdock.mapping.examples import failures

    path = Path(mapping)
    if keep:
        _keep(path)
    compiled, examples = _of_file(path) if path.is_file() else _stored(where, mapping)
    found = [{"example": one.name, "failures": failures(compiled, one)} for one in examples]
    failed = sum(bool(one["failures"]) for one in found)
    if out.as_json:
        out.document(found)
    else:
        for one in found:
            out.text(
                f"{'fails' if one['failures'] else 'holds':<6} {one['example']}", "red" if one["failures"] else "green"
            )
            for failure in one["failures"]:
                out.text(f"       {failure}")
        out.text(f"{several(len(found), 'example')} of {compiled.name}@{compiled.version}, {failed} fail")
    if not examples and path.is_file():
        advise(f"Put messages into {path.with_suffix('')}/, then `crossdock map test {path} --keep`.")
    if failed:
        raise Finish(FINDINGS)


def _of_file(path: Path) -> tuple[Compiled, list[Example]]:
    from crossdock.engine.mapping_files import compiled_at, examples_beside

    return compiled_at(path), examples_beside(path)


def _stored(where: Settings, said: str) -> tuple[Compiled, list[Example]]:
    from crossdock.app import governing, opening
    from crossdock.app.handling import NotDone
    from crossdock.engine.configuration import bases_of
    from crossdock.mapping import compile_mapping
    from crossdock.store import configuration as stored

    with opening.existing(where) as at:
        rows = stored.read(at.connection, at.tenant)
        try:
            row = governing.row_of(rows, said)
        except NotDone as refused:
            raise click.UsageError(f"{said} is no file, and {refused}") from refused
        return compile_mapping(row.document, bases=bases_of(rows.mappings)), governing.examples_of(at, row.id)


def _keep(path: Path) -> None:
    """Write what is made of each message beside it."""
    import msgspec

    from crossdock.engine.mapping_files import EXPECTED, compiled_at
    from crossdock.mapping.examples import said

    if not path.is_file():
        raise click.UsageError(f"{path} is no file: --keep writes beside one")
    compiled = compiled_at(path)
    for message in sorted(path.with_suffix("").glob("*")):
        if message.is_file() and not message.name.endswith(EXPECTED):
            made = msgspec.json.format(msgspec.json.encode(said(compiled, message.read_bytes())), indent=2)
            message.with_name(message.name + EXPECTED).write_bytes(made + b"\n")
