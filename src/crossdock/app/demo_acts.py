"""What goes wrong in the demonstration, and when: business trouble from the start, technical trouble by the clock."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

UNKNOWN_SKU: Final = "NEW-999"
UNKNOWN_ORDERS: Final = 37
LAP_SECONDS: Final = 60.0
WELL: Final[dict[str, Any]] = {"faults": None}


class Act(NamedTuple):
    """Something that goes wrong, or right again, some seconds after the doors opened."""

    at_seconds: float
    says: str
    system: str
    wish: dict[str, Any]


RULES: Final[dict[str, dict[str, Any]]] = {
    "wms-a": {"late_issue": 0.1, "late_issue_minutes": 480, "short_pick": 0.05},
    "wms-b": {"late_issue": 0.1, "late_issue_minutes": 480, "short_pick": 0.05},
    "carriers": {"accessorial_84": 0.15, "doubled_210": 0.25, "decline": 0.1, "insist": 0, "pace": 0.5},
    "tms": {"answer_within_minutes": 120},
}
ACTS: Final = (
    Act(3, "carriers say everything twice now and then", "carriers", {"doubled_messages": 0.1}),
    Act(4, "5 % of the TMS's answers are errors", "tms", {"error": 0.05}),
    Act(6, "the ERP is down for 6 seconds: what it is to do waits", "erp", {"down": {"how": "503", "seconds": 6}}),
    Act(9, "the carriers' platform fails: after a few tries it is left alone for a while", "carriers",
        {"down": {"how": "503", "seconds": 9}}),
    Act(11, "warehouse A lags: a second and a half for every answer", "wms-a", {"latency_ms": 1500, "jitter_ms": 500}),
    Act(14, "the old warehouse software works, then does not answer", "wms-b",
        {"timeout_after": 0.1, "hold_seconds": 4, "error": 0.05}),
    Act(19, "the ERP answers 5 % with errors, and 5 % not at all although it did the work", "erp",
        {"error": 0.05, "timeout_after": 0.05, "hold_seconds": 4}),
    Act(21, "warehouse A answers as fast as ever", "wms-a", WELL),
    Act(23, "a power cut in warehouse A for 4 seconds", "wms-a", {"down": {"how": "close", "seconds": 4}}),
    Act(27, "the TMS is well again", "tms", WELL),
    Act(28, "the old warehouse software is well again", "wms-b", WELL),
    Act(29, "the ERP is well again", "erp", WELL),
)  # fmt: skip
TRAFFIC_SECONDS: Final = 30.0
