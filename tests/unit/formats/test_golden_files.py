"""Files with the defects of real ones, and what becomes of each."""

import json

import pytest
from tests.unit.formats.golden_files import FOLDER, OUTCOMES, built, outcomes

EXPECTED = [json.loads(line) for line in (FOLDER / OUTCOMES).read_text(encoding="utf-8").splitlines()]


def test_the_files_are_what_our_writers_write() -> None:
    files = built()
    assert {path.name for path in FOLDER.glob("*.edi")} == files.keys()
    for name, raw in files.items():
        assert (FOLDER / name).read_bytes() == raw, f"{name}: run `python -m tests.unit.formats.golden_files`"


@pytest.mark.parametrize("expected", EXPECTED, ids=[each["file"] for each in EXPECTED])
def test_each_file_is_read_or_refused_as_it_was(expected: dict[str, object]) -> None:
    [found] = [line for line in map(json.loads, outcomes().splitlines()) if line["file"] == expected["file"]]
    assert found == expected
