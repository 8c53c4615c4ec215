"""What a compiled mapping hands around while it reads one record, and how it says no to a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from crossdock.formats.edi.document import Document

Raw: TypeAlias = Any
"""A value as the format's reader gave it: whatever the sender wrote."""

Node: TypeAlias = Any
"""Where in a record we are: a JSON value, a row by column name, a loop or a segment of a transaction."""

Ours: TypeAlias = Any
"""A value as the model wants it."""

Lookup = Callable[[str, str, str], str | None]
"""`(scheme, issuer, foreign identifier)` to our identifier, or None where no cross-reference is known."""


WITHHELD: Final = "(personal data)"
"""What a refusal shows in place of a person's data, which may be kept for longer than the data itself."""


class Refused(Exception):
    """One value cannot be used. Inner: it never leaves `Compiled.read`, which makes it a `Rejection`.

    `position` is relative to the node being read; each enclosing group puts its own place before it.
    """

    def __init__(self, rule: str, problem: str, value: object = "", position: str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.problem = problem
        self.value = value
        self.position = position


class Context:
    """What every field of a record may look at beside its own node.

    `root` is the whole record, `currency` the one of amounts that name none, `document` the EDI document whose tree
    the record is.
    """

    __slots__ = ("currency", "document", "lookup", "root")

    def __init__(self, root: Node, lookup: Lookup | None = None, document: Document | None = None) -> None:
        self.root: Node = root
        self.lookup = lookup
        self.document = document
        self.currency: Raw = None


Get = Callable[[Node, Context], Ours]
"""The value of a compiled field or path for a node; None where it is absent and may be."""
