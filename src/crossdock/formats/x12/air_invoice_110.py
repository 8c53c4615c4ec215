"""The 110, air freight details and invoice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="110",
    group="IA",
    name="air freight invoice",
    uses="""
B3!
B3A
C2
C3
ITD
N1 3
  N2
  N3 2
  N4
  N9 10
  PER
LX! 9999
  N1 2
    N2
    N3 2
    N4
    N9 10
    PER
  P1
  R1
  POD
  V9
  RMT 10
  G47
  NTE 10
  L5! 4
    L0
    L4 4
    L10 4
    SL1
    L1 30
      C3
L3!
ACS
NTE 5
""",
)
