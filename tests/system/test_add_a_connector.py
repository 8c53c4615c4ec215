"""The walk of docs/how-to/add-a-connector.md: every command of the page, typed as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from crossdock.testing.new_connector import CannotWrite, write

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-connector.md"


def commands() -> list[str]:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def environment_of(folder: Path, database_url: str) -> dict[str, str]:
    """A virtual environment of the reader's own, in which Crossdock and its tools are installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    [site] = folder.glob("lib/python*/site-packages")
    (site / "crossdock.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    programs = folder / "bin"
    for name in ("crossdock", "pip", "pytest"):
        script = f'#!/bin/sh\nexec {programs}/python -P -m {name} "$@"\n'
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "VIRTUAL_ENV": str(folder), "CROSSDOCK_DATABASE_URL": database_url}


@pytest.mark.timeout(240)
def test_the_walk_of_the_page_makes_a_connector_that_passes_the_contract(tmp_path: Path, database_url: str) -> None:
    typed = commands()
    assert [line.split()[0] for line in typed] == ["crossdock", "cd", "pip", "pytest", "crossdock", "crossdock",
                                                   "crossdock"]  # fmt: skip
    work = tmp_path / "work"
    work.mkdir()
    script = "set -ex\n" + "\n".join(typed)
    done = subprocess.run(
        ["bash", "-c", script], cwd=work, env=environment_of(tmp_path / "venv", database_url), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert re.search(r"\b26 passed\b", done.stdout), done.stdout[-2_000:]
    assert re.search(r"^parcelhub +crossdock-parcelhub$", done.stdout, re.MULTILINE), done.stdout[-2_000:]
    assert re.search(r"connection.*parcelhub", done.stdout), done.stdout[-2_000:]


@pytest.mark.parametrize("name", ["", "Parcel Hub", "../parcelhub", "parcel_hub", "1hub", "p" * 41])
def test_a_name_that_can_be_none_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite, match="cannot name a connector"):
        write(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_not_written_over(tmp_path: Path) -> None:
    write("parcel-hub", tmp_path)
    kept = (tmp_path / "crossdock-parcel-hub" / "README.md").read_bytes()
    with pytest.raises(CannotWrite, match="is there already"):
        write("parcel-hub", tmp_path)
    assert (tmp_path / "crossdock-parcel-hub" / "README.md").read_bytes() == kept
