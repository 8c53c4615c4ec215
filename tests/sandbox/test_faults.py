"""Trouble comes in the shares that were asked for, the same for the same seed, and never to the control."""

import http.client
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import pytest
from tests.sandbox.talking import Talk

from crossdock.sandbox.systems.faults import Faults, Garbage, Luck, luck
from crossdock.sandbox.systems.garbage import spoilt
from crossdock.sandbox.systems.web import said

StartOne = Callable[..., Talk]
GONE = (http.client.RemoteDisconnected, ConnectionResetError, ConnectionRefusedError)


def _issue(number: int) -> dict[str, Any]:
    return {
        "issue_no": f"GDI-{number}",
        "order_no": f"ORD-{number}",
        "shipment_no": "LTL-1",
        "warehouse": "DC01",
        "lines": [{"line": 1, "sku": "BRG-001", "qty": 5}],
    }


def test_luck_is_a_function_of_the_seed_and_the_number() -> None:
    faults = Faults(error=0.05, timeout_after=0.02, garbage=0.01, latency_ms=20, jitter_ms=10)
    drawn = [luck(faults, "7/erp", number, is_page=False) for number in range(10_000)]
    assert drawn == [luck(faults, "7/erp", number, is_page=False) for number in range(10_000)]
    assert drawn != [luck(faults, "8/erp", number, is_page=False) for number in range(10_000)]
    assert 400 < sum(one.error is not None for one in drawn) < 600
    assert 140 < sum(one.timeout_after for one in drawn) < 260
    assert all(0.01 <= one.delay_seconds <= 0.03 for one in drawn)


def test_one_fault_more_does_not_move_the_others() -> None:
    def errors(faults: Faults) -> list[int]:
        return [n for n in range(1_000) if luck(faults, "7/erp", n, is_page=False).error]

    assert errors(Faults(error=0.05)) == errors(Faults(error=0.05, hang=0.3, refuse=0.2, latency_ms=5))


def test_without_faults_nothing_is_drawn() -> None:
    assert luck(Faults(latency_ms=0), "7", 1, is_page=True) == Luck()


def test_the_same_seed_has_the_same_trouble_over_http(start_one: StartOne) -> None:
    def statuses(seed: int) -> list[int]:
        talk = start_one("erp", seed=seed)
        talk.fleet.control("erp", error=0.3)
        return [talk.do("/goods_issues", _issue(number), f"key/{number}").status for number in range(60)]

    assert statuses(7) == statuses(7)
    assert statuses(7) != statuses(8)
    assert 5 < Counter(statuses(7))[201] < 60


def test_a_rate_limit_says_when_to_come_back(start_one: StartOne) -> None:
    talk = start_one("erp")
    talk.fleet.control("erp", rate_per_second=5)
    answers = [talk.ask("GET", "/orders") for _ in range(30)]
    limited = [answer for answer in answers if answer.status == 429]
    assert limited
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in limited)
    assert any(answer.status == 200 for answer in answers)


def test_a_system_that_is_down_can_be_brought_back(start_one: StartOne) -> None:
    talk = start_one("erp")
    talk.fleet.control("erp", down={"how": "503", "seconds": None})
    down = talk.ask("GET", "/orders")
    assert (down.status, down.headers["retry-after"]) == (503, "2")
    talk.fleet.control("erp", down={"how": "close"})
    with pytest.raises(GONE):
        talk.ask("GET", "/orders")
    talk.fleet.control("erp", down=None)
    assert talk.ask("GET", "/orders").status == 200


def test_a_system_refuses_connections_for_a_while(start_one: StartOne) -> None:
    talk = start_one("erp")
    talk.do("/goods_issues", _issue(1), "key")
    talk.fleet.control("erp", down={"how": "refuse", "seconds": 1.0})

    def is_refused() -> bool:
        try:
            talk.ask("GET", "/health")
        except GONE:
            return True
        return False

    talk.wait(is_refused)
    talk.wait(lambda: not is_refused())
    assert talk.ask("GET", "/goods_issues?reference=key").json["items"]


def test_who_hangs_never_answers(start_one: StartOne) -> None:
    talk = start_one("erp")
    talk.fleet.control("erp", hang=1)
    with pytest.raises(TimeoutError):
        talk.do("/goods_issues", _issue(1), "key", seconds=0.3)
    assert talk.deed("key") is None


@pytest.mark.parametrize("kind", get_args(Garbage))
def test_every_kind_of_garbage_is_served(start_one: StartOne, kind: str) -> None:
    talk = start_one("erp")
    for number in range(3):
        talk.do("/invoices", {**_bill(number)}, f"key/{number}")
    talk.fleet.control("erp", rules={"async_numbers": False})
    good = talk.do("/invoices", _bill(9), "key/9")
    path = f"/invoices/{good.json['id']}" if kind not in ("endless_page", "cursor_backwards") else "/feed?limit=1"
    good = talk.ask("GET", path)
    talk.fleet.control("erp", garbage=1, garbage_kinds=[kind])
    if kind == "truncated":
        with pytest.raises(http.client.IncompleteRead):
            talk.ask("GET", path)
        return
    bad = talk.ask("GET", path)
    assert bad.body != good.body
    if kind == "html":
        assert bad.headers["content-type"].startswith("text/html")
    elif kind == "redirect":
        assert (bad.status, bad.headers["location"]) == (302, "/login?next=/")
    elif kind == "error_in_200":
        assert (bad.status, set(bad.json)) == (200, {"error"})
    elif kind == "other_object":
        assert bad.json["id"] != good.json["id"]
    elif kind == "number_as_text":
        assert isinstance(bad.json["total_cents"], str)
    elif kind == "endless_page":
        assert (bad.json["more"], bad.json["cursor"]) == (True, "")
    else:
        assert bad.json["cursor"] < good.json["cursor"]


def _bill(number: int) -> dict[str, Any]:
    return {
        "order_no": f"ORD-{number}",
        "customer_no": "K00001",
        "currency": "USD",
        "lines": [{"line": 1, "sku": "BRG-001", "qty": 5}],
    }


def test_garbage_says_nothing_of_the_deed_which_is_done(start_one: StartOne) -> None:
    talk = start_one("erp")
    talk.fleet.control("erp", garbage=1, garbage_kinds=["html"])
    assert talk.do("/goods_issues", _issue(1), "key").body.startswith(b"<!doctype")
    deed = talk.deed("key")
    assert deed is not None
    assert deed["applied"] == 1


def test_what_cannot_be_spoilt_in_one_way_is_spoilt_in_another() -> None:
    assert json.loads(spoilt(said([1, 2]), "other_object").body).keys() == {"error"}


def test_a_wrong_wish_is_refused_and_changes_nothing(start_one: StartOne) -> None:
    talk = start_one("erp")
    for wish in (
        {"faults": {"error": 2}},
        {"faults": {"eror": 0.1}},
        {"rules": {"decline": 1}},
        {"speed": 0},
        {"x": 1},
    ):
        assert talk.ask("PUT", "/control", wish).status == 422, wish
    control = talk.ask("GET", "/control").json
    assert (control["speed"], control["rules"], control["faults"]["error"]) == (1.0, {}, 0)
    assert control["token"] == "***"


def test_a_skewed_clock_shows_in_what_it_says(start_one: StartOne) -> None:
    talk = start_one("erp")
    before = talk.ask("GET", "/health").json["now"]
    talk.fleet.control("erp", clock_skew_seconds=-7_200)
    assert talk.ask("GET", "/health").json["now"] < before
