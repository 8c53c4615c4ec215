"""How a compiled mapping says no to a value, and what it hands down while it reads one record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.formats.x12.envelope import Transaction

Lookup = Callable[[str, str, str], str | None]
"""`(scheme, issuer, foreign identifier)` to our identifier, or None where no cross-reference is known."""


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

    `root` is the whole record, `currency` the one of amounts that name none, `transaction` the X12 transaction
    whose tree the record is.
    """

    __slots__ = ("currency", "lookup", "root", "transaction")

    def __init__(self, root: Any, lookup: Lookup | None = None, transaction: Transaction | None = None) -> None:
        self.root = root
        self.lookup = lookup
        self.transaction = transaction
        self.currency: Any = None


Get = Callable[[Any, Context], Any]
"""The value of a compiled field for a node; None where it is absent and may be."""
