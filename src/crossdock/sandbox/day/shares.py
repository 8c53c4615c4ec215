"""How much goes wrong in a day: the share of every kind of trouble, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Shares:
    """Probabilities: the first two of a fact, the others of an order.

    What stands below `in_flight` shows only in orders that got that far by the end of the day.
    """

    duplicate: float = 0.02
    malformed: float = 0.005
    rejected: float = 0.03
    short_pick: float = 0.02
    unmatched: float = 0.002
    in_flight: float = 0.05
    late_goods_issue: float = 0.01
    billing_mismatch: float = 0.005
    payment_short: float = 0.015
    variance: float = 0.03
    conflicting: float = 0.003
    double_billed: float = 0.005

    def times(self, trouble: float) -> Shares:
        """Return every share multiplied, and still a probability."""
        if trouble < 0:
            raise ValueError(f"trouble multiplies the usual shares and cannot be negative: {trouble}")
        return Shares(**{share.name: min(1.0, getattr(self, share.name) * trouble) for share in fields(self)})
