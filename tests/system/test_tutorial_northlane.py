"""The walk of docs/tutorials/northlane.md: every file saved and every command typed as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock.engine import configuration
from crossdock.engine.settle import Settler
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorials" / "northlane.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?P<before>[^\n]*)\n\n```(?P<kind>yaml|console)\n(?P<text>.*?)```", re.DOTALL)
SAVED = re.compile(r"Save this as `([^`]+)`:$")
ADDED = re.compile(r"Add this to the end of `([^`]+)`:$")


def script(work: Path) -> tuple[str, list[list[str]]]:
    """What the reader types and saves, and what the page says that each command answers."""
    lines, answers = ["exec 2>&1"], list[list[str]]()
    for block in BLOCK.finditer(PAGE):
        if block["kind"] == "yaml":
            saved, added = SAVED.search(block["before"]), ADDED.search(block["before"])
            file = saved or added
            assert file is not None, f"the page does not say what to do with {block['text'][:80]}"
            lines.append(f"cat {'>' if saved else '>>'} {file[1]} <<'END'\n{block['text']}END")
            continue
        for line in block["text"].splitlines():
            if line.startswith("$ "):
                lines.append(f"echo '@@ {len(answers)}'; {line[2:].replace('/tmp/northlane', str(work))}")
                answers.append([])
            else:
                answers[-1].append(line)
    return "\n".join(lines), answers


def follows(shown: list[str], told: list[str]) -> bool:
    """Whether a command told what the page shows, where `...` stands for any lines."""
    at = 0
    is_elided = False
    for line in shown:
        if line.strip() == "...":
            is_elided = True
            continue
        places = [place for place in range(at, len(told)) if told[place].rstrip() == line.rstrip()]
        if not places or (not is_elided and places[0] != at):
            return False
        at, is_elided = places[0] + 1, False
    return is_elided or not [line for line in told[at:] if line.strip()]


@pytest.mark.timeout(240)
def test_a_carrier_is_taken_in_by_configuration_alone_as_the_page_says(tmp_path: Path, database_url: str) -> None:
    typed, answers = script(tmp_path / "northlane")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "crossdock").write_text(f'#!/bin/sh\nexec {sys.executable} -m crossdock "$@"\n')
    (programs / "crossdock").chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")} | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "CROSSDOCK_DATABASE_URL": database_url,
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["bash", "-c", typed], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=200
    )
    told = re.split(r"^@@ \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    assert len(told) == len(answers) >= 15
    for shown, answer in zip(answers, told, strict=True):
        assert follows(shown, answer.splitlines()), f"the page: {shown}\nthe command: {answer}"
    with connect(database_url, purpose="test") as connection:
        tenant = stored.tenant_id(connection, "main")
        settler = Settler(connection, tenant, configuration.load(connection, tenant))
        while settler.settle(batch=500, now=datetime(1970, 1, 1, tzinfo=UTC)):
            pass
        found = connection.execute("select type, count(*) from event group by type order by type").fetchall()
        [letters] = connection.execute("select count(*) from dead_letter").fetchone() or (None,)
    assert [tuple(row) for row in found] == [
        ("freight_invoice.received", 1),
        ("load.tender_accepted", 1),
        ("load.tender_declined", 1),
        ("shipment.delivered", 1),
        ("shipment.milestone_reported", 1),
    ]
    assert letters == 0
