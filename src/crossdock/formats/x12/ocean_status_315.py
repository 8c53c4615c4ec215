"""The 315, status details of an ocean shipment."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="315",
    group="QO",
    name="ocean shipment status",
    uses="""
B4!
N9 30
Q2
SG 15
R4! 20
  DTM 15
V9 10
""",
)
