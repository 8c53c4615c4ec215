"""The 214, transportation carrier shipment status message, release 004010."""

from __future__ import annotations

from typing import Final

from crossdock.formats.x12 import segments as s
from crossdock.formats.x12.codes import TIME_CODES
from crossdock.formats.x12.grammar import Loop, TransactionSet, Use

STATUS_214: Final = TransactionSet(
    code="214",
    release="004010",
    group="QM",
    name="shipment status",
    uses=(
        Use(s.B10, required=True),
        Use(s.L11, limit=300),
        Use(s.MAN, limit=9999),
        Use(s.K1, limit=10),
        Loop(
            (
                Use(s.N1, required=True),
                Use(s.N2),
                Use(s.N3, limit=2),
                Use(s.N4),
                Use(s.G62),
                Use(s.L11, limit=10),
            ),
            limit=10,
        ),
        Use(s.MS3, limit=12),
        Loop(
            (
                Use(s.LX, required=True),
                # A status (AT7-01) or an appointment (AT7-03), never both: condition E0103.
                Loop((Use(s.AT7, required=True), Use(s.MS1), Use(s.MS2)), limit=10),
                Use(s.L11, limit=10),
                Use(s.MAN, limit=9999),
                Use(s.Q7, limit=10),
                Use(s.K1, limit=10),
                Use(s.AT5, limit=10),
                Use(s.AT8, limit=10),
                Loop((Use(s.CD3, required=True), Use(s.L11, limit=20), Use(s.Q7, limit=10), Use(s.AT8))),
                Loop((Use(s.PRF, required=True), Use(s.N1), Use(s.SDQ, limit=10))),
                Loop((Use(s.SPO, required=True), Use(s.SDQ, limit=10))),
            )
        ),
    ),
    codes={"623": TIME_CODES},
)
