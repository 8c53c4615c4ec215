"""The 211, motor carrier bill of lading."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="211",
    group="BL",
    name="bill of lading",
    uses="""
BOL!
B2A!
MS3 12
MS2
L11 100
G62 6
AT5 50
K1 10
N1 10
  N2
  N3 2
  N4
  G61 3
AT1! 9999
  L11 100
  AT3
  AT4 99
  AT2
    MAN 999999
    SPO 999999
  LX 999999
    MAN 999999
    SPO 999999
  G61 2
    L11 5
    LH6 6
    LH1 25
      LH2 4
      LH3 10
      LFH 20
      LEP 3
      LH4
      LHT 3
      L11 5
""",
)
