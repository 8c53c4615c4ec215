"""How far a freight invoice may be from what was expected and still be paid without a person."""

from __future__ import annotations

import msgspec


class Tolerance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The larger of an absolute amount (minor units) and a share of the expected amount (basis points)."""

    absolute_minor: int = 500
    basis_points: int = 200

    def allowance(self, expected: int) -> int:
        """The allowed distance from `expected`, in minor units; a share is rounded down."""
        return max(self.absolute_minor, expected * self.basis_points // 10_000)

    def accepts(self, *, billed: int, expected: int) -> bool:
        """Is the invoice close enough?"""
        return abs(billed - expected) <= self.allowance(expected)
