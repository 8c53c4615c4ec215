"""Compiled messages, made when they are first needed: by code, release and the partner's guide."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crossdock.formats.edi.automaton import Grammar
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.segment_check import SegmentCheck
from crossdock.formats.edifact.catalog import DOCUMENTS
from crossdock.formats.edifact.dictionary import D96A, DICTIONARY, column_of, document_type

# Partners have guides; the compiled forms of those seldom used make room for others.
_GRAMMARS_MAX: Final = 512
TRAILER: Final = "UNT"


def grammar_of(code: str, release: str, guide: Guide = STANDARD) -> Grammar | None:
    """The grammar of a message in a release such as `96A`; None when we have none of that code."""
    return _compiled(code, column_of(release), guide) if code in DOCUMENTS else None


@lru_cache(_GRAMMARS_MAX)
def _compiled(code: str, column: str, guide: Guide) -> Grammar:
    written = DOCUMENTS[code]
    definition = document_type(code, written.group, written.name, written.uses, column)
    return Grammar(guide.applied(definition, lambda id_: DICTIONARY.segment(id_, column)), TRAILER)


@lru_cache(_GRAMMARS_MAX)
def control(id_: str) -> SegmentCheck:
    """The check of a segment of the envelope."""
    return SegmentCheck(DICTIONARY.segment(id_, D96A))
