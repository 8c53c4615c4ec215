"""Reconciling with the systems of the sandbox, in processes of their own, and trouble made in them by hand."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.delivery.house import MORNING
from tests.system.reconciling import SYSTEMS, World, opened, reading_feeds

from crossdock.engine import configuration
from crossdock.store import reconcile


@pytest.fixture
def world(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with opened(database_url, tmp_path / "fleet", monkeypatch, SYSTEMS) as made:
        yield made


def test_what_was_applied_is_clean_and_what_is_on_its_way_is_named_by_its_key(world: World) -> None:
    for number in range(3):
        world.order(number)
        world.issue(number)
    world.applied()
    found = world.reconcile()
    assert (found.code, found.names, found.said["clean"]) == (0, {}, True)
    counted = {(system["name"], one["entity"]): (one["theirs"], one["ours"]) for system in found.said["systems"]
               for one in system["entities"]}  # fmt: skip
    assert counted["erp", "goods_issue"] == (3, 3)
    assert counted["wms-a", "release"] == (3, 3)
    assert counted["wms-a", "stock"][0] == counted["wms-a", "stock"][1] > 100

    world.order(3)
    world.issue(3)
    world.house.settle()
    found = world.reconcile()
    assert (found.code, found.said["findings"]) == (0, 0)
    assert found.names == {"erp goods_issue GI3": "in_flight", "wms-a release SO3": "in_flight"}
    assert found.of("GI3")["because"] == "shipment/SH3/goods_issue/GI3/1"
    assert found.of("SO3")["because"] == "order/SO3/release/1"
    assert found.said["watermark"] is not None

    late = world.reconcile("--overdue-minutes", "0")
    assert (late.code, set(late.names.values())) == (1, {"late"})
    shown = world.ask()
    assert (shown.returncode, shown.stderr) == (0, "")
    assert (
        "in flight: goods issue GI3: shipment/SH3/goods_issue/GI3/1 is wanted, and not sent yet. -> Wait"
        in shown.stdout
    )
    assert "Clean" in shown.stdout


def test_every_kind_of_trouble_gets_its_name(world: World) -> None:
    for number in range(8):
        world.order(number)
        world.issue(number)
    world.applied()
    assert world.reconcile().code == 0

    line = {"line": 1, "sku": world.sku, "qty": 10}
    spare = {"issue_no": "GI99", "order_no": "SO1", "shipment_no": "SH1", "warehouse": "DC03", "lines": [line]}
    second = world.by_hand("POST", "/goods_issues", spare, "hand/1")
    world.rewrite(second, issue_no="GI1")
    world.by_hand("POST", f"/goods_issues/{world.goods_issue(2)['id']}/cancel", {}, "hand/2")
    world.rewrite(world.goods_issue(3), lines=[line | {"qty": 120}])
    world.rewrite(world.goods_issue(4), warehouse="DC04")
    world.rewrite(world.goods_issue(5), lines=[line | {"qty": 11}])
    world.by_hand("POST", "/goods_issues", spare | {"issue_no": "GI98"}, "hand/3")
    world.issue(50, "DC01")
    world.house.settle()

    found = world.reconcile()
    assert found.code == 1
    assert found.names == {
        "erp goods_issue GI1": "doubled",
        "erp goods_issue GI2": "lost",
        "erp goods_issue GI3": "unit",
        "erp goods_issue GI4": "wrong_place",
        "erp goods_issue GI5": "break",
        "erp goods_issue GI98": "break",
        "erp goods_issue GI50": "in_flight",
        "wms-a goods_issued GI50": "lost",
        f"wms-a stock {world.sku}": "break",
    }
    assert "never asked for" in found.of("GI98")["sentence"]
    shown = world.ask("--system", "erp")
    assert shown.returncode == 1
    assert f"wrong place: goods issue GI4: it holds 0 {world.sku} in DC03, 10 {world.sku} in DC04, we" in shown.stdout


def test_a_system_that_is_down_is_said_and_the_others_are_reported(world: World) -> None:
    world.order(1)
    world.applied()
    world.fleet.kill("erp")
    found = world.reconcile()
    assert (found.code, found.said["unreachable"], found.said["clean"]) == (4, ["erp"], False)
    assert {system["name"]: len(system["entities"]) for system in found.said["systems"]} == {"erp": 0, "wms-a": 3}
    shown = world.ask()
    assert shown.returncode == 4
    assert "It could not be asked: asked for goods_issue: no connection" in shown.stdout
    assert world.ask("--system", "wms-a").returncode == 0
    nobody = world.ask("--system", "sap")
    assert (nobody.returncode, nobody.stdout) == (3, "")
    assert "no connection is called 'sap': erp, wms-a" in nobody.stderr


def test_answers_that_lie_are_not_believed(world: World) -> None:
    world.issue(1)
    world.applied()
    world.fleet.control("erp", garbage=1, garbage_kinds=["html"])
    assert world.reconcile().said["unreachable"] == ["erp"]
    world.fleet.control("erp", garbage=0, error=0.3)
    assert world.reconcile().code == 0


def test_pages_are_read_to_the_end(world: World) -> None:
    for number in range(30):
        world.issue(number)
    world.applied()
    settings = configuration.load(world.house.connection, world.house.tenant).connections["erp"]
    for asking in settings.manifest["beliefs"].values():
        asking["query"] = {"limit": "7"}
    world.house.rows(
        "update connection set document = %s::jsonb where name = 'erp'", msgspec.json.encode(settings).decode()
    )
    found = world.reconcile("--system", "erp")
    assert (found.code, found.said["systems"][0]["entities"][0]["theirs"]) == (0, 30)


def test_what_came_before_a_moment_can_be_left_out(world: World) -> None:
    world.issue(1, "DC01")
    world.applied()
    assert world.reconcile("--system", "wms-a").code == 1
    watermark = reconcile.settled(world.house.connection, world.house.tenant)
    assert watermark is not None
    found = world.reconcile("--system", "wms-a", "--since", "2200-01-01")
    assert (found.code, found.names) == (0, {})


def test_an_old_system_that_does_twice_what_it_is_sent_twice(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url, tmp_path / "fleet", monkeypatch, ("tms", "wms-b")) as world:
        for number in range(3):
            world.order(number, "DC03")
        world.applied()
        found = world.reconcile()
        assert (found.code, found.names) == (0, {})
        head = {"REF": "order/SO1/release/1", "ORDNO": "SO1", "WHSE": "DC03"}
        body = {"HDR": head, "POS": [{"POSNO": "00010", "ART": world.sku, "QTY": "10", "UOM": "PCE"}]}
        assert "result" in world.fleet.ask("wms-b", "POST", "/wmsb/order.create", body)
        found = world.reconcile()
        assert (found.code, found.names) == (1, {"wms-b release SO1": "doubled"})
        assert "2 documents (R-B000000" in found.of("SO1")["sentence"]


def test_goods_that_left_and_were_not_told_explain_the_stock(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url, tmp_path / "fleet", monkeypatch, ("tms", "wms-a"), "carriers") as world:
        world.fleet.control("wms-a", rules={"short_pick": 0})
        world.order(1)
        world.applied()
        shipment = world.fleet.ask("tms", "GET", "/shipments")["items"][0]["id"]
        release = world.fleet.ask("wms-a", "GET", "/api/v1/releases")["items"][0]
        lines = [{"lineNo": 1, "itemCode": world.sku, "quantity": 10}]
        amended = {"orderNo": "SO1", "warehouseCode": "DC01", "lines": lines, "shipmentNo": shipment}
        world.fleet.ask("wms-a", "PUT", f"/api/v1/releases/{release['id']}", amended, {"Idempotency-Key": "hand/1"})
        world.fleet.run_at(5_000)
        world.house.until(lambda: world.fleet.ask("wms-a", "GET", "/api/v1/goodsIssues")["items"])
        issue_no = world.fleet.ask("wms-a", "GET", "/api/v1/goodsIssues")["items"][0]["id"]
        found = world.reconcile()
        assert found.names == {f"wms-a goods_issued {issue_no}": "late", f"wms-a stock {world.sku}": "late"}
        assert found.of(world.sku)["because"] == f"goods issue {issue_no}"

        world.house.rows(
            "insert into feed (tenant, connection, polled_at) values (%s, 'wms-a', now())", world.house.tenant
        )
        assert set(world.reconcile().names.values()) == {"in_flight"}  # its feed was not read since we began
        with reading_feeds(world.house.url):
            assert world.reconcile().names == found.names

        goods = [{"line": 1, "sku": world.sku, "qty": 10, "uom": "EA"}]
        world.house.say("wms/DC01", "goods.issued", gi_doc=issue_no, order_no="SO1", shipment_no=shipment,
                        warehouse="DC01", gross_weight_lb=700, pallets=1, seal_no="S1",
                        posted_at=MORNING.isoformat(), lines=goods)  # fmt: skip
        found = world.reconcile()
        assert (found.code, set(found.names.values())) == (0, {"in_flight"})
        assert "received and not settled yet" in found.of(issue_no)["sentence"]
        world.house.settle()
        found = world.reconcile()
        assert (found.code, found.names) == (0, {})


def test_systems_that_only_tell_are_asked_too(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url, tmp_path / "fleet", monkeypatch, ("shop", "bank", "carriers")) as world:
        world.fleet.ask("shop", "POST", "/control/orders", {"count": 1, "per_second": 50})
        mail = {"invoice_no": "INV-1", "order_no": "SO1", "customer_no": "C1", "currency": "USD", "total_cents": 12_345}
        world.fleet.control("bank", rules={"short": 0}, speed=20_000)
        world.fleet.ask("bank", "POST", "/mail/invoices", mail)
        world.house.until(lambda: world.fleet.ask("bank", "GET", "/payments")["items"])
        world.house.until(lambda: world.fleet.ask("shop", "GET", "/orders")["items"])
        order = world.fleet.ask("shop", "GET", "/orders")["items"][0]

        found = world.reconcile()
        assert found.names == {f"shop order {order['order_no']}": "in_flight", "bank payment PMT-1000001": "late"}
        assert "it holds 12345 USD and has not told us" in found.of("PMT-1000001")["sentence"]

        told = {name: order[name] for name in ("order_no", "customer_no", "warehouse", "currency", "ship_to",
                                               "requested_date", "freight_charge")}  # fmt: skip
        lines = [line | {"qty": 12 * line["qty"]} for line in order["lines"]]
        world.house.say("oms", "order.created", **told, lines=lines)
        world.house.settle()
        found = world.reconcile("--system", "shop")
        assert (found.code, found.names) == (1, {f"shop order {order['order_no']}": "unit"})
