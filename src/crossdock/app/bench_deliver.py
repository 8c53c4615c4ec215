"""`crossdock bench deliver`: how fast recorded commands reach a system, beside what the system itself could take."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import psycopg

from crossdock.app import measuring
from crossdock.app.examples import distributor
from crossdock.app.scratch import scratch
from crossdock.app.workers import Workers
from crossdock.engine import configuration
from crossdock.engine.configuration import Folder
from crossdock.engine.settle import Settler
from crossdock.kit.connection import Configured
from crossdock.sandbox.systems.fleet import Fleet
from crossdock.settings import ConfigurationError, Settings
from crossdock.store import configuration as stored
from crossdock.store.connect import connect, pin_plans
from crossdock.store.intake import Incoming, digest, receive

_CONCURRENCY: Final = 32
_PATIENCE_SECONDS: Final = 300.0
_SOURCE: Final = "wms/DC01"
AT: Final = "2026-03-02T08:00:00Z"


class WrongDeeds(AssertionError):
    """The system did not do every command once: the speed is worth nothing."""


def run(settings: Settings, *, commands: int, deliverers: int, say: Callable[[str], None]) -> dict[str, Any]:
    """One measurement: `commands` that real cases want, sent by `deliverers` processes to the ERP of the sandbox."""
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name,
        Fleet(Path(name), names=("erp",), speed=60) as fleet,
        scratch(settings, "deliver") as url,
        connect(url, purpose="bench") as connection,
    ):
        fleet.control("erp", rules={"async_numbers": False})
        say(f"Recording {commands:,} commands.")
        folder = _only_erp(configuration.read_folder(distributor()))
        tenant = _record(connection, folder, commands)
        say(f"Delivering them with {deliverers} processes.")
        with environment(fleet, folder.connections):
            seconds, cpu = _deliver(connection, url, deliverers)
        _check(connection, tenant, fleet, commands)
        say("Measuring what the system itself takes.")
        limit = asyncio.run(_limit(fleet.address("erp"), fleet.tokens["erp"], commands))
    speed = commands / seconds
    return {
        "commands_per_s": round(speed),
        "sandbox_limit_per_s": round(limit),
        "ratio": round(speed / limit, 3),
        "cpu_ms_per_command": round(cpu / commands * 1e3, 2),
    }


def _record(connection: psycopg.Connection, folder: Folder, count: int) -> int:
    """Have cases want `count` commands: goods issues that the ERP is to post. Returns the tenant."""
    tenant = stored.tenant_id(connection, "main")
    configuration.apply(connection, tenant, folder)
    loaded = configuration.load(connection, tenant)
    source = loaded.named(_SOURCE)
    if source is None:
        raise ConfigurationError(f"the example has no source {_SOURCE}")
    pin_plans(connection)
    for first in range(0, count, 500):
        bodies = [goods_issued(number) for number in range(first, min(first + 500, count))]
        receive(
            connection,
            tenant,
            [Incoming(source.id, digest(body), digest(body), "application/json", body) for body in bodies],
        )
    settler = Settler(connection, tenant, loaded)
    while settler.settle(batch=500, now=datetime.now(UTC)):
        pass
    return tenant


def _only_erp(folder: Folder) -> Folder:
    """The example with the ERP alone, as fast as it may be."""
    erp = folder.connections["erp"]
    limits = msgspec.structs.replace(erp.connection.limits, per_second=1e6, burst=1_000_000, concurrency=_CONCURRENCY)
    quick = Configured(connection=msgspec.structs.replace(erp.connection, limits=limits), manifest=erp.manifest)
    return folder._replace(connections={"erp": quick})


def goods_issued(number: int) -> bytes:
    """What a warehouse says that it issued, which the ERP is to post."""
    lines = [{"line": 1, "sku": "BRG-001", "qty": 1 + number % 9, "uom": "EA"}]
    data = {
        "gi_doc": f"GI-{number}",
        "order_no": f"B-{number}",
        "shipment_no": f"BS-{number}",
        "warehouse": "DC01",
        "gross_weight_lb": 100,
        "pallets": 1,
        "seal_no": f"S{number}",
        "posted_at": AT,
        "lines": lines,
    }
    return msgspec.json.encode(
        {"id": f"g{number}", "source": _SOURCE, "type": "goods.issued", "specversion": "1.0", "time": AT, "data": data}
    )


@contextmanager
def environment(fleet: Fleet, connections: Mapping[str, Configured]) -> Iterator[None]:
    """Tell deliverers where the systems are, by the variables that their connections name."""
    told: dict[str, str] = {}
    for system, configured in connections.items():
        credentials = configured.connection.credentials
        names = (configured.connection.address_env, credentials.bearer_env, credentials.hook_secret_env)
        values = (fleet.address(system), fleet.tokens[system], fleet.hook_secrets[system])
        told |= {name: value for name, value in zip(names, values, strict=True) if name is not None}
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _deliver(connection: psycopg.Connection, url: str, deliverers: int) -> tuple[float, float]:
    """Seconds from the first lease to the last outcome; CPU of deliverers and database meanwhile."""
    own, server = measuring.own_cpu_seconds(), measuring.server_cpu_seconds(connection)
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    with Workers(url, "main", deliverers, program="deliverer"):
        while not connection.execute("select 1 from delivery where lease_until is not null limit 1").fetchone():
            _wait(give_up_at)
        started = time.perf_counter()
        while connection.execute("select 1 from delivery limit 1").fetchone():
            _wait(give_up_at)
        seconds = time.perf_counter() - started
    spent = measuring.server_cpu_seconds(connection)
    database = spent - server if spent is not None and server is not None else 0.0
    return seconds, measuring.own_cpu_seconds() - own + database


def _wait(give_up_at: float) -> None:
    if time.monotonic() > give_up_at:
        raise WrongDeeds("the commands do not come to an end")
    time.sleep(0.005)


def _check(connection: psycopg.Connection, tenant: int, fleet: Fleet, commands: int) -> None:
    """Every command applied by its case's account, and once by the system's own."""
    row = connection.execute(
        "select count(*) from command where tenant = %s and target = 'erp' and state = 'applied'", (tenant,)
    ).fetchone()
    done = [deed["applied"] for deed in fleet.book("erp")["deeds"]]
    if row is None or row[0] != commands or done != [1] * commands:
        raise WrongDeeds(f"{commands} commands, {row and row[0]} applied, {sum(done)} deeds in the system's book")


async def _limit(address: str, token: str, count: int) -> float:
    """Deeds a second that a client gets done that does nothing but ask."""
    numbers = iter(range(count))

    async def ask(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            body = {"issue_no": f"L-{number}", "order_no": f"L-{number}", "shipment_no": f"L-{number}",
                    "warehouse": "DC01", "lines": [{"line": 1, "sku": "BRG-001", "qty": 1}]}  # fmt: skip
            async with session.post(
                f"{address}/goods_issues", json=body, headers={"Idempotency-Key": f"limit/{number}"}
            ) as answer:
                await answer.read()
                answer.raise_for_status()

    started = time.perf_counter()
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        await asyncio.gather(*(ask(session) for _ in range(_CONCURRENCY)))
    return count / (time.perf_counter() - started)
