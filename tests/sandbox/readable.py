"""Are the messages of the sandbox what the example configuration reads? By the product's own mappings."""

from pathlib import Path

import yaml

from crossdock.mapping import compile_mapping
from crossdock.model.envelope import Rejection

_EXAMPLE = Path(__file__).parents[2] / "examples" / "distributor"
_MAPPINGS = {
    mapping.name: mapping
    for mapping in map(compile_mapping, (path.read_text() for path in _EXAMPLE.glob("mappings/*.yaml")))
}
_SOURCES = yaml.safe_load((_EXAMPLE / "sources.yaml").read_text())["sources"]


def unreadable(source: str, content_type: str, body: bytes) -> list[Rejection]:
    """What the mapping of a source rejects of a message."""
    mapping = _MAPPINGS[_SOURCES[source]["reads"][content_type]]
    # In the sandbox a shop calls items as we do.
    return [each for each in mapping.read(body, lookup=lambda *asked: asked[-1]) if isinstance(each, Rejection)]
