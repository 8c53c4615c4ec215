"""The 824, application advice: what the receiving application made of a document."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="824",
    group="AG",
    name="application advice",
    uses="""
BGN!
N1 999999
  N2 2
  N3 2
  N4
  REF 12
  PER 3
OTI! 999999
  REF 12
  DTM 2
  PER 3
  AMT 999999
  QTY 999999
  NM1 9
  TED 999999
    NTE 100
    RED 100
    CTX 10 @005010
      RED 100
  LM 999999
    LQ 100
      RED 100
""",
)
