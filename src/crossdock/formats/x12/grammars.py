"""Compiled transaction sets, made when they are first needed: by code, release and the partner's guide."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crossdock.formats.edi.automaton import Grammar
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.segment_check import SegmentCheck
from crossdock.formats.x12.catalog import DOCUMENTS
from crossdock.formats.x12.dictionary import DICTIONARY, R4010, column_of, document_type

# Partners have guides; the compiled forms of those seldom used make room for others.
_GRAMMARS_MAX: Final = 512
TRAILER: Final = "SE"


def grammar_of(code: str, release: str, guide: Guide = STANDARD) -> Grammar | None:
    """The grammar of a transaction set; None when we have none of that code."""
    return _compiled(code, column_of(release), guide) if code in DOCUMENTS else None


@lru_cache(_GRAMMARS_MAX)
def _compiled(code: str, release: str, guide: Guide) -> Grammar:
    written = DOCUMENTS[code]
    definition = document_type(code, written.group, written.name, written.uses, release)
    return Grammar(guide.applied(definition, lambda id_: DICTIONARY.segment(id_, release)), TRAILER)


@lru_cache(_GRAMMARS_MAX)
def control(id_: str, release: str = R4010) -> SegmentCheck:
    """The check of a segment of the envelope."""
    return SegmentCheck(DICTIONARY.segment(id_, column_of(release)))
