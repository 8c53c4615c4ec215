"""The 310, ocean freight receipt and invoice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="310",
    group="IO",
    name="ocean freight invoice",
    uses="""
B3!
B2A
Y6 2
G3
N9 15
V1! 2
M0
M1 5
C2
C3
Y2 10
N1! 10
  N2
  N3 2
  N4
G61 3
R4! 20
  DTM 15
R2A 25
R2 13
K1 12
H3 6
L5
C8 20
  C8C 5
LX! 999
  N7 999
    QTY
    V4
    N12
    M7 5
    W09
    L1 20
      C3
    L7
    X1
    X2
    N9 3
    H1 10
      H2 10
  L0 120
    L5 999
    L1 20
      C3
    L7
    X1
    X2
    C8 20
      C8C 5
    H1 10
      H2 10
L3!
PWK 25
L1 20
  C3
V9 10
C8 20
K1 999
L11
""",
)
