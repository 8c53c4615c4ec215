"""The transaction sets we can read. To add one, write its grammar beside this file and list it here."""

from __future__ import annotations

from typing import Final

from crossdock.formats.x12.grammar import TransactionSet
from crossdock.formats.x12.invoice_210 import INVOICE_210
from crossdock.formats.x12.status_214 import STATUS_214

SETS: Final[dict[str, TransactionSet]] = {each.code: each for each in (INVOICE_210, STATUS_214)}
