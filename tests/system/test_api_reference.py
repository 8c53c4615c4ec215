"""The page on the HTTP API says what the code says."""

import re
from pathlib import Path

from crossdock.api import bodies, connections, messages
from crossdock.api.application import MESSAGES_PER_SECOND
from crossdock.api.problems import KINDS
from crossdock.engine.group_commit import Limits

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")


def test_every_problem_is_listed_with_its_status() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, flags=re.MULTILINE)
    assert listed == [(code, str(kind.status)) for code, kind in KINDS.items()]


def test_every_limit_is_told() -> None:
    limits = Limits()
    told = [
        f"| {bodies.BODY_BYTES_MAX:,} bytes |",
        f"| {messages.LINES_MAX:,} |",
        f"| {messages.LINE_BYTES_MAX:,} bytes |",
        f"| {connections.HEAD_BYTES_MAX:,} bytes |",
        f"| {connections.SILENCE_SECONDS:.0f} s, {connections.REQUEST_SECONDS:.0f} s |",
        f"| {MESSAGES_PER_SECOND:,} a second ",
        f"| {limits.backlog_messages:,} ",
        f"| {limits.waiting_messages:,}, or {limits.waiting_bytes // 1_000_000} MB |",
        f"| a commit | {limits.answer_seconds:.0f} s |",
        f"the first {messages.ERRORS_MAX} of",
    ]
    assert [line for line in told if line not in PAGE] == []
