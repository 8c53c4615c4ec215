"""The generator keeps its promises: the same day for the same seed, and as much trouble as it is asked for."""

import json
from collections import Counter
from pathlib import Path

import pytest

from crossdock.sandbox.day import generate, replay
from crossdock.sandbox.day.__main__ import main
from crossdock.sandbox.day.shares import Shares

FILES = ("customers.csv", "deliveries.ndjson", "initial_stock.csv", "oracle.json", "rates.csv")


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_size_and_trouble_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        generate(tmp_path / name, seed=7, orders=60, trouble=4)
    assert _bytes(tmp_path / "first") == _bytes(tmp_path / "second")
    assert sorted(_bytes(tmp_path / "first")) == sorted(FILES)


@pytest.mark.parametrize(("seed", "orders", "trouble"), [(8, 60, 4), (7, 61, 4), (7, 60, 3)])
def test_another_seed_size_or_trouble_gives_another_day(tmp_path: Path, seed: int, orders: int, trouble: float) -> None:
    generate(tmp_path / "first", seed=7, orders=60, trouble=4)
    generate(tmp_path / "second", seed=seed, orders=orders, trouble=trouble)
    first, second = _bytes(tmp_path / "first"), _bytes(tmp_path / "second")
    assert first["deliveries.ndjson"] != second["deliveries.ndjson"]
    assert first["oracle.json"] != second["oracle.json"]


def test_the_oracle_returned_is_the_oracle_written(tmp_path: Path) -> None:
    oracle = generate(tmp_path, seed=7, orders=60)
    assert json.loads((tmp_path / "oracle.json").read_text()) == oracle


def test_without_trouble_every_order_is_paid_and_nothing_is_wrong(tmp_path: Path) -> None:
    oracle = generate(tmp_path, orders=80, trouble=0)
    assert {order["status"] for order in oracle["orders"].values()} == {"PAID"}
    assert oracle["exceptions"] == []
    assert oracle["duplicates_dropped"] == oracle["malformed_exceptions"] == 0
    assert {reserved for _, reserved in oracle["stock"].values()} == {0}
    assert sum(order["freight_accrued"] for order in oracle["orders"].values()) == 0


def test_a_day_without_orders_is_a_day(tmp_path: Path) -> None:
    oracle = generate(tmp_path, orders=0)
    assert oracle["orders"] == {}
    assert (tmp_path / "deliveries.ndjson").read_bytes() == b""
    assert replay(tmp_path)["stock"] == oracle["stock"]


def test_a_negative_size_or_trouble_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="-1 orders"):
        generate(tmp_path, orders=-1)
    with pytest.raises(ValueError, match="cannot be negative"):
        generate(tmp_path, trouble=-0.5)


@pytest.mark.parametrize("trouble", [1.0, 4.0])
def test_trouble_comes_in_about_the_shares_that_were_asked_for(tmp_path: Path, trouble: float) -> None:
    orders, shares = 4_000, Shares().times(trouble)
    oracle = generate(tmp_path, seed=11, orders=orders, trouble=trouble)
    facts, raised = oracle["input"]["distinct"], oracle["totals"]["exceptions"]
    complete = 1 - shares.in_flight
    expected = {
        "duplicates": (oracle["duplicates_dropped"], shares.duplicate * facts),
        "malformed": (oracle["malformed_exceptions"], shares.malformed * facts),
        "rejected": (raised["TENDER_REJECTED"], shares.rejected * orders),
        "short": (raised["SHORT_PICK"], shares.short_pick * orders),
        "unmatched": (raised["UNMATCHED"], shares.unmatched * orders),
        "late goods issue": (raised["OUT_OF_SEQUENCE"], shares.late_goods_issue * complete * orders),
        "mismatch": (raised["BILLING_MISMATCH"], shares.billing_mismatch * complete * orders),
        "paid short": (raised["PAYMENT_SHORT"], shares.payment_short * complete * orders),
        "variance": (raised["FREIGHT_VARIANCE"], shares.variance * complete * orders),
        "conflicting": (raised["CONFLICTING_DUPLICATE"], shares.conflicting * complete * orders),
        "double billed": (raised["DUPLICATE_BILLING"], shares.double_billed * complete * orders),
    }
    # In-flight orders still show some of what stands below it, and four standard deviations are luck enough.
    off = {
        name: (count, about)
        for name, (count, about) in expected.items()
        if abs(count - about) > 4 * about**0.5 + 0.1 * about
    }
    assert not off
    fates = Counter(order["status"] in {"INVOICED", "PARTIALLY_PAID", "PAID"} for order in oracle["orders"].values())
    assert fates[False] < 2 * (shares.in_flight + shares.billing_mismatch) * orders


def test_however_much_trouble_shares_stay_probabilities(tmp_path: Path) -> None:
    assert Shares().times(1_000) == Shares(**dict.fromkeys(Shares.__dataclass_fields__, 1.0))
    oracle = generate(tmp_path, orders=30, trouble=1_000)
    assert oracle["duplicates_dropped"] == oracle["malformed_exceptions"] == oracle["input"]["distinct"]


def test_the_command_writes_a_day_and_prints_its_totals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "3", "--orders", "20", "--trouble", "2", "--out", str(tmp_path / "day")])
    oracle = json.loads((tmp_path / "day" / "oracle.json").read_text())
    assert json.loads(capsys.readouterr().out) == {"input": oracle["input"], "totals": oracle["totals"]}
    assert (oracle["seed"], oracle["orders_n"], oracle["trouble"]) == (3, 20, 2)


def test_the_command_refuses_what_cannot_be_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--trouble", "-1", "--out", str(tmp_path)])
    assert "cannot be negative" in capsys.readouterr().err
