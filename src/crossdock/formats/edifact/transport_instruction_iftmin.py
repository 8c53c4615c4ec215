"""The IFTMIN, transport instruction."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="IFTMIN",
    group="IFTMIN",
    name="transport instruction",
    uses="""
BGM!
CTA
COM 9
DTM 9
TSR 9
CUX 9
MOA 99
FTX 99
CNT 9
DOC 9
GDS 9
LOC 99
  DTM 9
TOD 2
  LOC 9
RFF 999
  DTM 9
GOR 9
  DTM 9
  LOC 9
  SEL 9
  FTX 9
  DOC 9
    DTM
CPI 9
  RFF 99
  CUX
  LOC 9
  MOA 9
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
  MOA 9
  CTA 9
    COM 9
  DOC 9
    DTM
  TCC 99
    CUX
    PRI
    EQN
    PCD
    MOA 9
    QTY 9
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
  HAN 99
  TMP
  RNG
  TMD
  LOC 9
  MOA 9
  PIA 9
  FTX 99
  PCD 9
  NAD 9
    DTM
    LOC 9
  GDS 9
  MEA 99
    EQN
  DIM 99
    EQN
  RFF 9
    DTM 9
  PCI 999
    RFF
    DTM
    GIN 10
  DOC 9
    DTM 9
  GOR 9
    DTM 9
    LOC 9
    SEL 9
    FTX 9
    DOC 9
      DTM
  TPL 9
    MEA 9
      EQN
  SGP 999
    MEA 9
      EQN
  TCC 99
    CUX
    PRI
    EQN
    PCD
    MOA 9
    QTY 9
    LOC 9
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
  SEL 99
  TPL 9
  HAN
  TMP
  FTX 9
  RFF 9
  TCC 99
    CUX
    PRI
    EQN
    PCD
    MOA 9
    QTY 9
  NAD 9
    DTM
    CTA 9
      COM 9
  EQA 99
    EQN
  DGS 99
    FTX 9
    CTA 9
      COM 9
""",
)
