"""The 810, invoice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="810",
    group="IN",
    name="invoice",
    uses="""
BIG!
NTE 100
CUR
REF 12
YNQ 10
PER 3
N1 200
  N2 2
  N3 2
  N4
  REF 12
  PER 3
ITD 999999
DTM 10
FOB
PID 200
MEA 40
PWK 25
PKG 25
L7
BAL 999999
INC
PAM 999999
LM 10
  LQ 100
N9 1
  MSG 10
V1 999999
  R4 999999
  DTM 999999
FA1 999999
  FA2 999999
IT1 200000
  CRC
  QTY 5
  CUR
  IT3 5
  TXI 10
  CTP 25
  PAM 10
  MEA 40
  PID 1000
    MEA 10
  PWK 25
  PKG 25
  PO4
  ITD 2
  REF 999999
  YNQ 10
  PER 5
  SDQ 500
  DTM 10
  CAD 999999
  L7 999999
  SAC 25
    TXI 10
  SLN 1000
    DTM
    REF 999999
    PID 1000
    SAC 25
    TC2 2
    TXI 10
  N1 200
    N2 2
    N3 2
    N4
    REF 12
    PER 3
    LM 10
    LQ 100
  V1 999999
    R4 999999
    DTM 999999
  FA1 999999
    FA2 999999
TDS!
TXI 10
CAD
AMT 999999
SAC 25
  TXI 10
ISS 999999
  PID
CTT
""",
)
