"""Writes the pages of docs/reference/ that the code already says: events, the command line, EDI.

`python docs/generate.py` writes them; with `--check` it writes nothing and ends with 1 if one is out of date.
"""
# ruff: noqa: INP001 - a script of the documentation, not a package

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import edi_pages
import msgspec
from msgspec import inspect as forms

from crossdock.cli import cli
from crossdock.model.event import Fact, Reference
from crossdock.model.events import CATALOGUE
from crossdock.model.types import PERSONAL
from crossdock.processes.remembered import REMEMBERS

REFERENCE: Final = Path(__file__).parent / "reference"
_WRITTEN: Final = "<!-- Written by docs/generate.py from the code: edit the code, then run it again. -->"
_WORDS: Final = {
    forms.StrType: "text",
    forms.IntType: "whole number",
    forms.BoolType: "yes or no",
    forms.DecimalType: "decimal number",
    forms.DateType: "date",
    forms.DateTimeType: "moment",
}
_SHARED_OPTIONS: Final = ("--json", "--url", "--tenant", "--help")


def main(arguments: list[str]) -> int:
    """Write the pages, or say which are out of date."""
    stale = []
    for name, text in pages().items():
        path = REFERENCE / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale.append(f"docs/reference/{name}")
        else:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote docs/reference/{name}\n")
    if stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run `python docs/generate.py`\n")
    return 1 if stale else 0


def pages() -> dict[str, str]:
    """The generated pages, by file name."""
    return {
        "events.md": events_page(),
        "command-line.md": command_line_page(),
        "edi.md": _joined(_WRITTEN, *edi_pages.overview(_table)),
        "edi-corpus.md": _joined(_WRITTEN, *edi_pages.corpus_page(_table)),
        "edi-edifact.md": _joined(_WRITTEN, *edi_pages.edifact_page(_table)),
        "edi-x12.md": _joined(_WRITTEN, *edi_pages.x12_page(_table)),
    }


# -- events ------------------------------------------------------------------------------------------------------


def events_page() -> str:
    """The catalogue of canonical events."""
    nested: dict[str, type[msgspec.Struct]] = {}
    chapters = [_event_chapter(event, nested) for event in CATALOGUE.values()]
    # A part may have parts of its own, which are found while it is written.
    parts: dict[str, str] = {}
    while missing := [name for name in sorted(nested) if name not in parts]:
        parts |= {name: _part_chapter(nested[name], nested) for name in missing}
    return _joined(
        _WRITTEN,
        "# Events",
        "What systems tell us, in the words of the trade. The catalogue is `src/crossdock/model/events.py`; a mapping "
        "makes these events out of messages (see [the mapping language](mapping.md)).",
        "A **fact** is kept by the case that owns it, under its natural key: a second event with the same key is the "
        "same fact told again. Where a fact has *content* fields, another content under the same key is another "
        "statement, and both are kept. **Reference data** have no owner; they hold from `valid_from` on. Every event "
        "also has an envelope: when it occurred, when it was recorded, the sender's revision, whether it is retracted "
        "(`src/crossdock/model/envelope.py`).",
        "Money is a whole number of minor units (cents). Fields marked *personal* are a person's data; a case never "
        "keeps them (see [what a case remembers](../decisions/0006-what-a-case-remembers.md)).",
        _table(
            ("event", "kept by", "key"),
            ((f"[{name}](#{_anchor(name)})", _owner(event), _key(event)) for name, event in CATALOGUE.items()),
        ),
        *chapters,
        "# Parts of events",
        *[parts[name] for name in sorted(parts)],
    )


def _event_chapter(event: type[Fact | Reference], nested: dict[str, type[msgspec.Struct]]) -> str:
    rows = [("kept by", _owner(event)), ("key", _key(event))]
    if issubclass(event, Fact):
        remembered = REMEMBERS[event.type].__struct_fields__
        rows += [
            ("content", ", ".join(f"`{name}`" for name in event.content)),
            ("also found by", ", ".join(f"`{name}`" for name in event.identifies)),
            ("a case remembers", ", ".join(f"`{name}`" for name in remembered)),
        ]
    facts = "\n".join(f"* {name}: {value}" for name, value in rows if value)
    return _joined(f"## {event.type}", _doc(event), facts, _fields(event, nested), end="")


def _part_chapter(part: type[msgspec.Struct], nested: dict[str, type[msgspec.Struct]]) -> str:
    return _joined(f"## {part.__name__}", _doc(part), _fields(part, nested), end="")


def _owner(event: type[Fact | Reference]) -> str:
    if issubclass(event, Reference):
        return "reference data"
    fields = "/".join(f"`{name}`" for name in event.owner.fields)
    return f"{event.owner.kind} {fields}" if event.owner.kind else f"the case named in {fields}"


