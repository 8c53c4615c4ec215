"""The systems of the sandbox, by name: the list is the sandbox.

| system | speaks | is asked to | tells |
|---|---|---|---|
| shop | REST | (make orders, by `POST /control/orders`) | posts `order.created` |
| tms | REST, hooks, feed | plan_shipment | shipments, tenders; asks carriers by itself |
| wms-a | REST (camelCase), hooks, feed | release_order (DC01, DC02) | picks, goods issues, stock |
| wms-b | legacy: 200 for everything, no keys, kilograms | release_order (DC03, DC04) | the same, to who polls |
| erp | REST, versions, late numbers, hooks, feed | post and cancel issues, back orders, bills | customer invoices |
| carriers | REST, hooks, feed; files: X12 214 and 210, CSV | tenders of the TMS, disputes | answers, ways, bills |
| bank | files: CSV | (mail of the ERP) | payments |

Every one serves `GET /health`, `GET|PUT /control` (speed, faults, rules, peers, hooks), `GET /control/book` (what it
believes, and each key with how often it was received and applied) and lists of its objects to compare with.
A step of a system is synchronous and its answer leaves only when the group commit that holds it is in its SQLite book,
so `kill -9` loses nothing that was answered.
"""

from __future__ import annotations

from typing import Any, Final

from crossdock.sandbox.systems.bank import Bank
from crossdock.sandbox.systems.carriers import Carriers
from crossdock.sandbox.systems.chassis import System
from crossdock.sandbox.systems.erp import Erp
from crossdock.sandbox.systems.shop import Shop
from crossdock.sandbox.systems.tms import Tms
from crossdock.sandbox.systems.wms_a import WmsA
from crossdock.sandbox.systems.wms_b import WmsB

SYSTEMS: Final[dict[str, type[System[Any]]]] = {
    "shop": Shop,
    "tms": Tms,
    "wms-a": WmsA,
    "wms-b": WmsB,
    "erp": Erp,
    "carriers": Carriers,
    "bank": Bank,
}
