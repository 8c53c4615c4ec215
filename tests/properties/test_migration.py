"""New rules: a case stays on the ones it began with, and moves when it is decided; nothing goes out unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.world import POLICIES, START, Arrived, World, histories, run, split

from crossdock.model.decisions import CaseMigrated
from crossdock.model.envelope import Event, Receipt
from crossdock.model.events import CommandSettled
from crossdock.processes import case as casing
from crossdock.processes.catalog import KINDS, Rules
from crossdock.processes.plan import Command, Plan
from crossdock.processes.policy import PolicyBook
from crossdock.processes.reference import Book

DEEP = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
LATER = 10**6
NEW = 1 + max(KINDS["order"].latest, KINDS["shipment"].latest)


def _new(first: Rules) -> Rules:
    """Rules that want every document otherwise, and one more; all else is as before."""

    def plan(state: Any, now: int, policies: PolicyBook, reference: Book) -> Plan:
        wanted = first.plan(state, now, policies, reference)
        wanted.commands = {
            slot: msgspec.structs.replace(command, content=command.content | {"version": NEW})
            for slot, command in wanted.commands.items()
        }
        wanted.commands["notice"] = Command("send_notice", "shop", {"no": state.no}, "undo")
        return wanted

    return first._replace(plan=plan)


@contextmanager
def two_versions() -> Iterator[None]:
    """Orders and shipments have a new version of their rules; cases still begin on the latest before it."""
    kinds = [KINDS["order"], KINDS["shipment"]]
    before = [kind.versions for kind in kinds]
    for kind in kinds:
        kind.versions = {**kind.versions, NEW: _new(kind.versions[kind.latest])}
    try:
        yield
    finally:
        for kind, versions in zip(kinds, before, strict=True):
            kind.versions = versions


def migrations(world: World, *, arrival: int) -> list[Arrived]:
    """The decision that every order and shipment goes on by the new version."""
    cases = [case for case in world.records() if case.startswith(("order/", "shipment/"))]
    return [
        Arrived(
            Receipt(arrival + number, 0),
            Event(
                row=0,
                occurred=START + timedelta(days=1),
                data=CaseMigrated(
                    case=case,
                    rules=NEW,
                    policies=1,
                    decision="adopt",
                    accepted=[],
                    decided_by="ops",
                    reason="rehearsed",
                    act=1,
                ),
            ),
        )
        for number, case in enumerate(cases)
    ]


def wants_of_new_rules(world: World) -> list[tuple[str, str, bool]]:
    return [
        (owner, change.slot, held)
        for owner, change, held in world.issued
        if change.state == "wanted" and change.command is not None
        and (change.slot == "notice" or "version" in change.command.content)
    ]  # fmt: skip


@DEEP
@given(data=st.data())
@two_versions()
def test_a_build_with_new_rules_changes_nothing_for_cases_that_began(data: st.DataObject) -> None:
    arrived = data.draw(histories())
    world = run(data.draw(split(arrived)))
    assert NEW not in {record.rules for record in world.records().values()}
    assert wants_of_new_rules(world) == []


@DEEP
@given(data=st.data())
@two_versions()
def test_what_only_new_rules_want_is_held(data: st.DataObject) -> None:
    world = run([data.draw(histories())])
    settle_commands(world, data)
    world.issued.clear()
    world.settle(migrations(world, arrival=LATER))
    settle_commands(world, data)
    issued = wants_of_new_rules(world)
    assert all(held for _, _, held in issued)
    for case, record in world.records().items():
        if not case.startswith(("order/", "shipment/")):
            continue
        assert record.rules == NEW
        assert (case, "notice", True) in issued


@DEEP
@given(data=st.data())
@two_versions()
def test_a_migration_at_any_moment_leads_to_the_same_books(data: st.DataObject) -> None:
    arrived = data.draw(histories())
    expected = run([arrived])
    moved = migrations(expected, arrival=LATER)
    expected.settle(moved)
    assert run(data.draw(split([*arrived, *moved]))).net() == expected.net()


def settle_commands(world: World, data: st.DataObject) -> None:
    """Some of what is wanted and not held is sent, and some of that is answered."""
    for _ in range(2):
        told = [
            Arrived(Receipt(LATER * 2 + number, 0), event)
            for number, event in enumerate(_outcomes(world, data.draw(st.integers(0, 5))))
        ]
        world.settle(told)


def _outcomes(world: World, luck: int) -> Sequence[Event]:
    found = []
    held_back = {(owner, change.slot, change.generation) for owner, change, held in world.issued if held}
    for case, record in world.records().items():
        for slot, held in record.slots.items():
            luck = (luck * 7 + 3) % 11
            told = {"wanted": ["sent", "applied", None], "sent": ["applied", None]}.get(held.state, [None])
            outcome = told[luck % len(told)]
            if outcome is not None and (case, slot, held.generation) not in held_back:
                settled = CommandSettled(case=case, slot=slot, generation=held.generation, outcome=outcome)  # type: ignore[arg-type]
                found.append(Event(row=0, data=settled, occurred=START + timedelta(days=2)))
    return found


def test_a_case_on_rules_that_this_build_does_not_have_is_parked_with_the_way_out() -> None:
    record = casing.Record(rules=7)
    answer = casing.ask("order/SO1", record, (), clock=0, policies=POLICIES, reference=Book({}), again=True)
    assert answer.record.parked is not None
    assert "version 7" in answer.record.items[casing.PLAN_FAILED].title
    assert "crossdock rehearse" in answer.record.items[casing.PLAN_FAILED].title
