"""What a visitor can try in the demonstration: said as soon as it is there, and done where no visitor is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from crossdock.app.demo_acts import UNKNOWN_ORDERS, UNKNOWN_SKU
from crossdock.app.estate import Estate
from crossdock.model.money import format_minor
from crossdock.processes.decisions import Verb
from crossdock.store import arrival as arrivals
from crossdock.store import demo_figures

_ASKED: Final = ("item", "oms", UNKNOWN_SKU)
_NAME: Final = "the demo"
_WAITED_SECONDS: Final = 4.0


class Visitor:
    """Says what can be tried, each thing once. `plays`: nobody is there, so it is done here."""

    def __init__(self, estate: Estate, say: Callable[[str], None], *, after: int, plays: bool) -> None:
        """`after` is the arrival number from which on things are new."""
        self._estate = estate
        self._say = say
        self._after = after
        self._plays = plays
        self._charge = self._dispute = self._letters = self._tour = False
        self._letters_since = 0.0

    def look(self) -> None:
        """Is there anything new to try?"""
        if not (self._charge and self._dispute):
            self._look_at_charges()
        if not self._letters:
            self._look_at_letters()
        if not self._tour:
            self._look_for_tour()

    @property
    def left(self) -> list[str]:
        """What was to be done here and did not come to its turn."""
        if not self._plays:
            return []
        done = {"a charge was to be approved": self._charge, "a charge was to be disputed": self._dispute,
                f"{UNKNOWN_ORDERS} orders were to be read again": self._letters,
                "an EDI message was to lead to the ledger": self._tour}  # fmt: skip
        return [what for what, is_done in done.items() if not is_done]

    # -- approve the charge ------------------------------------------------------------------------------------------

    def _look_at_charges(self) -> None:
        waiting = [one for one in self._estate.waiting("FREIGHT_VARIANCE") if one.arrival > self._after]
        if not waiting:
            return
        item = waiting[0]
        name, stake = f"{item.owner}/{item.name}", f"{format_minor(item.at_stake_minor, item.currency)} {item.currency}"
        if self._plays:
            verb: Verb = "dispute" if self._charge else "approve"
            if self._estate.decide(verb, item, _NAME, "as a visitor would") != 1:
                return
            self._charge, self._dispute = True, self._charge
            did = "disputed: the carrier is to correct it" if self._dispute else "approved: it is posted as billed"
            self._say(f"{item.subject} bills {stake} more than agreed, and is {did}")
            return
        self._charge = self._dispute = True
        self._say(f"{item.subject} bills {stake} more than agreed. TRY: approve or dispute it on")
        self._say(f"    {self._estate.address}/queue?code=FREIGHT_VARIANCE  or by")
        self._say(f"    crossdock queue approve {name} --as me --note 'agreed by phone'")

    # -- map the SKU and replay the 37 -------------------------------------------------------------------------------

    def _look_at_letters(self) -> None:
        estate = self._estate
        unread = demo_figures.unread(estate.connection, estate.tenant, self._after)
        if unread.letters - unread.settled < UNKNOWN_ORDERS:
            return
        if not self._letters_since:
            self._letters_since = time.monotonic()
            self._say(f"{UNKNOWN_ORDERS} orders cannot be read: nobody has said what the shop calls {UNKNOWN_SKU}")
            if not self._plays:
                self._letters = True
                ours = estate.sku
                self._say("    TRY: say what it is, and read them again, on")
                self._say(f"    {estate.address}/dead?rule=xref.unknown  or by")
                self._say(f"    crossdock xref add {' '.join(_ASKED)} {ours}")
                self._say(f"    crossdock dead replay --rule xref.unknown --value {UNKNOWN_SKU} --execute")
            return
        if not self._plays or time.monotonic() - self._letters_since < _WAITED_SECONDS:
            return
        if estate.learn_item(_ASKED, estate.sku, _NAME) and estate.replay(UNKNOWN_SKU) == UNKNOWN_ORDERS:
            self._letters = True
            self._say(f"{UNKNOWN_SKU} is {estate.sku}: the {UNKNOWN_ORDERS} orders are read again and go on")

    # -- from an EDI byte to a ledger line ---------------------------------------------------------------------------

    def _look_for_tour(self) -> None:
        found = demo_figures.edi_to_ledger(self._estate.connection, self._estate.tenant, self._after)
        if found is None:
            return
        self._tour = True
        message = arrivals.text(found.arrival)
        self._say(f"The bill {found.bill} came as X12 and is in the ledger. TRY: follow it from byte to line on")
        self._say(f"    {self._estate.address}/message/{message}  or by")
        self._say(f"    crossdock show {message}; crossdock show {message} --raw; crossdock explain {found.bill}")
