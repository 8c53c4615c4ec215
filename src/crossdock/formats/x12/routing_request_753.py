"""The 753, request for routing instructions (since 004030)."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="753",
    group="RF",
    name="request for routing instructions",
    uses="""
BGN!
PER
N1!
  N2
  N3 2
  N4
LX!
N1! 9999
  N2
  N3 2
  N4
  L11 5
  G62 2
  USI
  OID 999999
""",
)
