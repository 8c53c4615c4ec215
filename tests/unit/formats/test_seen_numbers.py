"""Control numbers that were used before are noticed, in flat memory."""

from crossdock.formats.edi.seen_numbers import SeenNumbers


def used_again(*numbers: str) -> list[str]:
    seen = SeenNumbers()
    return [number for number in numbers if not seen.is_new(number)]


def test_a_number_that_was_used_before_is_noticed() -> None:
    assert used_again("0001", "0002", "0003", "0002") == ["0002"]
    assert used_again("7", "0005", "A1", "0005", "A1", "7") == ["0005", "A1", "7"]


def test_the_same_number_written_otherwise_in_a_run_is_the_same() -> None:
    assert used_again("0001", "0002", "2") == ["2"]


def test_a_run_of_any_length_takes_no_memory() -> None:
    seen = SeenNumbers()
    assert all(seen.is_new(f"{number:09}") for number in range(200_000))
    assert not seen.is_new("000100000")
    assert len(seen._others) == 0
