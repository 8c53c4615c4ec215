"""What people decide, as facts: told through intake like any other, so that a plan can count on them.

Each carries the number of its act in the trail, which is its revision too: the latest decision about a thing counts,
and one that is taken back is a retraction.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from crossdock.model.event import Fact, Owner
from crossdock.model.types import CaseId, Count, Currency, Identifier, MinorPositive, Number, Personal, Scac, Slot, Text

FreightVerdict = Literal["approved", "disputed", "rejected"]


class FreightInvoiceDecided(Fact, frozen=True, kw_only=True):
    """A person decided about a freight invoice as it was shown: to pay this total, to dispute it, or to pay nothing."""

    type = "freight_invoice.decided"
    owner = Owner("freight_invoice", ("scac", "invoice_no"))
    key = ("scac", "invoice_no")

    scac: Scac
    invoice_no: Identifier
    decision: FreightVerdict
    total_minor: MinorPositive
    currency: Currency
    decided_by: Personal
    reason: Text
    act: Count


class CommandDecided(Fact, frozen=True, kw_only=True):
    """A person decided about a command: to ask again although it was refused, or to leave what was asked as it is.

    `wanted` names what is wanted of the other system, so that a decision is about what was shown and nothing else.
    """

    type = "command.decided"
    owner = Owner("", ("case",))
    key = ("slot", "generation")

    case: CaseId
    slot: Slot
    generation: Count
    decision: Literal["retried", "accepted"]
    wanted: Identifier | None = None
    decided_by: Personal
    reason: Text
    act: Count


class AcceptedCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that stays as it was asked: by hash, what is wanted in its slot, and what stands there."""

    slot: Slot
    wanted: Identifier
    stands: Identifier


class CaseMigrated(Fact, frozen=True, kw_only=True):
    """It was decided, after a rehearsal, by which version of its rules and edition of the policies a case goes on.

    `adopt`: by these; what they want otherwise waits to be released, but for what is accepted as it was asked.
    `keep`: by those it was on; these are not proposed again.
    """

    type = "case.migrated"
    owner = Owner("", ("case",))
    key = ("act",)

    case: CaseId
    rules: Number
    policies: Number
    decision: Literal["adopt", "keep"]
    accepted: list[AcceptedCommand]
    decided_by: Personal
    reason: Text
    act: Count


class CarrierMoveAssigned(Fact, frozen=True, kw_only=True):
    """A person found out which shipment a carrier's number stands for."""

    type = "carrier_move.assigned"
    owner = Owner("carrier_move", ("scac", "pro_no"))
    key = ("shipment_no",)

    scac: Scac
    pro_no: Identifier
    shipment_no: Identifier
    decided_by: Personal
    reason: Text
    act: Count
