"""Files that have the defects of real ones, made by our own writers: `python -m tests.unit.formats.golden_files`.

Beside them stands what became of each, as `crossdock edi corpus` tells it; a test holds both against the code.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.formats import messages
from tests.unit.formats.documents import made
from tests.unit.formats.interchanges import interchange, invoice, status

from crossdock.app.edi_corpus import lines_of

FOLDER = Path(__file__).parent / "golden"
OUTCOMES = "outcomes.ndjson"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

TENDERS = made("x12", "204", 1, 2)
INVOICE = interchange([invoice("I1", ("FUE", "2917"))], group="IM")
STATUS = interchange([status("SH1"), status("SH2", control="0002")])
NOTICE = made("x12", "856", 1)
REPORT = messages.interchange([messages.status("1", "SH1"), messages.status("2", "SH2")])
ORDER = made("edifact", "ORDERS", 1)


def folded(text: str, width: int = 80) -> str:
    """Text cut into lines of one width."""
    text = text.replace("\n", "")
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def built() -> dict[str, bytes]:
    """Every file by its name."""
    bad_time = STATUS.replace("*085420*UT", "*256000*UT", 1)
    texts = {
        "x12-204-clean.edi": TENDERS,
        "x12-210-clean.edi": INVOICE,
        "x12-214-byte-order-mark.edi": "\ufeff" + STATUS,
        "x12-214-indented.edi": STATUS.replace("~\n", "~\n\t\t"),
        "x12-214-collapsed-header.edi": STATUS.replace("          ", " ").replace("           ", " "),
        "x12-214-no-isa16.edi": STATUS.replace("*P*>~", "*P*~"),
        "x12-214-newlines.edi": STATUS.replace("~\n", "\n").rstrip("~"),
        "x12-214-ellipsis.edi": STATUS.replace("~", "…"),
        "x12-210-80-columns.edi": folded(INVOICE),
        "x12-210-decimal-point.edi": INVOICE.replace("*15042*", "*150.42*", 1),
        "x12-214-no-envelope.edi": "\n".join(STATUS.split("\n")[2:-2]),
        "x12-214-one-line-open.edi": STATUS.replace("~\nMS1*", "\nMS1*", 1),
        "x12-214-two-interchanges.edi": STATUS + "\r\n" + STATUS.replace("000000001", "000000002"),
        "x12-214-wrong-count.edi": STATUS.replace("SE*8*0002", "SE*9*0002"),
        "x12-214-wrong-control.edi": STATUS.replace("IEA*1*000000001", "IEA*1*000000007"),
        "x12-214-truncated.edi": STATUS[: len(STATUS) // 2],
        "x12-214-bad-time.edi": bad_time,
        "x12-214-status-and-appointment.edi": STATUS.replace("AT7*X3*NS**", "AT7*X3*NS*AA*NA", 1),
        "x12-856-clean.edi": NOTICE,
        "x12-404-no-table.edi": STATUS.replace("ST*214", "ST*404"),
        "edifact-iftsta-clean.edi": REPORT,
        "edifact-iftsta-newlines.edi": REPORT.replace("'\n", "\n"),
        "edifact-iftsta-una-short.edi": "UNA:+.?'\n" + REPORT,
        "edifact-iftsta-group.edi": messages.interchange([messages.status()], group="IFTSTA"),
        "edifact-iftsta-other-signs.edi": REPORT.translate(str.maketrans("+:'", "|>~")),
        "edifact-iftsta-small-letters.edi": REPORT.replace("UNOC", "UNOA").replace("SH1", "sh1"),
        "edifact-iftsta-released.edi": REPORT.replace("+SH1", "+S?'H?+1"),
        "edifact-iftsta-no-envelope.edi": "UNA:+.? '\n" + "\n".join(REPORT.split("\n")[1:-2]) + "\n",
        "edifact-iftsta-wrong-count.edi": REPORT.replace("UNT+7+2", "UNT+8+2"),
        "edifact-iftsta-wrong-reference.edi": REPORT.replace("UNZ+2+R1", "UNZ+2+R2"),
        "edifact-iftsta-bad-date.edi": REPORT.replace("334:202603020854:203", "334:20260302:203", 1),
        "edifact-orders-clean.edi": ORDER,
        "edifact-baplie-no-table.edi": REPORT.replace("IFTSTA:", "BAPLIE:"),
    }
    files = {name: text.encode() for name, text in texts.items()}
    files["x12-214-latin-1.edi"] = STATUS.replace("Dallas", "Montréal", 1).encode("latin-1")
    files["edifact-iftsta-latin-1.edi"] = REPORT.replace("BGM+44+S1", "BGM+44+Zürich").encode("latin-1")
    return files


def outcomes() -> str:
    """What became of each file, a line of JSON for each; control characters escaped, and no answer's moment."""
    lines = (json.dumps(line, ensure_ascii=False, sort_keys=True) for line in lines_of(FOLDER, AT, only="*.edi"))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for stale in FOLDER.iterdir():
        stale.unlink()
    for name, raw in built().items():
        (FOLDER / name).write_bytes(raw)
    (FOLDER / OUTCOMES).write_text(outcomes(), encoding="utf-8")
