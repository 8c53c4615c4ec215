"""What answers mean, and which of them are not believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.connectors.http import Answer
from crossdock.connectors.rest import read_manifest
from crossdock.connectors.rest.answers import meaning
from crossdock.connectors.rest.template import scope_of
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Already, Applied, Conflict, Rejected, RetryAfter, Unknown

KEY = "order/SO1/invoice/1"
MANIFEST = read_manifest(
    {
        "manifest": "m",
        "version": 1,
        "idempotent": True,
        "believed": {"numbers": ["version"]},
        "deeds": {
            "k": {
                "actions": {
                    "do": {
                        "path": "/x",
                        "same": {"reference": "$key"},
                        "document_no": ["no", "id"],
                        "has": "id",
                        "replayed_header": "Idempotency-Replayed",
                    }
                }
            }
        },
        "rules": [{"when": {"error.code": ["E900"]}, "means": "rejected", "reason": "error.text"}],
    }
)
DEED = MANIFEST.deeds["k"].actions["do"]
SCOPE = scope_of(Command(key=KEY, kind="k", action="do", content={}))
GOOD = {"id": "D1", "reference": KEY, "version": 1}


def understood(status: int, body: Any, media: str = "application/json", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return meaning(MANIFEST, DEED, SCOPE, Answer(status, {"content-type": media} | named, raw))


def test_a_success_about_what_was_asked_is_believed() -> None:
    assert understood(201, GOOD) == Applied(document_no="D1")
    assert understood(201, GOOD | {"no": "N1"}) == Applied(document_no="N1")
    assert understood(200, GOOD, media="application/json; charset=utf-8") == Applied(document_no="D1")
    assert understood(200, GOOD, idempotency_replayed="true") == Already(document_no="D1")


@pytest.mark.parametrize(
    ("status", "body", "media", "why"),
    [
        (200, b"<html>", "text/html", "text/html"),
        (200, GOOD, "", "of no type"),
        (200, b'{"id": "D1", "refer', "application/json", "no JSON"),
        (200, {"error": {"message": "boom"}}, "application/json", "boom"),
        (200, GOOD | {"reference": KEY + "9"}, "application/json", "speaks of something else"),
        (200, {"id": "D1"}, "application/json", "speaks of something else"),
        (200, GOOD | {"version": "1"}, "application/json", "no number"),
        (200, GOOD | {"version": True}, "application/json", "no number"),
        (302, b"", "application/json", "sends us elsewhere"),
        (500, {"message": "internal"}, "application/json", "internal"),
        (502, b"<html>", "text/html", "502"),
        (404, b"<html>", "text/html", "404"),
        (408, {}, "application/json", "408"),
        (200, b"[" * 100_000, "application/json", "no JSON"),
        (200, [], "application/json", "no id"),
        (200, None, "application/json", "no id"),
        (299, GOOD, "application/json", "299"),
    ],
)
def test_what_cannot_be_believed_leaves_the_outcome_unknown(status: int, body: Any, media: str, why: str) -> None:
    outcome = understood(status, body, media)
    assert isinstance(outcome, Unknown)
    assert why in outcome.reason


def test_an_error_in_a_200_is_what_the_manifest_says_it_is() -> None:
    assert understood(200, {"error": {"code": "E900", "text": "closed"}}) == Rejected(reason="closed")
    assert isinstance(understood(200, {"error": {"code": "E999", "text": "?"}}), Unknown)


def test_what_was_certainly_not_done_may_be_asked_again() -> None:
    assert understood(429, {"message": "slow down"}, retry_after="7") == RetryAfter(
        reason="429: slow down", seconds=7.0, is_busy=True
    )
    assert understood(429, b"", "text/plain", retry_after="7").seconds == 7.0
    assert understood(503, b"", "text/html") == RetryAfter(reason="503: it is text/html, not application/json")
    assert understood(503, {}, retry_after="Wed, 21 Oct 2026 07:28:00 GMT").seconds is None
    assert understood(503, {}, retry_after="99999999").seconds == 3600.0
    assert understood(401, {}).is_busy is False
    assert isinstance(understood(412, {}), Conflict)


def test_a_refusal_for_good_says_why() -> None:
    assert understood(422, {"message": "no such item"}) == Rejected(reason="422: no such item")
