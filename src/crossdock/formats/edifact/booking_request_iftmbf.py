"""The IFTMBF, booking request."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="IFTMBF",
    group="IFTMBF",
    name="booking request",
    uses="""
BGM!
CTA
COM 9
DTM 9
TSR 9
CUX 9
MOA 9
FTX 99
CNT 9
GDS 9
LOC 99
  DTM 9
TOD 2
  LOC 9
RFF 99
  DTM 9
GOR 9
  FTX 9
  DOC 9
    DTM
TCC 99
  LOC
  FTX
  CUX
  PRI
  EQN
  PCD
  MOA 9
  QTY 9
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
  DOC 9
    DTM
  RFF 9
    DTM 9
  CPI 9
    RFF 99
    CUX
    LOC 9
    MOA 9
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
  MOA 9
  PIA 9
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
  PCI 9
    RFF
    DTM
    GIN 9
  DOC 9
    DTM 9
  TPL 9
    MEA 9
      EQN
  SGP 999
    MEA 9
      EQN
  DGS 99
    FTX 99
    CTA 9
      COM 9
    MEA 9
      EQN
    SGP 999
      MEA 9
        EQN
EQD 999
  EQN
  TMD
  MEA 9
  DIM 9
  TPL 9
  HAN
  TMP
  RNG
  FTX 9
  RFF 9
  NAD 9
    DTM
    CTA 9
      COM 9
  DGS 99
    FTX 9
    CTA 9
      COM 9
""",
)
