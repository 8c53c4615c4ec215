"""The 990, answer to a load tender: accepted, declined, or accepted on conditions."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="990",
    group="GF",
    name="answer to a load tender",
    uses="""
B1!
N9
G62 6
N7
L9 40
V9 10
K1 10
S5 999
  N9 10
  G62 10
  K1 10
""",
)
