"""What was mended while an interchange was read; or what refuses it, where its partner's guide does not allow that."""

from __future__ import annotations

from typing import NamedTuple

from crossdock.formats.edi.findings import Finding, Findings, Flaw
from crossdock.formats.edi.guide import TOLERATED, Guide
from crossdock.formats.excerpt import excerpt


class Repair(NamedTuple):
    """A flaw of form that was mended: the first place it was met at, and how often it was met."""

    rule: str
    position: str
    before: str
    after: str
    times: int = 1


class Repairs:
    """The flaws of form of one interchange; an untolerated one becomes an error among its `findings`."""

    __slots__ = ("_kept", "_numbers", "findings", "guide", "standard")

    def __init__(self, standard: str, guide: Guide, findings: Findings) -> None:
        self.standard = standard
        self.guide = guide
        self.findings = findings
        self._kept: dict[str, Repair] = {}
        self._numbers: dict[str, int] = {}

    def note(self, flaw: str, number: int, reference: str, before: str, after: str, *, times: int = 1) -> None:
        """Record that a flaw (of `guide.TOLERATED`) was met at a segment, and what was made of it."""
        known = self._kept.get(flaw)
        if known is not None:
            times += known.times
            if number >= self._numbers[flaw]:
                self._kept[flaw] = known._replace(times=times)
                return
        reference, rule = excerpt(reference), f"{self.standard}.{flaw}"
        self._kept[flaw] = Repair(rule, f"segment {number}, {reference}", excerpt(before), excerpt(after), times)
        self._numbers[flaw] = number
        if known is None and flaw not in self.guide.tolerates:
            what = TOLERATED.get(flaw, flaw)
            problem = f"there is {what}, which the guide does not tolerate"
            self.findings.add(Finding(number, reference, "", self.standard, Flaw.FORM, problem, excerpt(before)))

    def all(self) -> list[Repair]:
        """By where they were first needed."""
        flaws = sorted(self._kept, key=lambda flaw: (self._numbers[flaw], flaw))
        return [self._kept[flaw] for flaw in flaws if flaw in self.guide.tolerates]
