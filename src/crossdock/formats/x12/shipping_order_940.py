"""The 940, warehouse shipping order."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="940",
    group="OW",
    name="warehouse shipping order",
    uses="""
W05!
N1 10
  N2 2
  N3 2
  N4
  PER 5
N9 10
G61 3
G62 10
NTE 999999
W09
W66
W6
R2 13
BNX
LM 10
  LQ 100
LX 999999
  MAN 999999
  SDQ 999999
  N1
  G62 10
  W01 999999
    G69 5
    N9 200
    NTE 999999
    W20 3
    QTY 10
    AMT
    G62 10
    G66
    N1 3
    PER 5
    LH2 6
    LHR
    LH6 5
    LM 10
      LQ 100
    LS
    LX 999999
      N9 999999
      G62 10
      N1
      SDQ 999999
      LM 10
        LQ 100
      LH1 999999
        LH2 4
        LH3 10
        LFH 20
        LEP 3
        LH4
        LHT 3
        LHR 5
        PER 5
    LE
    FA1 999999
      FA2 999999
W76
""",
)
