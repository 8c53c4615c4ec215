"""The 997, functional acknowledgement of a group."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="997",
    group="FA",
    name="functional acknowledgement",
    uses="""
AK1!
AK2 999999
  AK3 999999
    AK4 99
  AK5!
AK9!
""",
)
