"""The 943, stock transfer shipment advice: what a warehouse is to receive."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.tables import Written

DOCUMENT: Final = Written(
    code="943",
    group="AR",
    name="stock transfer shipment",
    uses="""
W06!
N1! 10
  N2
  N3 2
  N4
  PER 5
N9 10
G61 3
G62 5
NTE 20
W27!
W28
W10
W04! 9999
  G69 5
  N9 200
  W20 2
W03!
""",
)
