"""Every look-up of a settling session goes by the whole key of its index, even while the tables are thought empty."""

from pathlib import Path

import pytest

from crossdock.app import day
from crossdock.app.examples import distributor
from crossdock.engine import configuration
from crossdock.engine.settle import Settler
from crossdock.sandbox.day import generate
from crossdock.store import configuration as stored
from crossdock.store.connect import connect, pin_plans
from crossdock.store.intake import receive


@pytest.mark.parametrize("analyzed", [False, True], ids=["never analyzed", "analyzed when empty"])
def test_rows_are_looked_up_by_their_whole_key(database_url: str, tmp_path: Path, *, analyzed: bool) -> None:
    generate(tmp_path, orders=30)
    with connect(database_url, purpose="test") as connection:
        tenant = stored.tenant_id(connection, "main")
        configuration.apply(connection, tenant, configuration.read_folder(distributor()))
        loaded = configuration.load(connection, tenant)
        sources = {source.name: source.id for source in loaded.sources.values()}
        if analyzed:
            connection.execute("analyze")
        pin_plans(connection)
        for part, position, _ in day._batches(tmp_path, sources, connection, tenant, 100, None, 2):
            receive(connection, tenant, part, position=position)
        settler = Settler(connection, tenant, loaded)
        while settler.settle(batch=100, now=day.STANDING):
            pass
        prepared = connection.execute("select name, statement, parameter_types::text[] from pg_prepared_statements")
        for name, statement, types in prepared.fetchall():
            if types:
                nulls = ", ".join(["null"] * len(types))
                plan = "\n".join(row[0] for row in connection.execute(f"explain execute {name}({nulls})"))
                for sign in ("Join Filter", "Materialize", "Seq Scan on", "Hash Join", "Bitmap"):
                    assert sign not in plan, f"{statement}\n{plan}"
