"""Files that nobody could hold in memory: read, or refused with the defect and its place, in flat memory."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from typing import Any, NamedTuple

import pytest
from tests.unit.formats import messages
from tests.unit.formats.interchanges import interchange, status

from crossdock.app import bench_edi

MEGABYTE = 1_000_000
FLAT_MB = 100
# Reads what comes through its pipe as `crossdock edi validate - --json`, and says what memory that took.
READER = """
import sys
from crossdock.app.measuring import peak_of_this_process_mb
from crossdock.cli import cli
from crossdock.formats.edi import reading
reading.ENDLESS_SEGMENTS = reading.ENDLESS_DOCUMENTS = {endless}
try:
    cli.main(["edi", "validate", "-", "--json"], standalone_mode=False)
except SystemExit:
    pass
print(peak_of_this_process_mb(), file=sys.stderr)
"""
X12_HEAD, _, X12_TAIL = interchange([status("SH1")]).encode().partition(b"LX*1~")
EDIFACT_HEAD, _, EDIFACT_TAIL = messages.interchange([messages.status()]).encode().partition(b"CNI+1+SH1'")


class Read(NamedTuple):
    outcome: dict[str, Any]
    peak_mb: float

    @property
    def defects(self) -> list[tuple[str, str]]:
        return [(each["position"], each["rule"]) for each in self.outcome["defects"]]


def validated(chunks: Iterable[bytes], *, endless: int = 10_000_000) -> Read:
    """What validating a stream says; a reader that has seen enough closes the pipe."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER.format(endless=endless)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert reader.stdin is not None
    stdin = reader.stdin

    def feed() -> None:
        with suppress(BrokenPipeError):
            for chunk in chunks:
                stdin.write(chunk)
        with suppress(BrokenPipeError):
            stdin.close()

    feeding = threading.Thread(target=feed, daemon=True)
    feeding.start()
    assert reader.stdout is not None
    assert reader.stderr is not None
    # The pipe is closed behind the reader, so that a stream without an end stops too.
    answer, told = reader.stdout.read(), reader.stderr.read()
    reader.wait(timeout=100)
    reader.stdout.close()
    reader.stderr.close()
    feeding.join(timeout=100)
    assert b"Traceback" not in told, told.decode()
    return Read(json.loads(answer), float(told.split()[-1]))


@pytest.mark.parametrize(
    ("head", "position"), [(X12_HEAD + b"N1*", "segment 7, N1"), (EDIFACT_HEAD + b"FTX+", "segment 5, FTX")]
)
def test_500_mb_in_one_segment_are_refused_where_it_begins(head: bytes, position: str) -> None:
    read = validated(chain([head], repeat(b"x" * MEGABYTE, 500)))
    rule = "x12.size" if head.startswith(b"ISA") else "edifact.size"
    assert (position, rule) in read.defects
    assert read.peak_mb < FLAT_MB


@pytest.mark.parametrize("head", [b"", X12_HEAD + b"N1*", EDIFACT_HEAD + b"FTX+"], ids=["garbage", "x12", "edifact"])
def test_a_stream_without_an_end_and_without_a_segment_is_left(head: bytes) -> None:
    read = validated(chain([head], repeat(b"x" * MEGABYTE)))
    assert read.outcome["outcome"] == "refused"
    assert any(rule.endswith(".size") for _, rule in read.defects)
    assert read.peak_mb < FLAT_MB


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (X12_HEAD, b"LX*1~AT7*X3*NS***20260302*0854*UT~" * 1_000),
        (EDIFACT_HEAD, b"CNI+1+SH1'STS+1+21'" * 1_000),
        (X12_HEAD, b"ZZZ*1~" * 1_000),
    ],
    ids=["x12", "edifact", "x12 of nothing known"],
)
def test_a_document_without_an_end_is_left(head: bytes, again: bytes) -> None:
    read = validated(chain([head], repeat(again)), endless=300_000)
    assert any(rule.endswith(".size") for _, rule in read.defects)
    assert read.peak_mb < FLAT_MB


def test_an_interchange_without_an_end_is_left() -> None:
    head, document = X12_HEAD.partition(b"ST*")[0], b"ST*" + X12_HEAD.partition(b"ST*")[2] + b"LX*1~SE*6*0001~"
    read = validated(chain([head], repeat(document * 1_000)), endless=50_000)
    assert any(rule == "x12.size" for _, rule in read.defects)
    assert read.peak_mb < FLAT_MB


def test_a_megabyte_of_release_characters_is_refused_where_it_begins() -> None:
    read = validated([EDIFACT_HEAD + b"FTX+AAI+++" + b"?" * MEGABYTE + b"'" + EDIFACT_TAIL])
    assert ("segment 5, FTX", "edifact.size") in read.defects
    assert read.peak_mb < FLAT_MB


@pytest.mark.parametrize("head", [X12_HEAD, EDIFACT_HEAD, b"ISA", b"UNA", b""])
def test_every_byte_value_is_refused_with_its_place(head: bytes) -> None:
    read = validated([head, bytes(range(256)) * 100])
    assert read.outcome["outcome"] == "refused"
    assert all(position for position, _ in read.defects)


@pytest.mark.parametrize("standard", ["x12", "edifact"])
def test_a_long_interchange_is_read_in_flat_memory(standard: str) -> None:
    child = f"from crossdock.app.bench_edi import peak_of; print(peak_of({standard!r}, 30))"
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True, timeout=100)
    assert float(done.stdout) < FLAT_MB
    assert standard in bench_edi.STANDARDS


def test_what_a_reader_that_saw_enough_says_is_all_there() -> None:
    def many() -> Iterator[bytes]:
        yield interchange([status(f"SH{at}", control=f"{at:04}") for at in range(1, 2_001)]).encode()

    read = validated(many())
    assert (read.outcome["outcome"], read.outcome["documents"], read.outcome["codes"]) == (
        "read",
        2_000,
        {"214": 2_000},
    )
