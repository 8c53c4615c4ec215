"""How many documents a message counts for: enough to number the events of a file that is cut into messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crossdock.formats.edi.canonical import ELEMENT
from crossdock.formats.edi.document import Interchange
from crossdock.formats.edi.tokens import Token

# A document's events are numbered within its thousand, so a row names one event of a message.
ROWS_PER_DOCUMENT: Final = 1000


def places_in(tokens: Iterable[Token], header: str) -> int:
    """How many documents, which begin with a segment `header`, reading counts: at least one for each interchange."""
    places = documents = 0
    is_open = False
    for token in tokens:
        if isinstance(token, Interchange):
            places += max(1, documents) if is_open else 0
            documents, is_open = 0, True
        else:
            documents += sum(text == header or text.startswith(header + ELEMENT) for text in token)
    return places + (max(1, documents) if is_open else 0)
