"""The 945, warehouse shipping advice: what a warehouse has shipped."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="945",
    group="SW",
    name="warehouse shipping advice",
    uses="""
W06!
N1! 10
  N2
  N3 2
  N4
  PER 5
N9 10
G61 3
G62 5
NTE 20
W27
W6
W28
W10 10
G72 5
LM 10
  LQ 100
LX 999999
  MAN 999999
  PAL
  N9 5
  W12 999999
    G69 5
    N9 200
    G62 10
    QTY 10
    MEA 5
    AMT
    R4 5
    W27
    N1 5
    G72 5
    LM 10
      LQ 100
    LS
    LX 999999
      N9 999999
      G62 10
      N1
      LM 10
        LQ 100
    LE
    FA1 999999
      FA2 999999
W03
""",
)
