from datetime import UTC, datetime, timedelta, timezone

import pytest

from crossdock.cli.output import Output, ago, at, cut, money, plain, several, size, utc

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


def test_a_table_is_aligned_and_nothing_of_it_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    Output(as_json=False).table(("id", "n"), [("a", 5), (long, 12_345), ("b", None)], right=("n",))
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == f"  {long}  12345"
    assert lines[1] == f"  a{' ' * 299}      5"
    assert lines[3] == "  b"
    assert all(line == line.rstrip() for line in lines)


def test_an_empty_table_is_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).table(("id", "n"), [])
    assert capsys.readouterr().out == "  id  n\n"


def test_what_a_sender_wrote_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    out.text("a\x1b[2Jb")
    out.pairs([("name", "c\rd")])
    out.table(("id",), [("e\x07f",)])
    assert capsys.readouterr().out == "a\\x1b[2Jb\n  name  c\\rd\n  id\n  e\\x07f\n"
    assert plain("Zürich, 5 €") == "Zürich, 5 €"


def test_pairs_without_a_value_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=False).pairs([("one", 1), ("none", None), ("empty", ""), ("longer", 0)])
    assert capsys.readouterr().out == "  one     1\n  longer  0\n"


def test_json_is_one_document_or_lines(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=True)
    out.document({"b": 1, "a": NOW})
    out.line({"b": 1, "a": 2})
    assert capsys.readouterr().out == '{\n  "a": "2026-03-10T09:00:00Z",\n  "b": 1\n}\n{"a":2,"b":1}\n'


def test_times_are_told_in_utc() -> None:
    there = datetime(2026, 3, 2, 1, 2, 3, tzinfo=timezone(timedelta(hours=-7)))
    assert at(there) == "2026-03-02 08:02:03"
    assert utc(there) == "2026-03-02 08:02:03 UTC"
    assert at(None) == utc(None) == ""


@pytest.mark.parametrize(
    ("age", "said"), [(0, "0 s"), (90, "90 s"), (120, "2 min"), (7_300, "2 h"), (200_000, "2 d"), (-5, "0 s")]
)
def test_an_age_has_one_unit(age: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=age), NOW) == said


def test_amounts_say_what_they_are_amounts_of() -> None:
    assert money(1250, "USD") == "12.50 USD"
    assert money(1250, "JPY") == "1250 JPY"
    assert money(0, "") == ""
    assert [size(n) for n in (999, 1_500, 2_000_000)] == ["999 B", "1.5 kB", "2.0 MB"]
    assert [several(n, "message") for n in (0, 1, 2_000)] == ["0 messages", "1 message", "2,000 messages"]
    assert cut("x" * 200, 5) == "xxxx…"
