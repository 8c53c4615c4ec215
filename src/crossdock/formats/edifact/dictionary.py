"""The EDIFACT dictionary: all tables together, and what values ask for beyond the directories."""

from __future__ import annotations

import re
from typing import Final

from crossdock.formats.edi.grammar import CheckDigit, DocumentType, Pictures, When
from crossdock.formats.edi.tables import Dictionary, uses_of
from crossdock.formats.edifact.code_values import VALUES
from crossdock.formats.edifact.codes import MEANINGS
from crossdock.formats.edifact.elements import ELEMENTS
from crossdock.formats.edifact.segments import COMPOSITES, SEGMENTS, SERVICE, SERVICE_COMPOSITES

D96A: Final = "1996A"
D01B: Final = "2001B"
LATER: Final = "2002A"
"""The columns of the tables, in an order that tells earlier from later. Of `LATER` ones the tables are not whole."""

_D01B_SINCE: Final = "1999A"
_RELEASE: Final = re.compile(r"([0-9]{2})([AB])")
_CENTURY: Final = 80

# Element 2379: how the date beside it is written.
PICTURES: Final = (
    ("102", "CCYYMMDD"),
    ("203", "CCYYMMDDHHMM"),
    ("204", "CCYYMMDDHHMMSS"),
    ("101", "YYMMDD"),
    ("201", "YYMMDDHHMM"),
    ("303", "CCYYMMDDHHMMZZZ"),
    ("304", "CCYYMMDDHHMMSSZZZ"),
    ("401", "HHMM"),
    ("402", "HHMMSS"),
    ("602", "CCYY"),
    ("609", "YYMM"),
    ("610", "CCYYMM"),
    ("615", "YYWW"),
    ("616", "CCYYWW"),
    ("711", "CCYYMMDD-CCYYMMDD"),
    ("718", "CCYYMMDD-CCYYMMDD"),
    ("719", "CCYYMMDDHHMM-CCYYMMDDHHMM"),
)

_GS1: Final = frozenset({"9"})
_GTIN: Final = frozenset({"EN", "UP", "SRV"})

RULES: Final[dict[str, tuple[When | CheckDigit, ...]]] = {
    "EQD": (CheckDigit("container", (2, 1), (1, 1), frozenset({"CN"})),),
    "GIN": tuple(
        CheckDigit("sscc", (place, part), (1, 1), frozenset({"BJ"})) for place in range(2, 7) for part in (1, 2)
    ),
    "LIN": (CheckDigit("gtin", (3, 1), (3, 2), _GTIN),),
    "LOC": (CheckDigit("gln", (2, 1), (2, 3), _GS1),),
    "NAD": (CheckDigit("gln", (2, 1), (2, 3), _GS1),),
    "PIA": tuple(CheckDigit("gtin", (place, 1), (place, 2), _GTIN) for place in range(2, 7)),
    # 11 is Lloyd's register of shipping, whose ship numbers are IMO numbers.
    "TDT": (CheckDigit("imo", (8, 1), (8, 3), frozenset({"11"})),),
}


DICTIONARY: Final = Dictionary(
    elements=(ELEMENTS,),
    segments=(SERVICE, SEGMENTS),
    composites=(SERVICE_COMPOSITES, COMPOSITES),
    codes=(MEANINGS,),
    values=(VALUES,),
    rules=RULES,
    pictures={"C507": Pictures(2, PICTURES)},
    complete_until=D01B,
    may_be_empty=True,
)


def order_of(release: str) -> str:
    """A release such that later ones sort later: `1996A` for 96A; empty for what is no directory."""
    match = _RELEASE.fullmatch(release)
    if match is None:
        return ""
    century = "19" if int(match[1]) >= _CENTURY else "20"
    return f"{century}{release}"


def column_of(release: str) -> str:
    """The column of the tables that a release (`96A`) is read by."""
    order = order_of(release)
    if order > D01B:
        return LATER
    return D01B if order >= _D01B_SINCE else D96A


def document_type(code: str, group: str, name: str, uses: str, release: str) -> DocumentType:
    """A message from its table, as a release has it."""
    return DocumentType("edifact", code, release, group, name, uses_of(uses, DICTIONARY, release))
