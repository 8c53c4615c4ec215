"""What a folder's deliveries say, in order of arrival, once copies are dropped and malformed events set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from crossdock.sandbox.day.reading import Members, Said, events

# What the rules need beyond the natural key; the rest of a message is not kept.
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "order.created": frozenset({"warehouse", "lines"}),
    "shipment.created": frozenset({"order_no", "warehouse", "zone"}),
    "load.tendered": frozenset({"shipment_no", "services", "time"}),
    "tender.accepted": frozenset({"shipment_no", "scac"}),
    "tender.rejected": frozenset({"shipment_no"}),
    "pick.confirmed": frozenset({"order_no", "shipment_no", "lines"}),
    "goods.issued": frozenset({"order_no", "shipment_no", "warehouse", "gross_weight_lb", "lines"}),
    "customer.invoiced": frozenset({"order_no", "lines", "total"}),
    "payment.received": frozenset({"invoice_no", "amount"}),
    "shipment.milestone": frozenset({"shipment_no"}),
    "shipment.delivered": frozenset({"shipment_no"}),
    "freight.invoiced": frozenset({"shipment_no", "total"}),
}


class Heard(NamedTuple):
    """One fact; `arrival` is the place of its first good copy among all events of the day."""

    kind: str
    key: str
    arrival: int
    members: Members

    @property
    def cents(self) -> int:
        """Return the amount of a freight invoice, customer invoice or payment."""
        return int(Decimal(self.members["amount" if self.kind == "payment.received" else "total"]) * 100)


@dataclass
class Evidence:
    """All distinct facts of a day: several under one key only where freight invoices conflict, earliest first."""

    facts: dict[tuple[str, str], list[Heard]] = field(default_factory=dict)
    duplicates: int = 0
    malformed: int = 0

    def of_kind(self, kind: str) -> Iterator[Heard]:
        """Yield the first fact under each key of one kind."""
        return (heard[0] for (one, _), heard in self.facts.items() if one == kind)

    def hear(self, said: Said, arrival: int) -> None:
        """Keep a fact, or drop it as a duplicate: the key and, for a freight invoice, the total tell them apart."""
        needed = _NEEDED[said.kind]
        members = {name: value for name, value in said.members.items() if name in needed}
        fact = Heard(said.kind, said.key, arrival, members)
        known = self.facts.setdefault((said.kind, said.key), [])
        if known and (said.kind != "freight.invoiced" or fact.cents in {other.cents for other in known}):
            self.duplicates += 1
        else:
            known.append(fact)


def gather(folder: Path) -> Evidence:
    """Read deliveries.ndjson once; a malformed event counts once, however often its message came byte for byte."""
    evidence, arrival = Evidence(), 0
    set_aside: set[tuple[str, bytes, int]] = set()
    with (folder / "deliveries.ndjson").open(encoding="utf-8") as lines:
        for delivery in map(json.loads, lines):
            for position, said in enumerate(events(delivery)):
                arrival += 1
                if said is not None:
                    evidence.hear(said, arrival)
                else:
                    set_aside.add((delivery["source"], sha256(delivery["raw"].encode()).digest(), position))
    evidence.malformed = len(set_aside)
    return evidence
