"""What becomes of the shared EDI samples, checked by eye once and pinned."""

import csv

import pytest
from tests.contracts.edi_corpus import SAMPLES, measured, pinned

needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="no ../shared: the samples are not beside this repository"
)
ENVELOPE = {"count", "control", "truncated", "header", "envelope", "empty"}


@needs_samples
def test_each_sample_is_read_repaired_or_refused_as_it_was_when_a_person_looked() -> None:
    expected = [{name: value for name, value in row.items() if name != "remark"} for row in pinned()]
    assert measured() == expected


@needs_samples
def test_where_the_manifest_sees_another_envelope_the_table_says_why() -> None:
    with (SAMPLES / "manifest.csv").open(newline="") as manifest:
        notes = {row["file"]: row["envelope_facts"] for row in csv.DictReader(manifest)}
    unexplained = []
    for row in pinned():
        rules = {each.partition(" ")[0] for each in f"{row['defects']}, {row['repairs']}".split(", ")}
        is_flawed = bool(rules & (ENVELOPE | {"no_envelope"}))
        if is_flawed is not ("ENVELOPE" in notes[row["file"]]) and not row["remark"]:
            unexplained.append(row["file"])
    assert unexplained == []


def test_a_sample_is_refused_for_a_reason_and_read_without() -> None:
    for row in pinned():
        assert bool(row["defects"]) is (row["outcome"] == "refused"), row
        assert bool(row["repairs"]) or row["outcome"] != "repaired", row
