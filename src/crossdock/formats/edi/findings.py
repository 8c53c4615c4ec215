"""What was found wrong with an interchange, and what was mended while it was read: values for people and for answers.

A *finding* breaks a rule of the standard or of the partner's guide. An error refuses the document; a warning is told
and lets it pass. A *repair* is a flaw of the form that lost nothing: it was read all the same and is on record.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

import msgspec

FINDINGS_MAX: Final = 20
LINE_MAX: Final = 120


class Flaw(Enum):
    """The kinds of flaws: the rule each breaks (as in `x12.required`), by which acknowledgements choose their codes."""

    REQUIRED = "required"
    CONDITION = "condition"
    EXCLUSION = "exclusion"
    EXTRA = "extra"
    UNUSED = "unused"
    SHORT = "short"
    LONG = "long"
    CHARACTER = "character"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CODE = "code"
    ELEMENT_REPEAT = "element_repeat"
    CHECK_DIGIT = "check_digit"
    PARENT = "parent"
    SEGMENT_REQUIRED = "segment_required"
    SEGMENT_REPEAT = "segment_repeat"
    LOOP_REPEAT = "loop_repeat"
    ORDER = "order"
    UNEXPECTED = "unexpected"
    UNKNOWN = "unknown"
    SET = "set"
    RELEASE = "release"
    HEADER = "header"
    ENVELOPE = "envelope"
    TRUNCATED = "truncated"
    COUNT = "count"
    CONTROL = "control"
    DUPLICATE = "duplicate"
    EMPTY = "empty"
    ENCODING = "encoding"
    SIZE = "size"
    FORM = "form"

    @property
    def rule(self) -> str:
        """The name of the rule, which several kinds may share."""
        return _RULES.get(self, self.value)


# A rule keeps its name whatever an acknowledgement must tell apart.
_RULES: Final = {
    Flaw.EXCLUSION: "condition",
    Flaw.SHORT: "length",
    Flaw.LONG: "length",
    Flaw.CHARACTER: "type",
    Flaw.NUMBER: "type",
    Flaw.DATE: "type",
    Flaw.TIME: "type",
    Flaw.ELEMENT_REPEAT: "repeat",
    Flaw.SEGMENT_REQUIRED: "required",
    Flaw.SEGMENT_REPEAT: "repeat",
    Flaw.LOOP_REPEAT: "repeat",
    Flaw.UNKNOWN: "unexpected",
}


STANDARDS: Final = ("x12", "edifact")
RULES: Final = frozenset(
    {f"{standard}.{flaw.rule}" for standard in STANDARDS for flaw in Flaw if flaw is not Flaw.ENCODING}
)
"""Every rule that a finding may name, beside `text.encoding`."""


class Finding(NamedTuple):
    """One broken rule.

    `number` counts the segments of the message from 1 (0: the whole message), `element` is a reference such as
    `AT7-05` or `DTM-01:2`, `line` the segment as a person would write it, cut to a bearable length.
    """

    number: int
    segment: str
    element: str
    standard: str
    flaw: Flaw
    problem: str
    value: str = ""
    line: str = ""
    is_warning: bool = False

    @property
    def rule(self) -> str:
        """The stable code of the rule: `x12.required`."""
        return "text.encoding" if self.flaw is Flaw.ENCODING else f"{self.standard}.{self.flaw.rule}"

    @property
    def position(self) -> str:
        """For a person: `segment 12, AT7-05`."""
        if not self.number:
            return self.segment or "the whole message"
        where = self.element or self.segment
        return f"segment {self.number}, {where}" if where else f"segment {self.number}"


class Findings(msgspec.Struct, eq=False, gc=False):
    """What is wrong with one document: at most 20 are kept, all are counted."""

    kept: list[Finding] = []
    errors: int = 0
    warnings: int = 0

    def add(self, finding: Finding) -> None:
        """Keep it, or only count it; errors are kept before warnings."""
        if finding.is_warning:
            self.warnings += 1
        else:
            self.errors += 1
        if len(self.kept) < FINDINGS_MAX:
            self.kept.append(finding)
        elif finding.flaw is Flaw.SIZE:
            # What ends the reading is told, whatever came before.
            self.kept[-1] = finding
        elif not finding.is_warning:
            last = next((at for at in range(FINDINGS_MAX - 1, -1, -1) if self.kept[at].is_warning), None)
            if last is not None:
                del self.kept[last]
                self.kept.append(finding)

    @property
    def is_any(self) -> bool:
        """Whether there are any."""
        return bool(self.errors or self.warnings)

    def take(self, others: Findings) -> None:
        """Take over the findings of others, which have none then."""
        for finding in others.kept:
            self.add(finding)
        others.kept, others.errors, others.warnings = [], 0, 0
