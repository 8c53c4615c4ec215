"""The REMADV, remittance advice."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="REMADV",
    group="REMADV",
    name="remittance advice",
    uses="""
BGM!
DTM! 5
RFF 5
FII 5
PAI
FTX 99
GIS 5
NAD 99
  RFF 9
    DTM 9
  CTA 5
    COM 5
CUX 5
  DTM
DOC 9999
  MOA! 5
  DTM 5
  RFF 5
  NAD 2
  CUX 5
    DTM
  AJT 100
    MOA
    RFF
    FTX 5
    QTY 9
    TAX 9
      MOA 9
  INP 5
    FTX 5
  DLI 9999
    MOA 5
    PIA 5
    DTM 5
    CUX 5
      DTM
    AJT 10
      MOA
      RFF
      FTX 5
      TAX 9
        MOA 9
UNS!
  MOA! 99
  ALC 99
    MOA 9
""",
)
