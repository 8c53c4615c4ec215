"""Where the example configuration lies."""

from __future__ import annotations

from pathlib import Path

from crossdock.settings import ConfigurationError


def distributor() -> Path:
    """The folder of the distributor's configuration: in the working folder, or beside the source it was run from."""
    beside = Path(__file__).parents[3] / "examples" / "distributor"
    for folder in (Path("examples/distributor"), beside):
        if (folder / "sources.yaml").is_file():
            return folder
    raise ConfigurationError("examples/distributor is not here: name a configuration folder with --config")
