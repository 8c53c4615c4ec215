"""Templates to pages: everything escaped, nothing invisible; money with its currency, times in UTC."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crossdock.console.views import Filters, Money
from crossdock.model.money import format_minor

_HERE: Final = Path(__file__).parent
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_TYPED: Final = re.compile(r"`([^`]+)`")
_MIDNIGHT: Final = time(tzinfo=UTC)
_LINE_BREAKS: Final = frozenset("\n\t")


class Asset:
    """A static file, kept in memory: its bytes and their media type."""

    def __init__(self, path: Path) -> None:
        """Read it."""
        self.body = path.read_bytes()
        self.media_type = _MEDIA_TYPES[path.suffix]


ASSETS: Final = {path.name: Asset(path) for path in sorted((_HERE / "static").iterdir()) if path.suffix in _MEDIA_TYPES}
VERSION: Final = hashlib.sha256(b"\0".join(asset.body for asset in ASSETS.values())).hexdigest()[:12]


def render(template: str, **values: object) -> bytes:
    """A page, or a part of one."""
    return _TEMPLATES.get_template(template).render(**values).encode()


# -- what templates may say --------------------------------------------------------------------------------------


def harmless(value: object) -> object:
    """A text without characters that cannot be seen: they could make a name look like another one."""
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return "".join(
        char if char.isprintable() or char in _LINE_BREAKS else char.encode("unicode_escape").decode() for char in value
    )


def prose(text: str) -> Markup:
    """A sentence of ours; what stands in backticks is to be typed."""
    return Markup(_TYPED.sub(r"<code>\1</code>", str(escape(harmless(text)))))  # noqa: S704  # escaped before


def money(amount: Money) -> str:
    """`12,345.60 USD`."""
    text = format_minor(amount.minor, amount.currency)
    whole, point, fraction = text.partition(".")
    return (
        f"{int(whole):,}{point}{fraction} {amount.currency}".strip() if whole != "-0" else f"{text} {amount.currency}"
    )


def utc(instant: datetime | None) -> Markup:
    """An instant for people and programs; the hour of one that names only its day is left out."""
    if instant is None:
        return Markup()
    at = instant.astimezone(UTC)
    text = f"{at:%d %b %Y}" if at.timetz() == _MIDNIGHT else f"{at:%d %b %Y %H:%M:%S}"
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", text.lstrip("0"))


def clock(instant: datetime | None) -> Markup:
    """The time of day of an instant, to be read where its day goes without saying."""
    if instant is None:
        return Markup()
    at = instant.astimezone(UTC)
    text = f"{at:%d %b}" if at.timetz() == _MIDNIGHT else f"{at:%H:%M:%S}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M:%S}", text.lstrip("0") if "b" in text else text
    )


def beside(instant: datetime, other: datetime | None) -> Markup:
    """An instant beside another one: its day only where that is another day."""
    at = instant.astimezone(UTC)
    text = f"{at:%H:%M:%S}" if other is not None and at.date() == other.astimezone(UTC).date() else f"{at:%d %b %H:%M}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d %H:%M:%S}", text
    )


def ago(instant: datetime, now: datetime) -> str:
    """How long ago, coarsely, so that a live page changes seldom: `3 h`."""
    seconds = max(0, int((now - instant).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "now"


def size(count: int) -> str:
    """Bytes as people read them: `1.4 MB`."""
    for factor, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"


def journey_at(name: str) -> str:
    """The address of a journey; of the item of a code, where the letters are that wait for it."""
    if name.startswith("letters/"):
        return f"/dead?{urlencode({'rule': name.split('/')[1]})}"
    return f"/journey/{quote(name, safe='/')}"


def message_at(name: str) -> str:
    """The address of a message."""
    return f"/message/{quote(name, safe='/')}"


def queue_at(filters: Filters | None = None, **changed: object) -> str:
    """The address of the queue with these filters, some of them changed; another filter begins at page 1."""
    chosen: dict[str, Any] = {"code": "", "desk": "", "claimed": "", "resolved": False, "page": 1}
    if filters is not None:
        chosen |= {name: getattr(filters, name) for name in chosen}
    if changed and "page" not in changed:
        chosen["page"] = 1
    chosen |= changed
    kept = {name: "1" if value is True else str(value) for name, value in chosen.items() if value not in ("", False)}
    if kept.get("page") == "1":
        del kept["page"]
    return "/queue?" + urlencode(kept) if kept else "/queue"


def held_at(**filters: str) -> str:
    """The address of the held commands with these filters."""
    kept = {name: value for name, value in filters.items() if value}
    return "/held?" + urlencode(kept) if kept else "/held"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=harmless,
        auto_reload=False,
    )
    environment.filters.update({
        "money": money, "prose": prose, "utc": utc, "beside": beside, "clock": clock, "ago": ago, "size": size,
        "journey": journey_at, "message": message_at,
    })  # fmt: skip
    environment.globals.update({"queue_at": queue_at, "held_at": held_at, "static": f"/static/{VERSION}"})
    return environment


_TEMPLATES: Final = _environment()
