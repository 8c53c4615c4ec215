"""The code's own properties, which no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "crossdock"

LINES_LIMIT = 400
LONG_FILES: dict[str, str] = {
    # "engine/settle.py": "why it is one story",
}
FORBIDDEN_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "service", "base", "misc"}
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.~*-])/(work|root|home)/[\w.]")
WITHOUT_TEXT = {".png", ".jpg", ".gif", ".ico", ".woff", ".woff2", ".pdf", ".gz", ".zip"}


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _repository_files() -> list[Path]:
    """Files that are committed or would be, by Git's own account."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_every_folder_says_in_one_line_what_belongs_there() -> None:
    silent = []
    for folder in sorted({path.parent for path in _modules()}):
        init = folder / "__init__.py"
        docstring = ast.get_docstring(ast.parse(init.read_text())) if init.exists() else None
        if not docstring or len(docstring.splitlines()) != 1:
            silent.append(str(folder.relative_to(ROOT)))
    assert not silent, f"give each an __init__.py with a docstring of one line: {silent}"


def test_no_file_holds_two_stories() -> None:
    sizes = {str(path.relative_to(SOURCE)): len(path.read_text().splitlines()) for path in _modules()}
    long = {name: size for name, size in sizes.items() if size > LINES_LIMIT}
    unexplained = long.keys() - LONG_FILES.keys()
    assert not unexplained, f"split these, or give a reason in LONG_FILES: { {n: long[n] for n in unexplained} }"
    assert long.keys() >= LONG_FILES.keys(), f"no longer long, remove the excuse: {LONG_FILES.keys() - long.keys()}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [path for path in _modules() if {path.stem.strip("_"), path.parent.name} & FORBIDDEN_NAMES]
    assert not named, f"name these after what they hold: {named}"


def test_requirements_name_packages_and_no_addresses() -> None:
    files = sorted(ROOT.glob("requirements*.txt"))
    assert [file.name for file in files] == ["requirements-dev.txt", "requirements.txt"]
    for file in files:
        text = file.read_text()
        assert "://" not in text, f"{file.name} records an address"
        options = [line for line in text.splitlines() if line.startswith("-")]
        assert not options, f"{file.name} holds options: {options}"


def test_every_requirement_is_pinned_and_hashed() -> None:
    for file in sorted(ROOT.glob("requirements*.txt")):
        for entry in re.split(r"\n(?=\S)", file.read_text()):
            if entry.strip() and not entry.startswith("#"):
                assert "==" in entry, entry
                assert "--hash=sha256:" in entry, entry


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = []
    for path in _repository_files():
        if path.suffix in WITHOUT_TEXT:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)
