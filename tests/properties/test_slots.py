"""Law 3 in the small: whatever the plan wanted on the way, the remote system ends with what is wanted, once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.processes.plan import Command
from crossdock.processes.remembered import Accepted, CommandDecision, Migration, Outcome
from crossdock.processes.slots import Slot, changes, difference, wanted_hash, with_outcomes


class Remote:
    """A system with books of its own: what it holds under a slot, and every deed it was asked to do, by key."""

    def __init__(self) -> None:
        self.holds: dict[str, object] | None = None
        self.done: set[int] = set()

    def carry_out(self, slot: Slot) -> None:
        assert slot.generation not in self.done, "one generation had two effects"
        assert slot.asked is not None
        self.done.add(slot.generation)
        if slot.action == "do":
            assert self.holds is None, "done twice"
            self.holds = slot.asked.content
        elif slot.action == "undo":
            assert self.holds is not None, "undone what was not there"
            self.holds = None
        else:
            assert self.holds is not None, "changed what was not there"
            self.holds = slot.asked.content


def command(content: int, change: str) -> Command:
    return Command("create_invoice", "erp", {"total": content}, change)  # type: ignore[arg-type]


wishes = st.lists(st.one_of(st.none(), st.integers(1, 3)), min_size=1, max_size=8)
answers = st.lists(st.sampled_from(["lost", "applied", "unknown then applied", "wait"]), min_size=8, max_size=8)


@settings(max_examples=500, deadline=None)
@given(wishes, answers, st.sampled_from(["amend", "undo", "adjust"]))
def test_the_remote_system_ends_with_what_is_wanted(wanted: list[int | None], fates: list[str], change: str) -> None:
    remote, slots, outcomes = Remote(), dict[str, Slot](), list[Outcome]()

    def ask(wish: int | None) -> None:
        nonlocal slots
        held = with_outcomes(slots, outcomes)
        slots, _ = difference(held, {"s": command(wish, change)} if wish else {}, [])

    def deliver(fate: str) -> None:
        slot = slots.get("s")
        if slot is None or slot.state not in {"wanted", "sent", "unknown"} or fate == "wait":
            return
        if slot.state == "wanted":
            outcomes.append(Outcome("s", slot.generation, "sent"))
            remote.carry_out(slot)
        if fate == "unknown then applied":
            outcomes.append(Outcome("s", slot.generation, "unknown"))
        if fate != "lost":
            outcomes.append(Outcome("s", slot.generation, "applied"))

    for wish, fate in zip(wanted, fates, strict=False):
        ask(wish)
        deliver(fate)
    for _ in range(6):  # the dust settles: what was lost is looked up, and nothing new is wanted
        ask(wanted[-1])
        deliver("applied")
    ask(wanted[-1])
    assert remote.holds == ({"total": wanted[-1]} if wanted[-1] else None)


def test_a_refused_deed_is_held_until_other_content_is_wanted() -> None:
    slots, _ = difference({}, {"s": command(1, "undo")}, [])
    refused = with_outcomes(slots, [Outcome("s", 1, "refused")])
    held, items = difference(refused, {"s": command(1, "undo")}, [])
    assert (held["s"].state, held["s"].generation, [*items]) == ("refused", 1, ["refused/s"])
    other, _ = difference(refused, {"s": command(2, "undo")}, [])
    assert (other["s"].state, other["s"].generation) == ("wanted", 2)


def test_an_irreversible_deed_wanted_otherwise_goes_to_a_person() -> None:
    slots, _ = difference({}, {"s": command(1, "irreversible")}, [])
    applied = with_outcomes(slots, [Outcome("s", 1, "applied")])
    after, items = difference(applied, {}, [])
    assert after["s"].state == "applied"
    assert [*items] == ["irreversible/s"]


def test_what_a_fact_shows_is_not_asked_for() -> None:
    nothing, _ = difference({}, {}, ["s"])
    assert nothing == {}
    slots, _ = difference({}, {"s": command(1, "undo")}, [])
    shown, _ = difference(slots, {}, ["s"])
    assert shown["s"].state == "satisfied"
    assert [change.state for change in changes(slots, shown)] == ["satisfied"]


def test_a_plan_that_changes_its_mind_before_anything_is_sent_asks_once() -> None:
    slots, _ = difference({}, {"s": command(1, "undo")}, [])
    revised, _ = difference(slots, {"s": command(2, "undo")}, [])
    assert (revised["s"].generation, revised["s"].state) == (1, "wanted")
    withdrawn, _ = difference(revised, {}, [])
    assert withdrawn["s"].state == "withdrawn"


def test_a_refused_deed_is_asked_again_once_when_a_person_says_so() -> None:
    slots, _ = difference({}, {"s": command(1, "undo")}, [])
    refused = with_outcomes(slots, [Outcome("s", 1, "refused")])
    decided = [CommandDecision("s", 1, "retried")]
    again, items = difference(refused, {"s": command(1, "undo")}, [], decided)
    assert (again["s"].state, again["s"].generation, items) == ("wanted", 2, {})
    refused_again = with_outcomes(again, [Outcome("s", 1, "refused"), Outcome("s", 2, "refused")])
    held, items = difference(refused_again, {"s": command(1, "undo")}, [], decided)
    assert (held["s"].state, held["s"].generation, [*items]) == ("refused", 2, ["refused/s"])


def test_what_a_person_accepted_stays_as_it_was_asked_until_something_else_is_wanted() -> None:
    slots, _ = difference({}, {"s": command(1, "irreversible")}, [])
    applied = with_outcomes(slots, [Outcome("s", 1, "applied")])
    decided = [CommandDecision("s", 1, "accepted", wanted_hash(command(2, "irreversible")))]
    after, items = difference(applied, {"s": command(2, "irreversible")}, [], decided)
    assert (after["s"].state, after["s"].applied, items) == ("applied", command(1, "irreversible"), {})
    _, items = difference(applied, {"s": command(3, "irreversible")}, [], decided)
    assert "{'total': 3}" in items["irreversible/s"].title


def test_what_new_rules_want_and_a_person_does_not_is_left_as_it_was() -> None:
    wanted = {"s": command(2, "undo")}
    first = {"s": command(1, "undo")}
    unsent, _ = difference({}, first, [])
    decided = [Migration(2, 1, "adopt", [Accepted("s", wanted_hash(wanted["s"]), wanted_hash(first["s"]))])]
    assert difference(unsent, wanted, [], decided) == (unsent, {})
    third, _ = difference(unsent, {"s": command(3, "undo")}, [], decided)
    assert difference(third, wanted, [], decided)[0]["s"].state == "withdrawn"
