"""The 947, warehouse inventory adjustment advice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="947",
    group="AW",
    name="stock adjustment",
    uses="""
W15!
N1! 100
  N2
  N3
  N4
  PER 5
N9 10
G61 3
G62 5
NTE 20
LM 10
  LQ 100
W19! 999999
  G69 5
  N9 10
  CS
  AMT
  G62 10
  LM 10
    LQ 100
  N1 50
    N2 2
    N3 2
    N4
    G61 5
  LX 999999
    N9 999999
    G62
    N1
    LM 10
      LQ 100
  FA1 999999
    FA2 999999
""",
)
