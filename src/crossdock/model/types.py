"""The field types of the canonical model: what a value may look like, said once.

The limits are the ones that kept a day's books right when hostile values were tried on them:
identifiers of at most 64 printable ASCII characters without outer blanks, whole numbers within 64 bits,
text without control characters, instants with a zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

from msgspec import Meta

IDENTIFIER_MAX: Final = 64
INT64_MAX: Final = 2**63 - 1
# Far beyond any invoice or stock, and far enough from 64 bits that sums of thousands of them stay within.
MONEY_MAX: Final = 10**15
QUANTITY_MAX: Final = 10**12

Identifier = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=IDENTIFIER_MAX,
        pattern=r"\A[!-~](?:[ -~]*[!-~])?\Z",
        description="1 to 64 printable ASCII characters, no blank at either end",
    ),
]
CaseId = Annotated[str, Meta(min_length=3, max_length=200, description="the id of a case: its kind, then its number")]
Slot = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=3 * IDENTIFIER_MAX,
        pattern=r"\A[!-~](?:[ -~]*[!-~])?\Z",
        description="a place for one deed of a case; it may hold identifiers",
    ),
]
Code = Annotated[
    str, Meta(min_length=1, max_length=16, pattern=r"\A[0-9A-Za-z_.-]+\Z", description="a code of a code list")
]
Scac = Annotated[
    str, Meta(pattern=r"\A[A-Z]{2,4}\Z", description="Standard Carrier Alpha Code (NMFTA), 2 to 4 capital letters")
]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z", description="ISO 4217 currency code")]
UnitCode = Annotated[
    str, Meta(min_length=1, max_length=3, pattern=r"\A[0-9A-Z]+\Z", description="UN/ECE Rec 20 unit code")
]
Text = Annotated[
    str, Meta(max_length=500, pattern=r"\A[^\x00-\x1f\x7f]*\Z", description="text without control characters")
]

Minor = Annotated[int, Meta(ge=-MONEY_MAX, le=MONEY_MAX, description="money in minor units of the event's currency")]
MinorPositive = Annotated[int, Meta(ge=0, le=MONEY_MAX, description="money in minor units, not negative")]
Count = Annotated[int, Meta(ge=0, le=QUANTITY_MAX, description="a whole number, not negative")]
Change = Annotated[
    int, Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX, description="a whole number, negative for what there is less")
]
Number = Annotated[int, Meta(ge=0, le=999_999, description="a position: line, stop or zone number")]

Instant = Annotated[datetime, Meta(tz=True, description="a moment with its zone (RFC 3339)")]
Day = date

PERSONAL: Final = "personal"
Personal = Annotated[
    Text, Meta(extra={PERSONAL: True}, description="a person's data: never part of what a case remembers")
]
