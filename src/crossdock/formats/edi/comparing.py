"""Two lists of segments held against each other, by segment and then by element."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, REPETITION
from crossdock.formats.edi.document import Segment

# Beyond this, segments are held against each other one by one: finding what was moved would take too long.
_ALIGNED_MAX: Final = 20_000


class Difference(NamedTuple):
    """One difference: `kind` is `changed` (an element), `added` or `removed` (a segment).

    `before` and `after` count the segments of each side from 1, 0 where there is none; values are canonical.
    """

    kind: str
    before: int
    after: int
    reference: str
    old: str
    new: str


def differences(before: Sequence[Segment], after: Sequence[Segment]) -> Iterator[Difference]:
    """What has to be changed, removed and added to make `after` of `before`, in order."""
    if max(len(before), len(after)) > _ALIGNED_MAX:
        yield from _one_by_one(before, after, 0, 0)
        return
    left, right = (["\n".join(segment) for segment in side] for side in (before, after))
    for kind, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _one_by_one(before[i:j], after[k:m], i, k)


def _one_by_one(before: Sequence[Segment], after: Sequence[Segment], left: int, right: int) -> Iterator[Difference]:
    """Segments of a stretch in turn: of one id by their elements, else one removed and one added."""
    added: list[Difference] = []
    for at, (old, new) in enumerate(zip_longest(before, after)):
        if old is not None and new is not None and old[0] == new[0]:
            yield from added
            added = []
            yield from _elements(old, new, left + at + 1, right + at + 1)
            continue
        if old is not None:
            yield Difference("removed", left + at + 1, 0, old[0], "*".join(old[1:]), "")
        if new is not None:
            added.append(Difference("added", 0, right + at + 1, new[0], "", "*".join(new[1:])))
    yield from added


def _elements(old: Segment, new: Segment, left: int, right: int) -> Iterator[Difference]:
    for place, (was, becomes) in enumerate(zip_longest(old[1:], new[1:], fillvalue=""), 1):
        if was == becomes:
            continue
        reference = f"{old[0]}-{place:02}"
        has_parts = COMPONENT in was + becomes and REPETITION not in was + becomes
        if not has_parts:
            yield Difference("changed", left, right, reference, was, becomes)
            continue
        for part, (one, other) in enumerate(
            zip_longest(was.split(COMPONENT), becomes.split(COMPONENT), fillvalue=""), 1
        ):
            if one != other:
                yield Difference("changed", left, right, f"{reference}:{part}", one, other)
