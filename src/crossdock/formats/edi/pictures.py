"""How dates and times are written where a code beside them says it: `CCYYMMDDHHMM`, `CCYYWW`."""

from __future__ import annotations

import re
from typing import Final

MONTH_DAY: Final = (
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP: Final = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)0229"
DATE: Final = rf"(?:[0-9]{{4}}{MONTH_DAY}|{_LEAP})"
SHORT_DATE: Final = rf"(?:[0-9]{{2}}{MONTH_DAY}|[0-9]{{2}}0229)"

# Midnight may be told as the end of a day.
_PARTS: Final = {
    "CCYYMMDD": DATE,
    "YYMMDD": SHORT_DATE,
    "CCYYMM": "[0-9]{4}(?:0[1-9]|1[0-2])",
    "CCYYWW": "[0-9]{4}(?:0[1-9]|[1-4][0-9]|5[0-3])",
    "CCYY": "[0-9]{4}",
    "YYMM": "[0-9]{2}(?:0[1-9]|1[0-2])",
    "YYWW": "[0-9]{2}(?:0[1-9]|[1-4][0-9]|5[0-3])",
    "HHMM": "(?:(?:[01][0-9]|2[0-3])[0-5][0-9]|2400)",
    "SS": "[0-5][0-9]",
    "ZZZ": "[-+A-Z0-9]{3}",
    "-": "-?",
}
_PART: Final = re.compile("|".join(_PARTS))


def parts_of(picture: str) -> list[str]:
    """The parts that a picture is made of. Raises `ValueError` for others."""
    parts, at = [], 0
    while at < len(picture):
        part = _PART.match(picture, at)
        if part is None:
            raise ValueError(f"{picture!r} is no picture of a date: nothing is known of {picture[at:]!r}")
        parts.append(part.group())
        at = part.end()
    return parts


def picture_pattern(picture: str) -> str:
    """The pattern of a picture. Raises `ValueError` for one that is made of other parts."""
    return f"(?:{''.join(_PARTS[part] for part in parts_of(picture))})"
