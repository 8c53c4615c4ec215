"""The INVRPT, inventory report."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="INVRPT",
    group="INVRPT",
    name="inventory report",
    uses="""
BGM!
FTX 99
DTM! 10
RFF 10
  DTM
NAD 20
  LOC 5
  RFF 99
    DTM
  CTA 10
    COM 5
CUX 5
  DTM
CPS 9999
  PAC 999
    PCI 1000
    QTY 9999
      GIN 9999
      DTM 5
LIN 9999999
  PIA 10
  IMD 10
  NAD
  MEA 10
  ALI 10
  LOC 5
  DTM 5
  FTX 99
  RFF 10
    DTM
  INV 9999 @2001B
    QTY!
    GIN 9999
    LOC 5
    DTM 5
    STS 9
    NAD 5
      LOC
    PRI 5
      CUX
      DTM
    RFF 10
      DTM
    CPS 9999
      PAC 9999
        MEA 10
        QTY 10
        PCI 9999
          RFF
          DTM 5
          GIN 9999
          GIR 99
            DTM 5
  QTY 9999 <2001B
    INV
    GIN 9999
    LOC 5
    DTM 5
    STS 9
    NAD 5
      LOC
    PRI 5
      CUX
      DTM
    RFF 10
      DTM
    CPS 9999
      PAC 9999
        MEA 10
        QTY 10
        PCI 9999
          RFF
          DTM 5
          GIN 9999
          GIR 99
            DTM 5
""",
)
