import pytest

from crossdock.governance.publishing import applied
from crossdock.store.configuration import MappingRow, State


def rows(*versions: tuple[int, State]) -> list[MappingRow]:
    return [MappingRow(version, "m", version, f"v{version}", state) for version, state in versions]


def folder(*versions: int) -> dict[tuple[str, int], str]:
    return {("m", version): f"v{version}" for version in versions}


@pytest.mark.parametrize(
    ("stored", "given", "states"),
    [
        ([], [1, 2], {1: "deprecated", 2: "published"}),
        ([(1, "published")], [1], {}),
        ([(1, "published")], [1, 2], {1: "deprecated", 2: "published"}),
        ([(2, "published")], [1, 2], {1: "deprecated"}),
        ([(1, "published"), (2, "review")], [2], {1: "deprecated", 2: "published"}),
        # Somebody went back to the first version: applying the same folder leaves it at that.
        ([(1, "published"), (2, "deprecated")], [1, 2], {}),
        ([(1, "deprecated")], [1], {1: "published"}),
        ([(1, "retired")], [1], {}),
    ],
)
def test_the_newest_version_is_published_and_the_one_before_deprecated(
    stored: list[tuple[int, State]], given: list[int], states: dict[int, State]
) -> None:
    found = applied(rows(*stored), folder(*given))
    assert found.states == {("m", version): state for version, state in states.items()}
    assert found.refused == {}


def test_a_version_never_changes() -> None:
    found = applied(rows((1, "published")), {("m", 1): "other"})
    assert found.refused == {("m", 1): "it is published: raise its version"}


@pytest.mark.parametrize("state", ["draft", "review"])
def test_where_two_are_asked_for_only_what_was_approved_is_published(state: State) -> None:
    assert applied(rows((1, "published")), folder(2), four_eyes=True).refused.keys() == {("m", 2)}
    assert applied(rows((1, "published"), (2, state)), folder(2), four_eyes=True).refused.keys() == {("m", 2)}
    found = applied(rows((1, "published"), (2, "approved")), folder(1, 2), four_eyes=True)
    assert (found.states, found.refused) == ({("m", 1): "deprecated", ("m", 2): "published"}, {})
    assert applied([], folder(1), four_eyes=True, exempt={"m"}).states == {("m", 1): "published"}
