"""The CONTRL, syntax and service report."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="CONTRL",
    group="CONTRL",
    name="syntax and service report",
    uses="""
UCI!
UCM 999999
  UCS 999
    UCD 99
UCF 999999
  UCM 999999
    UCS 999
      UCD 99
""",
)
