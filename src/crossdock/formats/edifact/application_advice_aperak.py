"""The APERAK, application error and acknowledgement."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="APERAK",
    group="APERAK",
    name="application error and acknowledgement",
    uses="""
BGM!
DTM 9
FTX 9
CNT 9
DOC 99
  DTM 99
RFF 9
  DTM 9
NAD 9
  CTA 9
  COM 9
ERC 99999
  FTX
  RFF 9
    FTX 9
""",
)
