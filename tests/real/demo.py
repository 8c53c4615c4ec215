"""The order-to-cash day with a real ERP and a real warehouse: `make demo-real`.

The shop, the transport system, the carrier and the bank are played by this program; the ERP and the warehouse are
Tryton.
"""

from __future__ import annotations

import os
import sys
import time

from tests.real.real_house import real_house
from tests.real.test_order_to_cash import compare, trade

from crossdock.store import embedded
from crossdock.store.databases import create_database, drop_database
from crossdock.store.migrate import upgrade

NAME = "crossdock_demo_real"


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # a demonstration speaks


def main(count: int) -> None:
    say("Setting up an ERP and a warehouse system: two databases of Tryton 8.2 (three minutes, the first time) ...")
    url = os.environ.get("CROSSDOCK_DATABASE_URL") or embedded.ensure_running()
    drop_database(url, NAME)
    ours = create_database(url, NAME)
    upgrade(ours)
    with real_house(ours) as house:
        say(f"  ERP {house.erp.address}/, warehouse {house.wms.address}/")
        say(f"{count} orders: entered, released, picked (some short), issued, billed, freight audited, paid ...")
        started = time.monotonic()
        trade(house, count, 1_200)
        say(f"  {time.monotonic() - started:.0f} s; commands applied there:")
        for kind, applied in house.rows(
            "select kind, count(*) from command where state = 'applied' group by kind order by kind"
        ):
            say(f"    {kind:<22}{applied:>5}")
        compare(house, count)
        say("The ERP's and the warehouse's own books agree with our ledger, to the unit and the cent.")
        clean, named = house.reconciled()
        say("`crossdock reconcile` finds no difference." if clean else f"`crossdock reconcile` finds {named}.")
    drop_database(url, NAME)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
