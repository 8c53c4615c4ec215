"""The ORDERS, purchase order."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="ORDERS",
    group="ORDERS",
    name="purchase order",
    uses="""
BGM!
DTM! 35
PAI
ALI 5
IMD 999
FTX 99
GIR 10
RFF 9999
  DTM 5
NAD 99
  LOC 99
  FII 5
  RFF 99
    DTM 5
  DOC 5
    DTM 5
  CTA 5
    COM 5
TAX 5
  MOA
  LOC 9
CUX 5
  PCD 5
  DTM 5
PAT 10
  DTM 5
  PCD
  MOA 9999
    GIR 9
    RJL 99
TDT 10
  LOC 10
    DTM 5
TOD 5
  LOC 2
PAC 99
  MEA 5
  PCI 99
    RFF
    DTM 5
    GIN 99
EQD 10
  HAN 5
  MEA 5
  FTX 5
SCC 10
  FTX 5
  RFF 5
  QTY 10
    DTM 5
APR 25
  DTM 5
  RNG
ALC 99
  ALI 5
  DTM 5
  QTY
    RNG
  PCD
    RNG
  MOA 2
    RNG
  RTE
    RNG
  TAX 5
    MOA
RCS 999
  RFF 5
  DTM 5
  FTX 99999
DGS 999
  FTX 5
  CTA 99
    COM 5
LIN 200000
  PIA 25
  IMD 99
  MEA 99
  QTY 99
  PCD 5
  ALI 5
  DTM 35
  MOA 10
  GIS 99
  GIN 1000
  GIR 1000
  QVR
  DOC 99
  PAI
  MTD 99
  FTX 99
  CCI 999
    CAV 10
    MEA 10
  PAT 10
    DTM 5
    PCD
    MOA 9999
      GIR 9
  PRI 25
    CUX
    APR 99
    RNG
    DTM 5
  RFF 9999
    DTM 5
    GIS 99
    MOA 99
  PAC 99
    MEA 5
    QTY 5
    DTM 5
    RFF
      DTM 5
    PCI 99
      RFF
      DTM 5
      GIN 99
  LOC 9999
    QTY
    PCD
    DTM 5
  TAX 10
    MOA
    LOC 5
  NAD 999
    LOC 5
    FII 5
    RFF 99
      DTM 5
    DOC 5
      DTM 5
    CTA 5
      COM 5
  ALC 99
    ALI 5
    DTM 5
    QTY
      RNG
    PCD
      RNG
    MOA 2
      RNG
    RTE
      RNG
    TAX 5
      MOA
  TDT 10
    LOC 10
      DTM 5
  TOD 5
    LOC 2
  EQD 10
    HAN 5
    MEA 5
    FTX 5
  SCC 100
    FTX 5
    RFF 5
    QTY 10
      DTM 5
  RCS 999
    RFF 5
    DTM 5
    FTX 99999
  STG 10
    QTY 3
      MOA
  DGS 999
    FTX 5
    CTA 99
      COM 5
UNS!
  MOA 99
  CNT 10
  ALC 10
    ALI
    MOA! 2
""",
)
