"""The reference of the mapping language says what the code does."""

import re
from pathlib import Path

import pytest

from crossdock.mapping import compile_mapping
from crossdock.mapping.overlay import head_of
from crossdock.mapping.source import parse

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs" / "reference" / "mapping.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)
BASES = {head_of(parse(example)): example for example in EXAMPLES}
SUBJECTS = (
    "json|text|csv|fixed|xml|path|type|event|field|group|events|integer|money|quantity|unit|date|instant|map|xref|identifier|"
    "revision|mapping"
)
RULE = rf'"((?:{SUBJECTS})\.[a-z_]+)"'


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_compiles(example: str) -> None:
    assert compile_mapping(example, bases=BASES).event_types


def test_every_rule_is_explained_and_every_explained_rule_exists() -> None:
    sources = [
        path.read_text() for room in ("formats", "mapping") for path in (ROOT / "src/crossdock" / room).rglob("*.py")
    ]
    rules = {rule for source in sources for rule in re.findall(RULE, source)} | {"x12.*", "edifact.*"}
    _, _, table = REFERENCE.partition("## Rules")
    explained = set(re.findall(r"`([a-z0-9]+\.(?:[a-z_]+|\*))`", table))
    assert explained == rules
