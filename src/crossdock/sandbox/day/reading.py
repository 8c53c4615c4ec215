"""Reads deliveries back into facts, event by event; what cannot be read is told apart from its neighbours.

This is the auditor's own reader: it shares nothing with the writers of this room, nor with the product.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from sys import intern
from typing import Any, Final, NamedTuple

Members = Mapping[str, Any]

# The natural key of every type of event; anything else in a message may differ between two copies.
KEYS: Final[Mapping[str, Sequence[str]]] = {
    "order.created": ("order_no",),
    "shipment.created": ("shipment_no",),
    "load.tendered": ("tender_id",),
    "tender.accepted": ("tender_id",),
    "tender.rejected": ("tender_id",),
    "pick.confirmed": ("pick_id",),
    "goods.issued": ("gi_doc",),
    "customer.invoiced": ("invoice_no",),
    "payment.received": ("payment_ref",),
    "shipment.milestone": ("scac", "shipment_no", "status_code", "stop_no"),
    "shipment.delivered": ("scac", "shipment_no", "status_code", "stop_no"),
    "freight.invoiced": ("scac", "invoice_no"),
}
_PROOF_OF_DELIVERY: Final = "D1"
_NUMBERS: Final = frozenset({"stop_no"})


class Said(NamedTuple):
    """One readable event: members are named as in JSON, whatever the format; JSON adds `time`, when told."""

    kind: str
    key: str
    members: Members


class Unreadable(ValueError):
    """An event is malformed; it must be set aside alone."""


def events(delivery: Members) -> Iterator[Said | None]:
    """Yield what a delivery (a line of deliveries.ndjson) says, in its order, and None for every malformed event."""
    match delivery["format"]:
        case "json":
            pieces: Iterator[Callable[[], Said]] = iter([lambda: _message(json.loads(delivery["raw"]))])
        case "x12":
            pieces = (partial(_document, segments) for segments in _transaction_sets(delivery["raw"]))
        case _:
            pieces = (partial(_row, *piece) for piece in _rows(delivery["raw"], delivery["content_type"]))
    for read in pieces:
        try:
            yield read()
        except (ValueError, LookupError):
            yield None


def _said(kind: str, members: Members) -> Said:
    parts = [members.get(name) for name in KEYS[kind]]
    for name, part in zip(KEYS[kind], parts, strict=True):
        right = isinstance(part, str) or (name in _NUMBERS and type(part) is int)
        if not right or part == "":
            raise Unreadable(f"{kind}: {name} is {part!r}")
    return Said(intern(kind), "/".join(map(str, parts)), members)


def _message(message: object) -> Said:
    if not isinstance(message, dict) or not isinstance(message.get("data"), dict):
        raise Unreadable("not an object, or without data")
    if message.get("type") not in KEYS:
        raise Unreadable(f"type {message.get('type')!r} is not known")
    return _said(message["type"], {**message["data"], "time": str(message.get("time", ""))})


def _rows(raw: str, content_type: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Split a CSV file into rows, each with its layout and the columns that the file names."""
    reader = csv.reader(io.StringIO(raw, newline=""))
    columns = next(reader, [])
    return ((content_type.partition("layout=")[2], columns, row) for row in reader)


def _row(layout: str, columns: list[str], row: list[str]) -> Said:
    cells = dict(zip(columns, row, strict=True))
    match layout:
        case "payments":
            return _said("payment.received", cells)
        case "status":
            return _said(_status_kind(cells["status_code"]), cells)
        case "freight":
            return _said("freight.invoiced", cells)
    raise Unreadable(f"layout {layout} is not known")


def _transaction_sets(raw: str) -> Iterator[list[list[str]]]:
    """Split an interchange into its documents, each from ST to SE; the separators are those that ISA declares."""
    separator, terminator = raw[3], raw[105]
    document: list[list[str]] = []
    for segment in (text.strip().split(separator) for text in raw.split(terminator)):
        document = [segment] if segment[0] == "ST" else [*document, segment]
        if segment[0] == "SE":
            yield document


def _document(segments: Sequence[Sequence[str]]) -> Said:
    """Read one transaction set, from ST to SE."""
    if int(segments[-1][1]) != len(segments):
        raise Unreadable(f"SE01 counts {segments[-1][1]} of {len(segments)} segments")
    first = {segment[0]: segment for segment in reversed(segments)}
    document = segments[0][1]
    if document == "214":
        _, _, shipment_no, scac = first["B10"]
        members = {
            "scac": scac,
            "shipment_no": shipment_no,
            "status_code": first["AT7"][1],
            "stop_no": next(segment[1] for segment in segments if segment[0] == "L11" and segment[2] == "QN"),
        }
    elif document == "210":
        b3 = first["B3"]
        members = {"scac": b3[11], "invoice_no": b3[2], "shipment_no": b3[3], "total": f"{int(b3[7])}e-2"}
    else:
        raise Unreadable(f"document {document} is not known")
    if not members["shipment_no"]:
        raise Unreadable("the shipment number is empty")
    return _said("freight.invoiced" if document == "210" else _status_kind(members["status_code"]), members)


def _status_kind(code: str) -> str:
    return "shipment.delivered" if code == _PROOF_OF_DELIVERY else "shipment.milestone"
