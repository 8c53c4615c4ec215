"""The 846, inventory inquiry or advice: 17 is on hand, 33 available."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="846",
    group="IB",
    name="inventory advice",
    uses="""
BIA!
CUR
DTM 10
REF 12
PER 3
MEA 20
N1 5
  N2 2
  N3 2
  N4
  REF 12
  PER 3
LM 10
  LQ 100
LIN! 10000
  PID 200
  MEA 40
  PKG 25
  DTM 10
  CTP 25
  CUR
  SAC 25
  REF 999999
  PER 3
  SDQ 500
  MAN
  UIT 5
  CS
  DD 999999
  G53
  PCT 999999
  LDT 12
  LM 10
    LQ 100
  SLN 1000
    PID 200
    MEA 40
    PKG 25
    MAN 100
      MEA 40
  QTY 99
    UIT 12
    MEA 25
    LDT 12
    DTM 10
    SCH 25
      MEA 25
    LM 999999
      LQ 100
    LS
    REF 999999
      DTM 999999
      N1
      LM 10
        LQ 100
    LE
  N1 200
    N2 2
    N3 2
    N4
    REF 12
    PER 3
CTT
""",
)
