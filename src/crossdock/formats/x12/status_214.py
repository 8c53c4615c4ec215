"""The 214, transportation carrier shipment status."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="214",
    group="QM",
    name="shipment status",
    uses="""
B10!
L11 300
MAN 9999
K1 10
N1 10
  N2
  N3 2
  N4
  G62
  L11 10
MS3 12
LX 999999
  AT7 10
    MS1
    MS2
  L11 10
  MAN 9999
  Q7 10
  K1 10
  AT5 10
  AT8 10
  CD3 999999
    L11 20
    Q7 10
    AT8
  PRF 999999
    N1
    SDQ 10
  SPO 999999
    SDQ 10
""",
)
