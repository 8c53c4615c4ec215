"""The 204, motor carrier load tender: S5 is a stop, and there are up to 999."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="204",
    group="SM",
    name="load tender",
    uses="""
B2!
B2A!
L11 50
G62 2
MS3
AT5 6
PLD
LH6 6
NTE 10
N1 5
  N2
  N3 2
  N4
  L11
  G61 3
N7 10
  N7A
  N7B
  MEA
  M7 2
S5! 999
  L11 50
  G62 2
  AT8
  LAD 999
  AT5 6
  PLD
  NTE 20
  N1
    N2
    N3 2
    N4
    G61 3
  L5 99
    AT8
    G61 99
      L11 5
      LH6 6
      LH1 25
        LH2 4
        LH3 10
        LFH 20
        LEP 3
        LH4
        LHT 3
  OID 999
    G62 2
    LAD 999
    L5 99
      AT8
      G61 99
        L11 5
        LH6 6
        LH1 25
          LH2 4
          LH3 10
          LFH 20
          LEP 3
          LH4
          LHT 3
  N7 10
    N7A
    N7B
    MEA
    M7 2
L3
""",
)
