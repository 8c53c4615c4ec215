"""What a person decided, as a message like any other: of a source of our own, read by a mapping of our own.

The act in the trail and the message are written in one transaction, and the message carries the number of the act. So
a decision is stored byte for byte, becomes a fact, counts in a plan, and can be replayed. Nobody else may speak as this
source: it has no API key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from crossdock.model.decisions import CarrierMoveAssigned, CaseMigrated, CommandDecided, FreightInvoiceDecided
from crossdock.model.master_data import IdentifierCrossReferenced
from crossdock.model.money import format_minor
from crossdock.store.intake import Incoming, digest

SOURCE: Final = "people"
MAPPING: Final = ("crossdock-decisions", 1)
CONTENT_TYPE: Final = "application/json"
MAPPING_TEXT: Final = """\
mapping: crossdock-decisions
version: 1
format: json
discriminator: type

envelope:
  occurred: /time
  source_id: /id
  revision: /data.act
  retracted: {path: /retracts, equals: "yes"}

documents:
  freight_invoice.decided:
    at: data
    event: freight_invoice.decided
    fields:
      scac: scac
      invoice_no: invoice_no
      decision: decision
      total_minor: {path: total, currency: {path: currency}}
      currency: currency
      decided_by: decided_by
      reason: reason
      act: act
  command.decided:
    at: data
    event: command.decided
    fields:
      case: case
      slot: slot
      generation: generation
      decision: decision
      wanted: wanted
      decided_by: decided_by
      reason: reason
      act: act
  carrier_move.assigned:
    at: data
    event: carrier_move.assigned
    fields:
      scac: scac
      pro_no: pro_no
      shipment_no: shipment_no
      decided_by: decided_by
      reason: reason
      act: act
  case.migrated:
    at: data
    event: case.migrated
    envelope:
      revision: {constant: "0"}
    fields:
      case: case
      rules: rules
      policies: policies
      decision: decision
      accepted:
        each: accepted
        fields:
          slot: slot
          wanted: wanted
          stands: stands
      decided_by: decided_by
      reason: reason
      act: act
  identifier.cross_referenced:
    at: data
    event: identifier.cross_referenced
    fields:
      scheme: scheme
      issuer: issuer
      theirs: theirs
      ours: ours
      valid_from: valid_from
"""
DOCUMENT: Final = (
    '{"title": "People, by the queue and the page", "owns": {"freight_invoice.decided": {}, "command.decided": {},'
    ' "case.migrated": {}, "carrier_move.assigned": {}, "identifier.cross_referenced": {}},'
    ' "reads": {"application/json": "crossdock-decisions"}}'
)
_ENCODE: Final = msgspec.json.Encoder().encode

Decided = FreightInvoiceDecided | CommandDecided | CaseMigrated | CarrierMoveAssigned | IdentifierCrossReferenced


def message(
    source: int, decided: Decided, act: int, at: datetime, *, place: int = 0, retracts: bool = False
) -> Incoming:
    """The message that says it; `place` tells the decisions of one act apart, `retracts` takes an earlier one back."""
    data = msgspec.to_builtins(decided) | {"act": act}
    if isinstance(decided, FreightInvoiceDecided):
        data["total"] = format_minor(data.pop("total_minor"), decided.currency)
    name = f"act-{act}.{place}"
    document = {"type": decided.type, "id": name, "time": at, "data": data}
    if retracts:
        document["retracts"] = "yes"
    return Incoming(source, digest(b"decision", name.encode()), digest(_ENCODE(data)), CONTENT_TYPE, _ENCODE(document))
