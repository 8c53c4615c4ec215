"""Writes a connector of one's own: a package that is a copy of the skeleton under another name."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME_MAX: Final = 40
_SKELETON: Final = "crossdock.testing.skeleton"
_MODULES: Final = ("__init__.py", "connector.py", "manifest.py", "translation.py")

_PROJECT: Final = Template("""\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "crossdock-$name"
version = "0.1.0"
description = "Connects $name to Crossdock."
requires-python = ">=3.11"
dependencies = ["crossdock"]

[project.optional-dependencies]
test = ["crossdock[testing]"]

[project.entry-points."crossdock.connectors"]
$name = "$package:MAKER"

[tool.setuptools.packages.find]
where = ["src"]

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = ["--import-mode=importlib"]
""")

_README: Final = Template("""\
# crossdock-$name

A connector of Crossdock: it translates what Crossdock asks into the words of $name, and
its answers back. Until you change it, it speaks to Docket, the example system that comes with Crossdock.

    pip install --no-deps --no-build-isolation --editable .
    pytest

| file | holds |
|---|---|
| `src/$package/translation.py` | the words: what is asked, what an answer means. Functions of values, no I/O |
| `src/$package/connector.py` | the asking: one request after another, nothing repeated, nothing remembered |
| `src/$package/manifest.py` | what differs from one installation to the next |
| `tests/test_contract.py` | your system as the contract needs it; the tests themselves come with Crossdock |
| `example/` | a configuration folder that uses it |
""")

_CONNECTIONS: Final = Template("""\
connections:
  $name:
    role: $name # the target of the commands that go there: erp, wms, tms, ...
    connector: $name
    manifest: $name
    address_env: CROSSDOCK_${variable}_ADDRESS
    credentials: {bearer_env: CROSSDOCK_${variable}_TOKEN, hook_secret_env: CROSSDOCK_${variable}_HOOK_SECRET}
    limits: {per_second: 10, burst: 10, concurrency: 4, timeout_seconds: 10}
    # Once a mapping reads its records: source: $name, and poll: {every_seconds: 5}
""")

_MANIFEST: Final = Template("""\
manifest: $name
version: 1
""")

_SOURCES: Final = Template("""\
sources:
  $name: # the sender under whose name its records are taken in: name what it owns, and the mapping that reads it
    owns: {}
    reads: {}
""")

_POLICIES: Final = """\
policies:
  - name: house
    valid_from: 2000-01-01
"""


class CannotWrite(ValueError):
    """A connector cannot be written; the message says why."""


def write(name: str, into: Path) -> list[Path]:
    """Write the package `crossdock-NAME` into a folder; its files. Raises `CannotWrite`, and changes nothing then."""
    if not _NAME.fullmatch(name) or len(name) > _NAME_MAX:
        raise CannotWrite(
            f"{name[:60]!r} cannot name a connector: use lower-case letters, digits and single hyphens, a letter"
            f" first, {_NAME_MAX} characters at most"
        )
    folder = into / f"crossdock-{name}"
    if folder.exists():
        raise CannotWrite(f"{folder} is there already; nothing was changed. Name another one, or move it away")
    written = []
    try:
        for place, text in _files(name).items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    except OSError as refused:
        raise CannotWrite(f"{refused.filename}: {refused.strerror}") from refused
    return written


def _files(name: str) -> dict[str, str]:
    package = f"crossdock_{name.replace('-', '_')}"
    words = {"name": name, "package": package, "variable": name.replace("-", "_").upper()}
    skeleton = files(_SKELETON)

    def renamed(module: str) -> str:
        text = skeleton.joinpath(module).read_text(encoding="utf-8")
        for old, new in (
            ("A connector to the example system Docket: what `crossdock connector new` copies, and what its tests try.",
             f"A connector to {name}."),
            (_SKELETON, package),
            ("DocketConnector", f"{name.title().replace('-', '')}Connector"),
            ("dialect=docket", f"dialect={name}"),
            ('name = "docket"', f'name = "{name}"'),
        ):  # fmt: skip
            text = text.replace(old, new)
        return text

    return {
        "pyproject.toml": _PROJECT.substitute(words),
        "README.md": _README.substitute(words),
        **{f"src/{package}/{module}": renamed(module) for module in _MODULES},
        f"src/{package}/py.typed": "",
        "tests/test_contract.py": renamed("test_contract.py"),
        "example/sources.yaml": _SOURCES.substitute(words),
        "example/policies.yaml": _POLICIES,
        "example/connections.yaml": _CONNECTIONS.substitute(words),
        f"example/manifests/{name}.yaml": _MANIFEST.substitute(words),
    }
