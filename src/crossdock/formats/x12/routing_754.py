"""The 754, routing instructions (since 004030)."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="754",
    group="RG",
    name="routing instructions",
    uses="""
BGN!
PER 5
N1! 5
  N2
  N3 2
  N4
LX! 9999
  L11 5
  BLR
  OID 999999
  G62 10
  MSI
  QTY 25
    AT9
  N1
    N2
    N3 2
    N4
""",
)
