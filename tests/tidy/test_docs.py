"""The documents hold: what they link to, name, list and claim is there."""

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import msgspec
import pytest
from msgspec import inspect as forms

from crossdock.cli import cli
from crossdock.engine.configuration import Ownership, SourceDocument
from crossdock.model.event import Fact
from crossdock.model.events import CATALOGUE
from crossdock.model.types import PERSONAL
from crossdock.processes.policy import Policy
from crossdock.processes.remembered import REMEMBERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "crossdock"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
TEST = re.compile(r"`((?:tests|src/crossdock/testing)/[\w/]+\.py)::(\w+)`")
REPOSITORY_PATH = re.compile(r"(?:src|docs|tests|examples)/[\w./-]*")
SETTING = re.compile(r"CROSSDOCK_[A-Z_]*[A-Z]")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def outside_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def headings(text: str) -> list[str]:
    return [match.strip() for match in re.findall(r"^#+ (.*)$", outside_code(text), flags=re.MULTILINE)]


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above; code left out."""
    level, plain = heading.partition(" ")[0], outside_code(text)
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", plain, re.DOTALL | re.MULTILINE)
    assert found, f"no heading {heading!r}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables, headings of columns left out."""
    lines = [line for line in outside_code(text).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [at for at, line in enumerate(lines) if set(line) <= set("|- :")]
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def code(name: str) -> Iterator[str]:
    """The lines of the code blocks of a page."""
    for block in re.findall(r"^```\w*\n(.*?)^```", read(name), flags=re.DOTALL | re.MULTILINE):
        yield from block.splitlines()


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(cli))


# -- pages among themselves --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for target in LINK.findall(outside_code(read(name))):
        if re.match(r"\w+:", target):
            continue
        path, _, fragment = target.partition("#")
        page = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        if not page.exists():
            broken.append(target)
        elif fragment and fragment not in map(anchor, headings(page.read_text(encoding="utf-8"))):
            broken.append(f"{target} (no such heading)")
    assert not broken, f"{name}: {broken}"


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(index.read_text())}
    missing = [page for page in DOCS.rglob("*.md") if page.resolve() not in linked and page != index]
    assert not missing, f"give each a line in docs/README.md: {[str(page.relative_to(DOCS)) for page in missing]}"


def test_every_decision_has_its_number_its_status_and_its_three_parts() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    for number, file in enumerate(files, 1):
        text = file.read_text(encoding="utf-8")
        assert file.name.startswith(f"{number:04}-"), file.name
        assert text.startswith(f"# {number}. "), file.name
        assert "\nStatus: accepted\n" in text, file.name
        assert headings(text)[1:] == ["Context", "Decision", "Consequences"], file.name


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_page_names_exists(name: str) -> None:
    spans = re.findall(r"`([^`\n]+)`", outside_code(read(name)))
    paths = [span.partition("::")[0] for span in spans if REPOSITORY_PATH.fullmatch(span.partition("::")[0])]
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing, f"{name}: {missing}"


# -- pages and tests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_test_that_a_page_names_exists(name: str) -> None:
    missing = [
        f"{file}::{test}"
        for file, test in TEST.findall(read(name))
        if not (ROOT / file).exists() or test not in functions_of(ROOT / file)
    ]
    assert not missing, f"{name}: {missing}"


def test_no_feature_is_claimed_without_a_test() -> None:
    table = rows(section(read("README.md"), "## What is proven"))
    assert len(table) > 20
    unproven = [feature for feature, proof in table if not TEST.fullmatch(proof)]
    assert not unproven, unproven


def test_every_threat_has_a_test_or_says_that_it_has_none() -> None:
    table = rows(read("docs/explanation/threats.md"))
    assert len(table) > 20
    silent = [threat for threat, _, proof in table if proof != "none yet" and not TEST.fullmatch(proof)]
    assert not silent, silent


# -- pages and code ----------------------------------------------------------------------------------------------


def test_generated_pages_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_event_and_every_part_of_one_has_a_heading() -> None:
    assert set(CATALOGUE) <= set(headings(read("docs/reference/events.md")))


def test_every_command_has_a_heading() -> None:
    wanted = {" ".join(("crossdock", *path)) for path, command in COMMANDS.items() if not command.hidden}
    assert wanted <= set(headings(read("docs/reference/command-line.md")))


