"""`crossdock edi`: every command on every kind of file, for people and for programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.unit.formats.golden_files import FOLDER

from crossdock.cli import cli

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "edi"
FILES = sorted(FOLDER.glob("*.edi"))
CLEAN = FOLDER / "x12-210-clean.edi"
REPORT = FOLDER / "edifact-iftsta-clean.edi"
BAD_TIME = FOLDER / "x12-214-bad-time.edi"
COMMANDS = ["parse", "validate", "explain", "ack", "write", "diff"]


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["edi", *map(str, arguments)], input=stdin, catch_exceptions=False)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("file", FILES, ids=[each.stem for each in FILES])
def test_every_command_answers_to_every_file(command: str, file: Path) -> None:
    for arguments in ([], ["--json"]):
        result = run(command, file, *arguments)
        assert result.exit_code in (0, 1)
        assert result.stdout or result.stderr
        if arguments:
            lines(result)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_answers_to_every_sample(command: str) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("no ../shared with samples")
    files = sorted(SAMPLES.rglob("*.edi"))
    assert len(files) == 128
    for file in files:
        result = run(command, file, "--json")
        assert result.exit_code in (0, 1), file
        assert result.stdout or result.exit_code == 0, file
        lines(result)


def test_a_person_sees_the_loops_of_a_document() -> None:
    result = run("parse", REPORT)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:8] == [
        "",
        "Interchange R1 from SENDER to RECEIVER (EDIFACT UNOC:3)",
        "    IFTSTA transport status 1, release D:96A:UN: read",
        "         3  BGM+44+S1+9",
        "         4  DTM+137:202603020854:203",
        "         5  CNI+1+SH1",
        "         6    STS+1+21",
        "         7      DTM+334:202603020854:203",
    ]


def test_a_program_gets_parts_that_can_be_written_again() -> None:
    parsed = run("parse", CLEAN, "--json")
    assert [each["part"] for each in lines(parsed)] == [
        "interchange", "group", "document", "group_end", "interchange_end",
    ]  # fmt: skip
    document = lines(parsed)[2]
    assert (document["code"], document["outcome"], document["segments"][1]) == ("210", "read", ["C3", "USD"])
    written = run("write", "-", stdin=parsed.stdout_bytes)
    assert written.stdout_bytes.decode().split() == (CLEAN.read_text() + "\n").split()


def test_what_is_wrong_is_named_with_its_place_and_ends_with_1() -> None:
    result = run("validate", BAD_TIME)
    assert result.exit_code == 1
    assert result.stdout.startswith("2 documents (2 214): refused.")
    assert "segment 8, AT7-06  x12.type  256000  AT7-06 (time) must be a time HHMM[SS[dd]]" in result.stdout
    [line] = lines(run("validate", BAD_TIME, "--json"))
    assert (line["outcome"], line["documents"], line["refused"]) == ("refused", 2, 1)
    assert line["defects"][0]["line"] == "AT7*X3*NS***20260302*256000*UT"


def test_a_document_is_explained_in_words_with_its_faults_where_they_are() -> None:
    told = run("explain", BAD_TIME, "--document", "1").stdout
    assert "carrier code (SCAC): RDWY" in told
    assert "01     status: X3 = arrived at pick-up" in told.replace("shipment status: X3", "status: X3")
    assert "WRONG: AT7-06 (time) must be a time HHMM[SS[dd]] (x12.type)" in told
    assert "214 shipment status 0002" not in told


def test_a_repair_is_told_with_what_was_made_of_it() -> None:
    result = run("validate", FOLDER / "x12-210-decimal-point.edi")
    assert result.exit_code == 0
    assert "segment 4, B3-07  x12.decimal_point  150.42  15042" in result.stdout


def test_an_acknowledgement_goes_to_stdout_and_its_meaning_beside_it() -> None:
    result = run("ack", BAD_TIME, "--control", "77")
    assert result.exit_code == 1
    assert result.stderr == "997 P: partly accepted\n"
    assert "AK4*6*337*9*256000~\n" in result.stdout
    assert result.stdout.endswith("IEA*1*000000077~\n")
    assert "ST*999*" in run("ack", BAD_TIME, "--kind", "999").stdout
    assert "ST*824*" in run("ack", BAD_TIME, "--kind", "advice").stdout
    assert "UNH+1+APERAK:" in run("ack", REPORT, "--kind", "advice").stdout


def test_what_is_refused_is_not_written() -> None:
    result = run("write", BAD_TIME)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Not written: segment 8, AT7-06: AT7-06 (time) must be")


def test_files_are_compared_by_what_they_say() -> None:
    assert run("diff", FOLDER / "x12-214-indented.edi", FOLDER / "x12-214-ellipsis.edi").exit_code == 0
    result = run("diff", BAD_TIME, FOLDER / "x12-214-indented.edi", "--json")
    assert result.exit_code == 1
    assert lines(result) == [
        {"kind": "changed", "before": 8, "after": 8, "reference": "AT7-06", "old": "256000", "new": "085420"}
    ]
    [line] = lines(run("diff", FOLDER / "x12-210-decimal-point.edi", "--json"))
    assert (line["reference"], line["old"], line["new"]) == ("B3-07", "150.42", "15042")


def test_a_partner_s_guide_decides_what_is_tolerated(tmp_path: Path) -> None:
    guide = tmp_path / "lenient.yaml"
    guide.write_text("tolerates: {wrong_counts: true}\n")
    file = FOLDER / "x12-214-wrong-count.edi"
    assert run("validate", file).exit_code == 1
    assert run("validate", file, "--partner", guide).exit_code == 0
    strict = tmp_path / "strict.yaml"
    strict.write_text("tolerates: {byte_order_mark: false}\ndocuments: {'214': {L11: {limit: 1}}}\n")
    [line] = lines(run("validate", FOLDER / "x12-214-byte-order-mark.edi", "--partner", strict, "--json"))
    assert [each["rule"] for each in line["defects"]] == ["x12.repeat", "x12.repeat", "x12.form"]


def test_a_folder_is_told_in_a_line_a_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bad.edi").write_bytes(BAD_TIME.read_bytes())
    (tmp_path / "good.edi").write_bytes(CLEAN.read_bytes())
    (tmp_path / "manifest.csv").write_text("file,notes\n")
    (tmp_path / "empty.edi").write_bytes(b"")
    result = run("corpus", tmp_path, "--json")
    assert result.exit_code == 1
    assert [(each["file"], each["set"], each["outcome"]) for each in lines(result)] == [
        ("deep/bad.edi", "214", "refused"),
        ("empty.edi", "", "refused"),
        ("good.edi", "210", "read"),
    ]
    bad = lines(result)[0]
    assert bad["defects"][0] | {"problem": ""} == {
        "position": "segment 8, AT7-06", "rule": "x12.type", "value": "256000", "problem": "",
    }  # fmt: skip
    assert (bad["ack"][0]["kind"], bad["ack"][0]["code"]) == ("997", "P")


def test_the_documents_that_there_are_tables_of_are_listed() -> None:
    listed = json.loads(run("documents", "--json").stdout)
    assert len(listed) == 40
    assert {"standard": "edifact", "code": "IFTMIN", "name": "transport instruction"} in listed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"{", "line 1: Input data was truncated"),
        (b'{"part": "document"}', "line 1: Object missing required field `header`"),
        (b'{"part": "group_end"}', "line 1: an interchange comes first"),
        (b'{"part": "nothing"}', "line 1: Invalid value 'nothing' - at `$.part`"),
    ],
)
def test_lines_that_cannot_be_written_are_named(text: bytes, problem: str) -> None:
    result = run("write", "-", stdin=text)
    assert result.exit_code == 1
    assert problem in result.stderr


def test_nothing_to_write_is_said() -> None:
    result = run("write", "-", stdin=b"")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the message is empty" in result.stderr
