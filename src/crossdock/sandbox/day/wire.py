"""How facts look on the wire: JSON in an envelope, X12 004010 214 and 210 in an interchange, rows of CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from crossdock.sandbox.day.facts import Fact, Load, stamp

CONTENT_TYPES: Final = {"json": "application/json", "x12": "application/edi-x12"}

_RECEIVER: Final = "SHIPPERHUB"
_CHARGE_COLUMNS: Final = [f"c{n}_{part}" for n in range(1, 5) for part in ("code", "amount")]
LAYOUTS: Final = {
    "payments": ["payment_ref", "invoice_no", "customer_no", "amount", "currency", "value_date", "method", "memo"],
    "status": [
        *("scac", "shipment_no", "pro_no", "status_code", "reason", "stop_no"),
        *("city", "state", "event_time", "signed_by"),
    ],
    "freight": [
        *("scac", "invoice_no", "shipment_no", "pro_no", "invoice_date", "linehaul"),
        *_CHARGE_COLUMNS,
        *("total", "currency"),
    ],
}
LAYOUT_OF: Final = {
    "payment.received": "payments",
    "shipment.milestone": "status",
    "shipment.delivered": "status",
    "freight.invoiced": "freight",
}

to_json: Final = json.JSONEncoder(separators=(",", ":")).encode


def envelope(kind: str, source: str, at_ms: int, data: str, rng: Random, *, in_order: bool = True) -> str:
    """Return a JSON message around encoded data, with an id and trace of its own; members come in any order."""
    noise = f"{rng.getrandbits(352):088x}"
    members = [
        f'"id":"evt_{noise[:24]}"',
        f'"source":"{source}"',
        f'"type":"{kind}"',
        '"specversion":"1.0"',
        f'"time":"{stamp(at_ms)}"',
        f'"data":{data}',
        '"tenant":"cascade-wholesale"',
        f'"schema":"https://schemas.example/{kind}/v1.json"',
        f'"correlation_id":"c{noise[24:40]}"',
        f'"traceparent":"00-{noise[40:72]}-{noise[72:]}-01"',
    ]
    if not in_order:
        rng.shuffle(members)
    return "{" + ",".join(members) + "}"


def interchange(kind: str, scac: str, at_ms: int, segments: str, control: int) -> str:
    """Return an X12 interchange around the segments of one document, with its control number."""
    group, document = ("IM", "210") if kind == "freight.invoiced" else ("QM", "214")
    day, hour_minute = _day(at_ms), _clock(at_ms)[:4]
    return (
        f"ISA*00*{'':10}*00*{'':10}*02*{scac:15}*ZZ*{_RECEIVER:15}*{day[2:]}*{hour_minute}*U*00401*{control:09d}*0*P*>~\n"
        f"GS*{group}*{scac}*{_RECEIVER}*{day}*{hour_minute}*{control}*X*004010~\n"
        f"ST*{document}*0001~\n{segments}SE*{segments.count('~') + 2}*0001~\n"
        f"GE*1*{control}~\nIEA*1*{control:09d}~\n"
    )


def segments(fact: Fact, load: Load) -> str:
    """Return the segments of a carrier's 214 (status) or 210 (freight invoice), between header and trailer."""
    lines = _freight_details(fact, load) if fact.kind == "freight.invoiced" else _shipment_status(fact, load)
    return "".join(f"{line}~\n" for line in lines)


def _shipment_status(fact: Fact, load: Load) -> list[str]:
    data = fact.data
    proof = [f"L11*{data['signed_by']}*P8"] if data["signed_by"] else []
    return [
        f"B10*{load.pro_no}*{load.shipment_no}*{load.scac}",
        f"L11*{load.order_no}*PO",
        f"L11*{data['stop_no']}*QN",
        *proof,
        *_consignee(load),
        "LX*1",
        f"AT7*{data['status_code']}*{data['reason']}***{_day(fact.at_ms)}*{_clock(fact.at_ms)}*UT",
        f"MS1*{data['city']}*{data['state']}*USA",
        f"MS2*{load.scac}*TRL{load.pro_no[-5:]}*TL",
        f"AT8*G*L*{load.weight_lb}*1",
    ]


def _freight_details(fact: Fact, load: Load) -> list[str]:
    data = fact.data
    date, total, linehaul = data["invoice_date"].replace("-", ""), _n2(data["total"]), _n2(data["linehaul"])
    charges = []
    for n, charge in enumerate(data["charges"], start=2):
        amount = _n2(charge["amount"])
        charges += [f"LX*{n}", f"L1*{n}*{amount}*FR*{amount}****{charge['code']}"]
    return [
        f"B3**{data['invoice_no']}*{load.shipment_no}*CC**{date}*{total}**{date}*035*{load.scac}",
        "C3*USD",
        f"N9*CN*{load.pro_no}",
        f"N9*PO*{load.order_no}",
        f"N1*BT*{_RECEIVER}*93*HUB01",
        *_consignee(load),
        "LX*1",
        "L5*1*FREIGHT ALL KINDS*70*N",
        f"L0*1***{load.weight_lb}*G",
        f"L1*1*{linehaul}*FR*{linehaul}",
        *charges,
        f"L3*{load.weight_lb}*G***{total}",
    ]


def _consignee(load: Load) -> list[str]:
    to = load.ship_to
    return [f"N1*CN*{to['name']}", f"N3*{to['address']}", f"N4*{to['city']}*{to['state']}*{to['zip']}*US"]


def _n2(amount: str) -> str:
    """Return an amount with its two decimals implied."""
    return amount.replace(".", "").lstrip("0") or "0"


def _day(at_ms: int) -> str:
    return stamp(at_ms)[:10].replace("-", "")


def _clock(at_ms: int) -> str:
    return stamp(at_ms)[11:19].replace(":", "")


def row(fact: Fact) -> list[str]:
    """Return the cells of a fact in the columns of its layout; what it does not have stays empty."""
    cells = dict(fact.data)
    for n, charge in enumerate(cells.pop("charges", ()), start=1):
        cells[f"c{n}_code"], cells[f"c{n}_amount"] = charge["code"], charge["amount"]
    return [str(cells.get(column, "")) for column in LAYOUTS[LAYOUT_OF[fact.kind]]]


def table(layout: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV file: the columns of the layout, then the rows as they are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LAYOUTS[layout])
    writer.writerows(rows)
    return text.getvalue()
