"""The IFTSTA, transport status."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="IFTSTA",
    group="IFTSTA",
    name="transport status",
    uses="""
BGM!
DTM 9
TSR
NAD 9
  CTA 9
    COM 9
RFF 9
  DTM
LOC 9
FTX 9
CNT 9
CNI 9999
  LOC 9
  CNT 9
  STS! 99
    RFF 999
    DTM 9
    DOC
    FTX 9
    NAD 9
      CTA 9
        COM 9
    LOC
    PCI 99
    TDT 99
      DTM 9
      RFF 9
      LOC 9
        DTM 9
    EQD 99
      MEA 9
      DIM 9
      SEL 9
      RFF 9
      TPL 9
      TMD
      EQA 99
        SEL 9
    GID 99
      HAN 9
      SGP 99
      DGS 9
      FTX 9
      MEA 99
        EQN
      DIM 99
        EQN
      PCI 99
        GIN 9
""",
)
