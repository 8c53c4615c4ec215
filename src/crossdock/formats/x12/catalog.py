"""The transaction sets we can read. To add one, write its grammar beside this file and list it here."""

from __future__ import annotations

from typing import Final

from crossdock.formats.x12.invoice_210 import INVOICE_210
from crossdock.formats.x12.status_214 import STATUS_214
from crossdock.formats.x12.tree import Grammar

GRAMMARS: Final = {definition.code: Grammar(definition) for definition in (INVOICE_210, STATUS_214)}
