"""The 210, motor carrier freight details and invoice: amounts imply two decimals."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="210",
    group="IM",
    name="freight invoice",
    uses="""
B3!
C2
C3
ITD
N9 300
G62 6
R3 12
H3 6
K1 10
N1 10
  N2
  N3 2
  N4
  N9 5
N7 10
  M7 2
S5 999
  N9 10
  G62 6
  H3 6
  N1 2
    N2
    N3 2
    N4
    N9 5
LX 9999
  N9 5
  POD 5
  L5 30
  H1 3
  H2 2
  L0 10
  L1 50
  L4 10
  L7 10
  K1 10
  SPO 999
    SDQ 10
  N1 999
    N2
    N3 2
    N4
    N9 5
  CD3 999
    N9 20
L3
""",
)
