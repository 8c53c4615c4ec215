"""The 180, return merchandise authorization and notification."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="180",
    group="AN",
    name="return",
    uses="""
BGN!
RDR
PRF
DTM 10
N9 10
PER 2
SAC 10
G38
PKG 5
TD1 10
TD5 10
NTE 5
N1 200
  N2 2
  N3 2
  N4
  PER 5
LM 10
  LQ 100
BLI 999999
  N9 20
  PID 5
  RDR
  SAC 10
  AMT 999999
  MEA 999999
  CRC 999999
  NTE 999999
  PRF
  DTM 15
  DD 100
  GF
  TD5 5
  SDQ 100
  LM 10
    LQ 100
  N1 200
    N2 2
    N3 2
    N4
    PER 5
  QTY 999999
    AMT 5
    DTM 10
    N1
    LM 10
      LQ 100
    LX 999999
      N9 999999
      DTM 10
      N1
      LM 10
        LQ 100
  FA1 999999
    FA2 999999
""",
)
