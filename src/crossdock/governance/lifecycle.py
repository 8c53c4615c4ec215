"""The life of a mapping version: draft, review, approved, published, deprecated, retired; and who may take which step.

One version of a mapping is published at a time: that one reads what comes in. A deprecated one reads only where a
person chooses it for a replay, a retired one never again.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from crossdock.store.configuration import State

Verb = Literal["submit", "return", "approve", "publish", "deprecate", "retire"]


class MappingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`four_eyes`: a version is published only when another one than its author has approved it."""

    four_eyes: bool = False


class Governance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a house governs what it configures: `governance.yaml`."""

    mappings: MappingRules = MappingRules()


class Step(NamedTuple):
    """A step: from which states, to which; `past` as the trail names it."""

    before: tuple[State, ...]
    after: State
    past: str


STEPS: Final[dict[Verb, Step]] = {
    "submit": Step(("draft",), "review", "submitted"),
    "return": Step(("review", "approved"), "draft", "returned"),
    "approve": Step(("review",), "approved", "approved"),
    "publish": Step(("approved", "deprecated"), "published", "published"),
    "deprecate": Step(("published",), "deprecated", "deprecated"),
    "retire": Step(("draft", "review", "approved", "deprecated"), "retired", "retired"),
}
READS: Final[tuple[State, ...]] = ("published", "deprecated")
"""States of versions by which a stored message may be read again."""


class Version(NamedTuple):
    """A version as a step sees it.

    `authors` are those who wrote and submitted it since it was last a draft; `reads` are sources that it reads for,
    `extended_by` versions that extend it and are not retired; `base` is the state of the one that it extends.
    """

    name: str
    state: State
    authors: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()
    extended_by: tuple[str, ...] = ()
    base: tuple[str, State] | None = None


def refusal(verb: Verb, version: Version, who: str, rules: MappingRules) -> str | None:
    """Why a step may not be taken, and what to do; `None` where it may."""
    step = STEPS[verb]
    if version.state not in step.before:
        return f"{version.name} is {version.state}: {_NEXT[version.state]}"
    if verb == "approve" and rules.four_eyes and who in version.authors:
        return f"{who} has written or submitted {version.name}: governance.yaml asks for another one's approval"
    if verb == "deprecate" and version.reads:
        return f"{version.name} reads for {', '.join(version.reads[:3])}: publish another version first"
    if verb in {"return", "deprecate", "retire"} and version.extended_by:
        return f"{', '.join(version.extended_by[:3])} extends {version.name}: retire that first"
    if verb == "publish" and version.base is not None and version.base[1] not in {"approved", *READS}:
        return f"{version.base[0]}, which it extends, is {version.base[1]}: publish that first"
    return None


_NEXT: Final[dict[State, str]] = {
    "draft": "`map submit` it for review",
    "review": "`map approve` it, or `map return` it to its author",
    "approved": "`map publish` it, or `map return` it to its author",
    "published": "publish another version in its place",
    "deprecated": "`map publish` it again, or `map retire` it",
    "retired": "it is never used again; raise the version",
}
