"""The 999, implementation acknowledgement of a group (since 005010)."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="999",
    group="FA",
    name="implementation acknowledgement",
    uses="""
AK1!
AK2 999999
  IK3 999999
    CTX 10
    IK4 999999
      CTX 10
  IK5!
AK9!
""",
)
