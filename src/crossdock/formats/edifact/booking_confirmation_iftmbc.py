"""The IFTMBC, booking confirmation."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="IFTMBC",
    group="IFTMBC",
    name="booking confirmation",
    uses="""
BGM!
CTA
COM 9
DTM 9
TSR 9
FTX 99
CNT 9
GDS 9
LOC 99
  DTM 9
RFF 99
  DTM 9
TCC 9
TDT 99
  DTM 9
  TSR 9
  LOC 99
    DTM 9
  RFF 9
    DTM
NAD! 99
  LOC 9
  CTA 9
    COM 9
  TSR 99
    RFF
    LOC
    TPL
    FTX 9
GID 999
  HAN
  TMP
  RNG
  TMD
  LOC 9
  FTX 9
  PCD 9
  NAD 9
    DTM
  GDS 9
  MEA 99
    EQN
  DIM 99
    EQN
  RFF 9
    DTM 9
  DOC 9
    DTM 9
  DGS 99
    FTX 99
    CTA 9
      COM 9
    MEA 9
      EQN
EQD 999
  EQN
  TMD
  MEA 9
  DIM 9
  HAN
  TMP
  RNG 9
  FTX 9
  RFF 9
  NAD 9
    DTM
  DGS 99
    FTX 9
    CTA 9
      COM 9
""",
)
