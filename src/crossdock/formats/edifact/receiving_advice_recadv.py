"""The RECADV, receiving advice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="RECADV",
    group="RECADV",
    name="receiving advice",
    uses="""
BGM!
DTM! 10
ALI 5
CUX 9
FTX 99
RFF 10
  DTM
  GEI 99
  MOA 99
  ALC
DOC 10
  CDI 10
    INP 5
NAD! 99
  LOC 10
  RFF 10
    DTM
  CTA 10
    COM 5
TOD 10
  CDI 10
    INP 5
  LOC 10
    CDI 10
TDT 10
  DTM 10
  CDI 20
EQD 9999
  CDI 10
    INP 5
  SEL 25
    CDI! 10
  EQA 10
    CDI 10
      INP 5
CPS 9999
  PAC 9999
    QVR
    PCI 999
      RFF
      CDI 10
        INP 5
      GIN 999
        CDI 10
          INP 5
  LIN 9999
    PIA 10
    IMD 25
    QTY 10
    QVR 10
    DTM 5
    PRI
    FTX 99
    NAD 99
    CDI 10
      INP 5
    DOC 10
      CDI 10
        INP 5
    GIN 99
      CDI 10
        INP 5
    RFF 10
      DTM
      GEI 99
      MOA 99
      ALC
    PCI 9999
      QTY
      QVR
      CDI 10
        INP 5
      GIN 10
        CDI 10
          INP 5
CNT
""",
)