def test_every_room_and_who_may_import_it_is_in_the_architecture() -> None:
    text = read("ARCHITECTURE.md")
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    described = {cells[0].strip("`/") for cells in rows(section(text, "## Rooms"))}
    assert rooms <= described, f"give each a line under Rooms: {rooms - described}"
    project = tomllib.loads(read("pyproject.toml"))
    layers = [
        re.sub(r"[()]", "", layer)
        for layer in project["tool"]["importlinter"]["contracts"][0]["layers"]
        if "__main__" not in layer
    ]
    assert "\n".join(layers) in text, "the layers of pyproject.toml stand under Rooms, in their order"


def test_every_command_that_a_page_shows_can_be_typed() -> None:
    wrong = []
    for name in NAMES:
        spans = re.findall(r"`(crossdock [^`]+)`", outside_code(read(name)).replace("\n", " "))
        typed = [line.removeprefix("$ ") for line in code(name) if line.startswith("$ crossdock ")]
        for line in [*spans, *typed]:
            problem = problem_of(shlex.split(line, comments=True)[1:])
            wrong += [f"{name}: {line}: {problem}"] if problem else []
    assert not wrong, "\n".join(wrong)


def problem_of(words: list[str]) -> str:
    """Why a command line cannot be typed; empty when it can."""
    words = [word for word in words if word not in {"...", "|", ">", "&"}]
    path: tuple[str, ...] = ()
    while words and (*path, words[0]) in COMMANDS:
        path = (*path, words.pop(0))
    command = COMMANDS.get(path, cli)
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)} | {"--help", "-h"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    if unknown:
        return f"no option {unknown[0]}"
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        return f"no command {words[0]}"
    return ""


def test_every_setting_is_explained_and_every_explained_setting_exists() -> None:
    sources = [*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("conftest.py")]
    used = {setting for path in sources for setting in SETTING.findall(path.read_text(encoding="utf-8"))}
    table = rows(section(read("docs/reference/configuration.md"), "## Environment variables"))
    assert {cells[0].strip("`") for cells in table} == used


def test_every_key_of_a_configuration_folder_is_explained() -> None:
    text = read("docs/reference/configuration.md")
    sources = {cells[0].strip("`") for cells in rows(section(text, "### sources.yaml"))}
    assert sources == {*SourceDocument.__struct_fields__, *Ownership.__struct_fields__}
    policies = {cells[0].strip("`"): cells[1].strip("`") for cells in rows(section(text, "### policies.yaml"))}
    assert policies == dict(settings_of(Policy, ""))


def settings_of(struct: type[msgspec.Struct], path: str) -> Iterator[tuple[str, str]]:
    """Every setting of a policy with its default, as the page writes it."""
    info = forms.type_info(struct)
    assert isinstance(info, forms.StructType)
    for field in info.fields:
        parts = field.type.types if isinstance(field.type, forms.UnionType) else (field.type,)
        inner = next((part for part in parts if isinstance(part, forms.StructType)), None)
        if inner is not None:
            yield from settings_of(inner.cls, f"{path}{field.name}.")
        else:
            default = "none" if field.default_factory is not msgspec.NODEFAULT else field.default
            yield f"{path}{field.name}", "" if default is msgspec.NODEFAULT else str(default)


def test_every_dependency_has_its_line() -> None:
    declared = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    names = {re.split(r"[\[>=<]", requirement)[0] for requirement in declared}
    listed = {cells[0].partition(" ")[0] for cells in rows(read("docs/decisions/0008-dependencies.md"))}
    assert listed == names


def test_what_a_case_remembers_is_in_its_event_and_is_nobodys_personal_data() -> None:
    for type_, short in REMEMBERS.items():
        event = CATALOGUE[type_]
        assert issubclass(event, Fact)
        info = forms.type_info(event)
        assert isinstance(info, forms.StructType)
        fields = {field.name: field.type for field in info.fields}
        remembered = set(short.__struct_fields__)
        assert remembered <= fields.keys(), type_
        personal = {name for name in remembered if is_personal(fields[name])}
        assert not personal, f"{type_} would keep {personal} in its case"


def is_personal(form: forms.Type) -> bool:
    """Marked itself, or made of parts of which one is."""
    if isinstance(form, forms.Metadata):
        return bool((form.extra or {}).get(PERSONAL)) or is_personal(form.type)
    if isinstance(form, forms.UnionType):
        return any(map(is_personal, form.types))
    if isinstance(form, forms.ListType):
        return is_personal(form.item_type)
    if isinstance(form, forms.StructType):
        return any(is_personal(field.type) for field in form.fields)
    return False
