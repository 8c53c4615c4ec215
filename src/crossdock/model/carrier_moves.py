"""What a carrier says of a move that it knows by its own number only, and the link to the shipment when it comes.

Parcel carriers and networks do not carry our shipment number. What they say is kept under theirs, the PRO or tracking
number, until a label, a waybill or a person says which shipment that is.
"""

from __future__ import annotations

from crossdock.model.event import Fact, Owner
from crossdock.model.types import Code, Identifier, Number, Personal, Scac, Text

_MOVE = Owner("carrier_move", ("scac", "pro_no"))


class CarrierMoveIdentified(Fact, frozen=True, kw_only=True):
    """A carrier's number was given to a shipment: a label was printed, a waybill made."""

    type = "carrier_move.identified"
    owner = _MOVE
    key = ("shipment_no",)
    identifies = ("pro_no",)

    scac: Scac
    pro_no: Identifier
    shipment_no: Identifier


class CarrierMoveReported(Fact, frozen=True, kw_only=True):
    """The carrier says where its move is. `status_code` is the carrier's own word, `milestone` ours."""

    type = "carrier_move.milestone_reported"
    owner = _MOVE
    key = ("status_code", "stop_no")
    identifies = ("pro_no",)

    scac: Scac
    pro_no: Identifier
    status_code: Code
    milestone: Code
    reason_code: Code | None = None
    stop_no: Number
    city: Text | None = None
    state: Text | None = None


class CarrierMoveDelivered(Fact, frozen=True, kw_only=True):
    """The consignee has the goods: the proof of delivery of a move that is known by the carrier's number."""

    type = "carrier_move.delivered"
    owner = _MOVE
    key = ("status_code", "stop_no")
    identifies = ("pro_no",)

    scac: Scac
    pro_no: Identifier
    status_code: Code
    reason_code: Code | None = None
    stop_no: Number
    city: Text | None = None
    state: Text | None = None
    signed_by: Personal | None = None
