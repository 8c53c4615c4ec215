"""What became of a command, as a message like any other: of a source of our own, read by a mapping of our own.

So the outcome is stored byte for byte, becomes an event, and can be replayed. Only this product speaks as this source:
it has no API key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from crossdock.model.types import IDENTIFIER_MAX
from crossdock.store.delivery import Key
from crossdock.store.intake import Incoming, digest

SOURCE: Final = "crossdock"
MAPPING: Final = ("crossdock-outcomes", 1)
CONTENT_TYPE: Final = "application/json"
MAPPING_TEXT: Final = """\
mapping: crossdock-outcomes
version: 1
format: json
discriminator: type

envelope:
  occurred: /time
  source_id: /id

documents:
  command.settled:
    at: data
    event: command.settled
    fields:
      case: case
      slot: slot
      generation: generation
      outcome: outcome
      document_no: document_no
      reason: reason
"""
DOCUMENT: Final = (
    '{"title": "Crossdock itself", "owns": {"command.settled": {}},'
    ' "reads": {"application/json": "crossdock-outcomes"}}'
)
_REASON_MAX: Final = 500
_ENCODE: Final = msgspec.json.Encoder().encode

Told = Literal["sent", "unknown", "held", "applied", "refused"]
"""`held`: it is not sent, or not sent again, until a person has looked."""


def message(
    source: int, key: Key, told: Told, at: datetime, *, document_no: str | None = None, reason: str = ""
) -> Incoming:
    """The message that says it; told again it is the same one: its identity is the command and the outcome."""
    identity = digest(b"outcome", key.wire().encode(), told.encode())
    body = _ENCODE(
        {
            "type": "command.settled",
            "id": f"{key.wire()}={told}",
            "time": at,
            "data": {
                "case": key.owner,
                "slot": key.slot,
                "generation": key.generation,
                "outcome": told,
                "document_no": _identifier(document_no),
                "reason": _text(reason) or None,
            },
        }
    )
    return Incoming(source, identity, identity, CONTENT_TYPE, body)


def _identifier(text: str | None) -> str | None:
    """A document number as far as it can be one: what a system calls its document must not make its outcome unread."""
    kept = "".join(char for char in text or "" if " " <= char <= "~").strip()[:IDENTIFIER_MAX].strip()
    return kept or None


def _text(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:_REASON_MAX]
