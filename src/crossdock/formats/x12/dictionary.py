"""The X12 dictionary: all tables together, and what values ask for beyond the standard's conditions."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.grammar import CheckDigit, DocumentType, When
from crossdock.formats.edi.tables import Dictionary, uses_of
from crossdock.formats.x12.codes import CODES
from crossdock.formats.x12.elements import ELEMENTS
from crossdock.formats.x12.segments_control import COMPOSITES
from crossdock.formats.x12.segments_control import SEGMENTS as CONTROL
from crossdock.formats.x12.segments_trade import SEGMENTS as TRADE
from crossdock.formats.x12.segments_transport import SEGMENTS as TRANSPORT
from crossdock.formats.x12.segments_warehouse import SEGMENTS as WAREHOUSE

BEFORE_4010: Final = "003010"
R4010: Final = "004010"
R5010: Final = "005010"
RELEASES: Final = (BEFORE_4010, R4010, R5010)
"""The columns of the tables. Before 004010 only dates are known to differ."""

_GTIN: Final = frozenset({"UP", "UK", "EN", "EO"})
_GTIN_PAIRS: Final = {
    "LIN": range(2, 31, 2),
    "IT1": range(6, 25, 2),
    "PO1": range(6, 25, 2),
    "POC": range(8, 27, 2),
    "SLN": range(9, 28, 2),
    "W01": (4, 6, 15),
    "W04": (4, 6, 14),
    "W07": (4, 6, 10),
    "W12": (7, 17, 21),
    "W19": (5, 7),
}
_LLOYDS: Final = frozenset({"L"})

RULES: Final[dict[str, tuple[When | CheckDigit, ...]]] = {
    id_: tuple(CheckDigit("gtin", (place + 1, 1), (place, 1), _GTIN) for place in places)
    for id_, places in _GTIN_PAIRS.items()
} | {
    "N4": (When(4, frozenset({"US", "USA", "CA", "CAN"}), (2,), "when the country is the United States or Canada"),),
    "N1": (CheckDigit("gln", (4, 1), (3, 1), frozenset({"UL"})),),
    "MAN": tuple(CheckDigit("sscc", (place + 1, 1), (place, 1), frozenset({"GM"})) for place in (1, 4)),
    "BPR": tuple(CheckDigit("aba", (place + 1, 1), (place, 1), frozenset({"01"})) for place in (6, 12)),
    "Q2": (CheckDigit("imo", (1, 1), (12, 1), _LLOYDS),),
    "V1": (CheckDigit("imo", (1, 1), (8, 1), _LLOYDS),),
    "REF": (CheckDigit("container", (2, 1), (1, 1), frozenset({"EQ"})),),
    "N9": (CheckDigit("container", (2, 1), (1, 1), frozenset({"EQ"})),),
}

DICTIONARY: Final = Dictionary(
    elements=(ELEMENTS,),
    segments=(CONTROL, TRANSPORT, TRADE, WAREHOUSE),
    composites=(COMPOSITES,),
    codes=CODES,
    rules=RULES,
    complete_until=R4010,
)


def column_of(release: str) -> str:
    """The column of the tables that a release is read by: the latest one that is not later."""
    if release == R4010:
        return R4010
    return max((column for column in RELEASES if column <= release), default=BEFORE_4010)


def document_type(code: str, group: str, name: str, uses: str, release: str) -> DocumentType:
    """A transaction set from its table, as a release has it."""
    return DocumentType("x12", code, release, group, name, uses_of(uses, DICTIONARY, release))
