"""What the commands share: where they look, and how they answer a person or a program.

Data goes to stdout, progress and advice to stderr. Colour and progress bars only on a terminal; what is piped is
neither cut nor coloured. Times are in UTC and say so; money says its currency.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Final

import click
import msgspec

from crossdock import settings
from crossdock.settings import BadSetting, Settings

if TYPE_CHECKING:
    from rich.console import Console

FINDINGS: Final = 1
PARTLY: Final = 6

_PIPED_WIDTH: Final = 4_000
_SELF_EXPLAINING: Final = frozenset({"", "what", "problem"})
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")

Command = Callable[..., None]


class Finish(SystemExit):
    """Ends a command with an exit code, after it has said all that it has to say."""


# -- where -------------------------------------------------------------------------------------------------------


def in_json(command: Command) -> Command:
    """Give a command `--json` and an `Output` as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON (JSON Lines where it streams).")
    @wraps(command)
    def run(*arguments: object, as_json: bool, **named: object) -> None:
        command(Output(as_json=as_json), *arguments, **named)

    return run


def configured(command: Command) -> Command:
    """Give a command `--url` and `--tenant`, and the settings as its second argument, behind the `Output`."""

    @in_json
    @click.option("--url", help="The database's postgresql:// URL. [default: CROSSDOCK_DATABASE_URL, else embedded]")
    @click.option("--tenant", help="Whose data. [default: CROSSDOCK_TENANT, else main]")
    @wraps(command)
    def run(out: Output, *arguments: object, url: str | None, tenant: str | None, **named: object) -> None:
        command(out, settings_of(url, tenant), *arguments, **named)

    return run


def looking(command: Command) -> Command:
    """Give a command the database as it is: `command(out, at, ...)`, with its `Opened` database."""

    @configured
    @wraps(command)
    def run(out: Output, where: Settings, *arguments: object, **named: object) -> None:
        from crossdock.app.opening import existing

        with existing(where) as at:
            command(out, at, *arguments, **named)

    return run


def settings_of(url: str | None, tenant: str | None) -> Settings:
    """The settings of the environment, with what was said on the command line in their place."""
    import os

    said = {"CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_TENANT": tenant}
    try:
        return settings.load({**os.environ, **{name: value for name, value in said.items() if value}})
    except BadSetting as wrong:
        if url or tenant:
            raise click.UsageError(str(wrong)) from wrong
        raise


# -- how ---------------------------------------------------------------------------------------------------------


class Output:
    """Writes an answer as JSON or for a person."""

    def __init__(self, *, as_json: bool) -> None:
        """`as_json`: for a program."""
        self.as_json = as_json
        self._console: Console | None = None

    def document(self, value: object) -> None:
        """The whole answer as one JSON document."""
        click.echo(msgspec.json.format(_ENCODER.encode(value), indent=2))

    def line(self, value: object) -> None:
        """One of many answers as a line of JSON."""
        click.echo(_ENCODER.encode(value))

    @property
    def console(self) -> Console:
        """Where a person reads; made when it is needed, as rich takes a while to load."""
        if self._console is None:
            from rich.console import Console

            width = None if sys.stdout.isatty() else _PIPED_WIDTH
            self._console = Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)
        return self._console

    def text(self, line: str = "", style: str | None = None) -> None:
        """A line of text; a long one folds on a terminal, and only there."""
        self.console.print(plain(line), style=style)

    def heading(self, line: str) -> None:
        """The title of what follows, with a blank line before it."""
        self.console.print()
        self.console.print(plain(line), style="bold")

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        right: Sequence[str] = (),
        below: Sequence[str] = (),
        indent: int = 2,
    ) -> None:
        """Aligned columns without lines. No names: no heading. Nothing is ever cut or folded, so it can be copied.

        `right` names columns to be aligned to the right; `below` those that go to a line of their own under each row
        where the terminal is too narrow for all.
        """
        from rich.cells import cell_len

        cells = [["" if cell is None else plain(str(cell)) for cell in row] for row in rows]
        names = list(columns) or [""] * max(map(len, cells), default=0)
        widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
        natural = indent + sum(widths) + 2 * (len(widths) - 1)
        is_narrow = sys.stdout.isatty() and natural > self.console.width and bool(below)
        beside = [place for place, name in enumerate(names) if not (is_narrow and name in below)]

        def line(row: Sequence[str]) -> str:
            padded = []
            for place in beside:
                blanks = " " * (widths[place] - cell_len(row[place]))
                padded.append(blanks + row[place] if names[place] in right else row[place] + blanks)
            return (" " * indent + "  ".join(padded)).rstrip()

        if columns:
            self.console.print(line(names), style="dim")
        for row in cells:
            self.console.print(line(row))
            if is_narrow:
                under = [
                    row[place] if name in _SELF_EXPLAINING else f"{name} {row[place]}"
                    for place, name in enumerate(names)
                    if place not in beside and row[place]
                ]
                self.console.print(f"{'':{indent + 4}}{', '.join(under)}", style="dim")

    def pairs(self, pairs: Iterable[tuple[str, object]], *, indent: int = 2) -> None:
        """Names and values, aligned; what has no value is left out."""
        kept = [(name, value) for name, value in pairs if value is not None and value != ""]
        width = max((len(name) for name, _ in kept), default=0)
        for name, value in kept:
            self.console.print(f"{' ' * indent}{name:<{width}}  {plain(str(value))}")


def advise(line: str) -> None:
    """A word beside the answer, on stderr."""
    click.echo(line, err=True)


# -- values ------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """A text without control characters: what a sender wrote must not steer the reader's terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def at(instant: datetime | None) -> str:
    """An instant in a column whose heading says UTC: `2026-03-02 07:00:00`."""
    return "" if instant is None else f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def utc(instant: datetime | None) -> str:
    """An instant that stands alone: `2026-03-02 07:00:00 UTC`."""
    return f"{at(instant)} UTC" if instant else ""


def ago(instant: datetime, now: datetime) -> str:
    """How long ago, in one unit: `3 h`."""
    seconds = max(0, int((now - instant).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def money(minor: int, currency: str) -> str:
    """`12.50 USD`; nothing for no money."""
    from crossdock.model.money import format_minor

    return f"{format_minor(minor, currency)} {currency}" if currency else ""


def size(count: int) -> str:
    """Bytes as people read them: `1.4 MB`."""
    for factor, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def cut(text: str, width: int = 100) -> str:
    """A text for a list; what it is cut of is shown where one thing is shown."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def several(count: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while it is a terminal; called with how much is done and how much there is."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    share = TextColumn("{task.percentage:>3.0f} %")
    columns = (TextColumn("{task.description}"), BarColumn(), share, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
