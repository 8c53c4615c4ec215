import pytest

from crossdock.governance.lifecycle import STEPS, MappingRules, Verb, Version, refusal
from crossdock.store.configuration import State

TWO = MappingRules(four_eyes=True)
ONE = MappingRules()
STATES: tuple[State, ...] = ("draft", "review", "approved", "published", "deprecated", "retired")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", STEPS)
def test_a_step_is_taken_from_its_states_only_and_the_refusal_says_what_to_do(verb: Verb, state: State) -> None:
    why_not = refusal(verb, Version("m@2", state), "ann", ONE)
    assert (why_not is None) == (state in STEPS[verb].before)
    assert why_not is None or why_not.startswith(f"m@2 is {state}: ")


def test_an_author_approves_his_own_only_where_the_rules_allow_it() -> None:
    version = Version("m@2", "review", frozenset({"ann"}))
    assert refusal("approve", version, "ann", ONE) is None
    assert refusal("approve", version, "bob", TWO) is None
    assert "asks for another one's approval" in str(refusal("approve", version, "ann", TWO))


def test_what_is_in_use_is_not_taken_out_of_use() -> None:
    assert "m@2 reads for bank" in str(refusal("deprecate", Version("m@2", "published", reads=("bank",)), "a", ONE))
    extended = Version("m@2", "deprecated", extended_by=("n@1",))
    assert refusal("retire", extended, "a", ONE) == "n@1 extends m@2: retire that first"
    assert refusal("publish", extended, "a", ONE) is None


@pytest.mark.parametrize(("state", "may"), [("draft", False), ("retired", False), ("published", True)])
def test_an_overlay_is_published_after_its_base(state: State, may: bool) -> None:
    why_not = refusal("publish", Version("m@2", "approved", base=("b@1", state)), "a", ONE)
    assert (why_not is None) is may
