"""The 210, motor carrier freight details and invoice, release 004010."""

from __future__ import annotations

from typing import Final

from crossdock.formats.x12 import segments as s
from crossdock.formats.x12.codes import TIME_CODES
from crossdock.formats.x12.grammar import Loop, TransactionSet, Use

_PARTY: Final = (Use(s.N1, required=True), Use(s.N2), Use(s.N3, limit=2), Use(s.N4), Use(s.N9, limit=5))

INVOICE_210: Final = TransactionSet(
    code="210",
    release="004010",
    group="IM",
    name="freight invoice",
    uses=(
        Use(s.B3, required=True),
        Use(s.C2),
        Use(s.C3),
        Use(s.ITD),
        Use(s.N9, limit=300),
        Use(s.G62, limit=6),
        Use(s.R3, limit=12),
        Use(s.H3, limit=6),
        Use(s.K1, limit=10),
        Loop(_PARTY, limit=10),
        Loop((Use(s.N7, required=True), Use(s.M7, limit=2)), limit=10),
        Loop(
            (
                Use(s.S5, required=True),
                Use(s.N9, limit=10),
                Use(s.G62, limit=6),
                Use(s.H3, limit=6),
                Loop(_PARTY, limit=2),
            ),
            limit=999,
        ),
        Loop(
            (
                Use(s.LX, required=True),
                Use(s.N9, limit=5),
                Use(s.POD, limit=5),
                Use(s.L5, limit=30),
                Use(s.H1, limit=3),
                Use(s.H2, limit=2),
                Use(s.L0, limit=10),
                Use(s.L1, limit=50),
                Use(s.L4, limit=10),
                Use(s.L7, limit=10),
                Use(s.K1, limit=10),
                Loop((Use(s.SPO, required=True), Use(s.SDQ, limit=10)), limit=999),
                Loop(_PARTY, limit=999),
                Loop((Use(s.CD3, required=True), Use(s.N9, limit=20)), limit=999),
            ),
            limit=9999,
        ),
        Use(s.L3),
    ),
    codes={"623": TIME_CODES},
)
