"""X12 code lists that reading depends on, with meanings in our own words."""

from __future__ import annotations

from typing import Final

# Element 623. What a time of day is relative to; `xT` follows daylight saving, `xS` and `xD` do not.
TIME_CODES: Final = {
    **{f"{hours:02}": f"UTC+{hours}" for hours in range(1, 13)},
    **{f"{hours:02}": f"UTC-{25 - hours}" for hours in range(13, 25)},
    "AD": "Alaska daylight",
    "AS": "Alaska standard",
    "AT": "Alaska",
    "CD": "Central daylight",
    "CS": "Central standard",
    "CT": "Central",
    "ED": "Eastern daylight",
    "ES": "Eastern standard",
    "ET": "Eastern",
    "GM": "Greenwich",
    "HD": "Hawaii-Aleutian daylight",
    "HS": "Hawaii-Aleutian standard",
    "HT": "Hawaii-Aleutian",
    "LT": "local to the place of the event",
    "MD": "Mountain daylight",
    "MS": "Mountain standard",
    "MT": "Mountain",
    "ND": "Newfoundland daylight",
    "NS": "Newfoundland standard",
    "NT": "Newfoundland",
    "PD": "Pacific daylight",
    "PS": "Pacific standard",
    "PT": "Pacific",
    "TD": "Atlantic daylight",
    "TS": "Atlantic standard",
    "TT": "Atlantic",
    "UT": "UTC",
}
