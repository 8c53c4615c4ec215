"""The IFCSUM, forwarding and consolidation summary."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="IFCSUM",
    group="IFCSUM",
    name="forwarding and consolidation summary",
    uses="""
BGM!
DTM 9
MOA 99
FTX 99
CNT 9
PCD 9
GDS 9
RFF 9
  DTM 9
GOR 9
  DTM 9
  LOC 9
  SEL 9
  FTX 9
  DOC 9
    DTM
NAD 9
  CTA 9
    COM 9
  RFF 9
    DTM 9
TCC 9
  CUX
  PRI
  EQN
  PCD
  MOA 9
  QTY 9
  LOC 9
ICD 99
  DTM
  FTX 9
TDT 9
  DTM 9
  TSR 9
  LOC 9
    DTM 9
  SEL 9
  FTX 9
  MEA 9
    EQN
  DIM 9
    EQN
  CTA 9
    COM 9
  TCC 99
    MOA 9
    PCD
  ICD 99
    DTM
    FTX 9
  NAD 9
    LOC 9
    CTA 9
      COM 9
    DOC 9
      DTM
    TCC 9
      CUX
      PRI
      EQN
      PCD
      MOA 9
      QTY 9
    RFF 9
      DTM 9
EQD 999
  EQN
  TPL
  TMD
  MEA 9
  DIM 9
  SEL 9
  NAD 9
  LOC 9
  HAN
  TMP
  FTX 9
  RFF 9
  PCD 9
  EQA 99
    EQN
  DGS 99
    FTX 9
    CTA
      COM 9
CNI 9999
  SGP 9
    MEA 9
      EQN
  TPL 9
    MEA 9
      EQN
  CTA
  COM 9
  DTM 9
  CNT 9
  TSR 9
  CUX 9
  PCD 9
  MOA 99
  FTX 99
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
  ICD 99
    DTM
    FTX 9
  TDT 99
    DTM 9
    TSR 9
    LOC 99
      DTM 9
    RFF 9
      DTM
    TCC 99
      MOA 9
      PCD
    ICD 99
      DTM
      FTX 9
  NAD 99
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
    HAN
    TMP
    RNG
    TMD
    LOC 9
    MOA 9
    PIA 9
    GIN 99
    FTX 9
    NAD 9
      DTM
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
      GIN 9
      MEA 9
      DIM
      FTX 9
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
      SEQ
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
    ICD 99
      DTM
      FTX 9
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
    PCD 9
    TCC 99
      CUX
      PRI
      EQN
      PCD
      MOA 9
      QTY 9
    NAD 9
      DTM
    EQA 99
      EQN
    DGS 99
      FTX 9
      CTA 9
        COM 9
""",
)
