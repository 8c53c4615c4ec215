"""Saying which shipment a carrier's number stands for: an act in the trail and a fact, in one transaction."""

from __future__ import annotations

from typing import Final

import msgspec

from crossdock.app.handling import NotDone, name_of, note_of
from crossdock.app.lookup import Lookup
from crossdock.app.opening import Opened
from crossdock.clock import SystemClock
from crossdock.engine import decision_messages
from crossdock.model.decisions import CarrierMoveAssigned
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store import intake, trail

_MOVE: Final = "carrier_move/"
_PARTS: Final = 2


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """A move and the shipment that it carries from now on; `trail` is the number of the act."""

    move: str
    shipment: str
    trail: int


def assign(at: Opened, move: str, shipment_no: str, *, who: str, note: str) -> Assigned:
    """Tell a carrier's move (`UPSN/1Z999`) that it carries a shipment. Raises `NotDone` when either is unknown."""
    number = move.strip().removeprefix(_MOVE).removesuffix("/unmatched")
    shipment_no = shipment_no.strip().removeprefix("shipment/")
    who, note = name_of(who), note_of(note, needed=True)
    case, shipment = f"{_MOVE}{number}", f"shipment/{shipment_no}"
    known = Lookup(at.connection, at.tenant).cases([case, shipment])
    if case not in known or number.count("/") != _PARTS - 1:
        raise NotDone(f"no carrier has said anything of {number!r}: write SCAC/NUMBER as in `crossdock queue list`")
    if shipment not in known:
        raise NotDone(f"there is no shipment {shipment_no!r}: `crossdock search {shipment_no}` shows what is like it")
    source = stored.source_named(at.connection, at.tenant, decision_messages.SOURCE)
    if source is None:
        raise ConfigurationError("source people is not registered: run `crossdock config apply` again")
    scac, _, pro_no = number.partition("/")
    with at.connection.transaction():
        act = trail.append(
            at.connection, at.tenant, who=who, what="carrier_move.assigned", subject=f"{number} to {shipment_no}",
            note=note,
        )  # fmt: skip
        told = CarrierMoveAssigned(
            scac=scac, pro_no=pro_no, shipment_no=shipment_no, decided_by=who, reason=note, act=act
        )
        message = decision_messages.message(source, told, act, SystemClock().now())
        intake.receive(at.connection, at.tenant, [message])
    return Assigned(move=number, shipment=shipment_no, trail=act)
