"""A message corrected by a person: what he writes is a message of its own, linked to the one it stands for.

The original stays, byte for byte. Its dead letters are settled as corrected; what is still wrong with the correction
becomes dead letters of the correction. What was read of the original before is known, and has no effect again.
"""

from __future__ import annotations

import difflib
from collections import Counter
from hashlib import sha256
from typing import Final

import msgspec

from crossdock.app.handling import NotDone, name_of, note_of
from crossdock.app.opening import Opened
from crossdock.app.replay_effects import Effects, Rehearsal
from crossdock.engine import configuration, own_sources
from crossdock.engine.cross_references import CrossReferences
from crossdock.engine.reading import read_messages
from crossdock.store import arrival as arrivals
from crossdock.store import corrections, intake, messages, trail
from crossdock.store.intake import Incoming, digest
from crossdock.store.settling import Message

BYTES_MAX: Final = 1_000_000
_DIFF_LINES_MAX: Final = 400
_AROUND: Final = 2
# Later than any message: in a dry run, what it says is news.
_LAST: Final = 2**62
_TERMINATOR_AT: Final = 105


class Corrected(msgspec.Struct, kw_only=True):
    """What a correction says, or would say: how it differs, its events, what is still refused and what follows.

    `message` is the new one, once it is there; `trail` the act.
    """

    original: str
    message: str | None = None
    diff: list[str] = []
    events: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    problems: list[str] = []
    effects: Effects = msgspec.field(default_factory=Effects)
    trail: int | None = None


def original_of(at: Opened, arrival: int) -> Message:
    """A message that may be corrected. Raises `NotDone`."""
    name = arrivals.text(arrival)
    found = messages.bodies(at.connection, at.tenant, [arrival])
    if not found:
        raise NotDone(f"there is no message {name}, or it is not kept any more")
    if not any(letter.settled_at is None for letter in messages.letters(at.connection, at.tenant, arrival, 10_000)):
        raise NotDone(f"nothing of {name} waits: what was read of it is known, so only its sender can correct it")
    loaded = configuration.load(at.connection, at.tenant)
    source = loaded.sources.get(found[0].source)
    if source is None or source.name in own_sources.NAMES:
        raise NotDone(f"{name} is of {'a source that is gone' if source is None else 'a source of our own'}")
    return found[0]


def try_out(at: Opened, original: Message, body: bytes) -> Corrected:
    """What would be read of the corrected content, and what would follow. Raises `NotDone`; changes nothing."""
    if body == original.body:
        raise NotDone("that is what it says already: nothing differs")
    if max(len(body), len(original.body)) > BYTES_MAX:
        raise NotDone(f"it has more than {BYTES_MAX:,} bytes: have its sender send it again")
    loaded = configuration.load(at.connection, at.tenant)
    wanted = original._replace(arrival=_LAST, body=body)
    read, refused = read_messages([wanted], loaded, CrossReferences(at.connection, at.tenant))
    rehearsal = Rehearsal(at.connection, at.tenant, loaded.policies)
    rehearsal.hear(read)
    return Corrected(
        original=arrivals.text(original.arrival),
        diff=diff_of(original.body, body),
        events=len(read),
        refused=Counter(one.rejection.rule for one in refused),
        problems=[f"{one.rejection.position}: {one.rejection.problem}" for one in refused[:5]],
        effects=rehearsal.effects,
    )


def correct(at: Opened, original: Message, body: bytes, *, who: str, why: str) -> Corrected:
    """Take the corrected content in as a message of the same sender, in the place of the original's dead letters.

    Raises `NotDone` when it cannot be done or recorded.
    """
    who, why = name_of(who), note_of(why, needed=True)
    tried = try_out(at, original, body)
    name = tried.original
    # Contents may hold personal data, and the trail cannot forget: it names them by their hashes.
    detail = {"before": sha256(original.body).hexdigest(), "after": sha256(body).hexdigest()}
    identity = digest(b"correction", str(original.arrival).encode(), body)
    incoming = Incoming(
        original.source, identity, digest(body), original.content_type, body, f"correction of {name}",
        original.header, original.first_row,
    )  # fmt: skip
    with at.connection.transaction():
        tried.trail = trail.append(
            at.connection, at.tenant, who=who, what="message.corrected", subject=name, note=why,
            detail=msgspec.json.encode(detail).decode(),
        )  # fmt: skip
        (taken,) = intake.receive(at.connection, at.tenant, [incoming])
        if taken.verdict != "new":
            raise NotDone(f"the same correction was made before: {arrivals.text(taken.arrival)}")
        corrections.add(at.connection, at.tenant, taken.arrival, original.arrival, tried.trail)
    tried.message = arrivals.text(taken.arrival)
    return tried


def diff_of(before: bytes, after: bytes) -> list[str]:
    """How two contents differ, line by line (segment by segment, member by member), cut when there is too much."""
    found = list(difflib.unified_diff(_lines(before), _lines(after), "before", "after", n=_AROUND, lineterm=""))
    left_out = len(found) - _DIFF_LINES_MAX
    return found if left_out <= 0 else [*found[:_DIFF_LINES_MAX], f"... and {left_out} lines more"]


def _lines(body: bytes) -> list[str]:
    """A content as lines, whatever its sender thinks of lines."""
    stripped = body.strip()
    if stripped[:1] in (b"{", b"["):
        try:
            return msgspec.json.format(stripped, indent=2).decode("utf-8", "backslashreplace").splitlines()
        except msgspec.DecodeError:
            pass
    if stripped[:3] == b"ISA":
        terminator = stripped[_TERMINATOR_AT : _TERMINATOR_AT + 1]
        body = body.replace(terminator, terminator + b"\n") if terminator else body
    elif stripped[:3] in (b"UNA", b"UNB"):
        body = body.replace(b"'", b"'\n")
    elif stripped[:1] == b"<":
        body = body.replace(b"><", b">\n<")
    return [line for line in body.decode("utf-8", "backslashreplace").splitlines() if line.strip()]
