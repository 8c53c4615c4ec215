"""Reading the example's YAML, as a person's editor would."""

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document
