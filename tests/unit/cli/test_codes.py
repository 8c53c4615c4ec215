import re
from pathlib import Path

import pytest

import crossdock
from crossdock.app.codes import CODES, meaning
from crossdock.formats.edi.findings import RULES, STANDARDS
from crossdock.formats.edi.guide import REFUSED, TOLERATED

SOURCE = Path(crossdock.__file__).parent
RULE = re.compile(r'"([a-z0-9_]+\.[a-z_]+)"')
# Only where rules are raised: other dotted names are event types and accounts.
RAISED = re.compile(
    r'(?:Refused\(|rule=|_rejection\([^"\n]*|_refusal\([^"\n]*|Flaw\([^"\n]*|_Defect\([^"\n]*(?:"[^"]*")?[^"\n]*|Violation\([^"\n]*"?"?[^"\n]*)"([a-z0-9_]+\.[a-z_]+)"'
)
ITEM = re.compile(r'WorkItem\(\s*"([A-Z_]+)"')
# What reading X12 and EDIFACT mends; its findings are named by `RULES`.
MENDED = {f"{standard}.{flaw}" for standard in STANDARDS for flaw in (*TOLERATED, *REFUSED)}
FAMILIES = {code.partition(".")[0] for code in CODES if "." in code}


def _texts(*folders: str) -> str:
    return "\n".join(path.read_text() for folder in folders for path in sorted((SOURCE / folder).rglob("*.py")))


def test_every_item_that_the_processes_open_is_explained() -> None:
    raised = set(ITEM.findall(_texts("processes")))
    assert len(raised) > 10
    assert raised <= CODES.keys()


def test_every_rule_that_refuses_is_explained() -> None:
    raised = set(RAISED.findall(_texts("formats", "mapping", "engine")))
    assert len(raised) > 30
    raised |= RULES | MENDED
    assert raised <= CODES.keys(), raised - CODES.keys()


def test_nothing_is_explained_that_nobody_raises() -> None:
    found = set(RULE.findall(_texts("formats", "mapping", "engine")))
    found |= set(re.findall(r'"([A-Z_]{5,})"', _texts("processes", "engine")))
    found |= RULES | MENDED
    assert CODES.keys() <= found, CODES.keys() - found


@pytest.mark.parametrize("typed", ["FREIGHT_VARIANCE", "freight_variance", "FIELD.REQUIRED"])
def test_a_code_may_be_typed_in_any_case(typed: str) -> None:
    assert meaning(typed) is not None


def test_an_id_is_no_code() -> None:
    assert meaning("SO00000001") is None
