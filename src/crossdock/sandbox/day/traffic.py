"""How facts reach us: in order of arrival, some twice, some also broken, CSV rows in quarter-hourly files."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, NamedTuple

from crossdock.sandbox.day import damage, wire
from crossdock.sandbox.day.facts import MINUTE_MS, Fact, arrives_ms, next_quarter
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.trade import Form

_BYTE_IDENTICAL: Final = 0.7
_RESENT_WITHIN_MINUTES: Final = 120


class Delivery(NamedTuple):
    """What a sender posts or drops at once: the members of a line of deliveries.ndjson, but for its number."""

    at_ms: int
    source: str
    form: Form
    content_type: str
    events: int
    raw: str


class Sending(NamedTuple):
    """One fact on its way, its body encoded but not yet in an envelope (data, segments, or cells of a row)."""

    told_ms: int
    source: str
    form: Form
    kind: str
    key: str
    body: str | list[str]
    broken: bool = False
    resend: Literal["same bytes", "new envelope"] | None = None
    in_order: bool = True
    raw: str | None = None


@dataclass
class Traffic:
    """Orders facts by arrival, whoever tells them, and counts the trouble it adds."""

    shares: Shares
    rng: Random
    facts: int = 0
    duplicates: int = 0
    malformed: int = 0
    _road: list[tuple[int, int, Sending]] = field(default_factory=list)
    _departures: Iterator[int] = field(default_factory=itertools.count)
    _controls: Counter[str] = field(default_factory=Counter)

    def deliveries(self, stories: Iterable[tuple[int, Iterable[Fact]]]) -> Iterator[Delivery]:
        """Yield deliveries in order of arrival.

        Stories (the time of the first fact, and all facts) come in order of that time, so only what is under way is
        held in memory.
        """
        for start_ms, facts in stories:
            yield from self._arrivals(before_ms=start_ms)
            for fact in facts:
                self._depart(fact)
        yield from self._arrivals(before_ms=math.inf)

    def _depart(self, fact: Fact) -> None:
        """Send a fact, perhaps to be sent again later, and perhaps with a broken copy just before or after it."""
        rng, arrival_ms = self.rng, arrives_ms(fact)
        good = Sending(fact.at_ms, fact.source, fact.form, fact.kind, fact.key, _body(fact))
        self.facts += 1
        copies = [good]
        if rng.random() < self.shares.duplicate:
            self.duplicates += 1
            copies = [good._replace(resend="same bytes" if rng.random() < _BYTE_IDENTICAL else "new envelope")]
        if rng.random() < self.shares.malformed:
            self.malformed += 1
            copies.insert(rng.randrange(2), good._replace(broken=True))
        for sending in copies:
            self._send(arrival_ms, sending)

    def _send(self, arrival_ms: int, sending: Sending) -> None:
        heapq.heappush(self._road, (arrival_ms, next(self._departures), sending))

    def _arrivals(self, before_ms: float) -> Iterator[Delivery]:
        """Yield what arrives before a time; files are complete when everything else of their moment has come."""
        road = self._road
        while road and road[0][0] < before_ms:
            at_ms = road[0][0]
            files: defaultdict[tuple[str, str], list[list[str]]] = defaultdict(list)
            while road and road[0][0] == at_ms:
                sending = heapq.heappop(road)[2]
                if isinstance(sending.body, list):
                    files[sending.source, wire.LAYOUT_OF[sending.kind]].append(self._row(sending, sending.body))
                    self._send_again(at_ms, sending)
                else:
                    raw = sending.raw or self._message(sending, sending.body)
                    yield Delivery(at_ms, sending.source, sending.form, wire.CONTENT_TYPES[sending.form], 1, raw)
                    self._send_again(at_ms, sending, raw)
            for (source, layout), rows in files.items():
                raw = wire.table(layout, rows)
                yield Delivery(at_ms, source, "csv", f"text/csv; layout={layout}", len(rows), raw)

    def _send_again(self, at_ms: int, sending: Sending, raw: str | None = None) -> None:
        if sending.resend is None:
            return
        again_ms = at_ms + self.rng.randrange(1_000, _RESENT_WITHIN_MINUTES * MINUTE_MS)
        same = sending.resend == "same bytes"
        self._send(
            again_ms if sending.form != "csv" else next_quarter(again_ms),
            sending._replace(resend=None, in_order=same, raw=raw if same else None),
        )

    def _message(self, sending: Sending, body: str) -> str:
        """Put a body into its envelope, and break it if it is to arrive broken."""
        kind, source, told_ms = sending.kind, sending.source, sending.told_ms
        if sending.form == "json":
            raw = wire.envelope(kind, source, told_ms, body, self.rng, in_order=sending.in_order)
            return damage.break_json(raw, sending.key, self.rng) if sending.broken else raw
        self._controls[source] += 1
        raw = wire.interchange(kind, source.removeprefix("carrier/"), told_ms, body, self._controls[source])
        return damage.break_x12(raw, self.rng) if sending.broken else raw

    def _row(self, sending: Sending, cells: list[str]) -> list[str]:
        return damage.break_row(cells, wire.LAYOUT_OF[sending.kind], self.rng) if sending.broken else cells


def _body(fact: Fact) -> str | list[str]:
    if fact.form == "json":
        return wire.to_json(fact.data)
    if fact.form == "csv":
        return wire.row(fact)
    if fact.load is None:
        raise TypeError(f"{fact.key} is told in X12, which needs its load")
    return wire.segments(fact, fact.load)