def _key(event: type[Fact | Reference]) -> str:
    names = (*event.key, "valid_from") if issubclass(event, Reference) else event.key
    return ", ".join(f"`{name}`" for name in names)


def _fields(struct: type[msgspec.Struct], nested: dict[str, type[msgspec.Struct]]) -> str:
    info = forms.type_info(struct)
    assert isinstance(info, forms.StructType)  # noqa: S101  # it is a struct
    rows = []
    for field in info.fields:
        form, notes = _form(field.type, nested)
        rows.append(
            (f"`{field.name}`", form, "yes" if field.required else "", "; ".join(dict.fromkeys(filter(None, notes))))
        )
    return _table(("field", "type", "needed", ""), rows)


def _form(given: forms.Type, nested: dict[str, type[msgspec.Struct]]) -> tuple[str, list[str]]:
    """How a page names a type, and what is said of its values."""
    notes: list[str] = []
    if isinstance(given, forms.Metadata):
        schema = given.extra_json_schema or {}
        notes.append("personal" if (given.extra or {}).get(PERSONAL) else schema.get("description", ""))
        given = given.type
    if isinstance(given, forms.UnionType):
        members = [_form(member, nested) for member in given.types if not isinstance(member, forms.NoneType)]
        return " or ".join(name for name, _ in members), notes + [note for _, more in members for note in more]
    if isinstance(given, forms.ListType):
        name, more = _form(given.item_type, nested)
        return f"list of {name}", notes + more
    if isinstance(given, forms.StructType):
        nested[given.cls.__name__] = given.cls
        return f"[{given.cls.__name__}](#{_anchor(given.cls.__name__)})", notes
    if isinstance(given, forms.LiteralType):
        return " or ".join(f"`{value}`" for value in given.values), notes
    return _WORDS[type(given)], notes


# -- the command line --------------------------------------------------------------------------------------------


def command_line_page() -> str:
    """Every command with its arguments and options."""
    root = click.Context(cli, info_name="crossdock")
    commands = list(_commands(root, cli))
    return _joined(
        _WRITTEN,
        "# Command line",
        _help(cli.help),
        "Data goes to stdout; progress and advice go to stderr. These options hold for every command unless its own "
        "table says otherwise:",
        _table(("option", "meaning"), _shared(commands)),
        _table(
            ("command", "what it does"),
            (
                (f"[{path}](#{_anchor(path)})", command.get_short_help_str(limit=200))
                for path, command in commands
                if not isinstance(command, click.Group)
            ),
        ),
        *[_command_chapter(root, path, command) for path, command in commands],
    )


def _commands(
    parent: click.Context, group: click.Group, path: str = "crossdock"
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        if command is None or command.hidden:
            continue
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(click.Context(command, info_name=name, parent=parent), command, f"{path} {name}")


def _shared(commands: Iterable[tuple[str, click.Command]]) -> list[tuple[str, str]]:
    meanings = {"--help": "Show what a command takes; also `-h`."}
    for _, command in commands:
        for option in command.params:
            if isinstance(option, click.Option) and option.opts[0] in _SHARED_OPTIONS:
                meanings[option.opts[0]] = option.help or ""
    return [(f"`{name}`", meanings[name]) for name in _SHARED_OPTIONS]


def _command_chapter(root: click.Context, path: str, command: click.Command) -> str:
    if isinstance(command, click.Group):
        return _joined(f"## {path}", _help(command.help), end="")
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=root)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    rows = []
    for option in command.params:
        if not isinstance(option, click.Option) or option.hidden or option.opts[0] in _SHARED_OPTIONS:
            continue
        rows.append((_names(option, context), _default(option), option.help or ""))
    table = _table(("option", "default", "meaning"), rows) if rows else ""
    return _joined(f"## {path}", f"    {usage}", _help(command.help), table, end="")


def _names(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {_takes(option, context)}"


def _takes(option: click.Option, context: click.Context) -> str:
    form = option.type
    if not isinstance(form, click.IntRange | click.FloatRange):
        return option.make_metavar(context).lower()
    if form.max is None:
        return f"{form.min} or more"
    return f"{form.min} to {form.max}"


def _default(option: click.Option) -> str:
    shown = "" if option.is_flag or not option.show_default or option.default is None else f"{option.default}"
    variable = f"`{option.envvar}`" if isinstance(option.envvar, str) else ""
    return ", else ".join(filter(None, (variable, shown)))


def _help(text: str | None) -> str:
    """A help text as paragraphs of one line each."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


# -- how ---------------------------------------------------------------------------------------------------------


def _joined(*parts: str, end: str = "\n") -> str:
    return "\n\n".join(part for part in parts if part) + end


def _doc(of: type[Any]) -> str:
    return " ".join(inspect.cleandoc(of.__doc__ or "").split())


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [columns, ("---",) * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells)


def _anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
