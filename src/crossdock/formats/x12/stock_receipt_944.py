"""The 944, stock transfer receipt advice: what a warehouse has received."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="944",
    group="RE",
    name="stock transfer receipt",
    uses="""
W17!
N1! 10
  N2
  N3 2
  N4
  PER 5
N9 10
G61 3
G62 5
NTE 20
W08
W18 10
G08 2
W07! 9999
  G69 5
  N9 200
  W20 2
  W13 50
    N9 200
W14!
""",
)
