"""Our words into its words, and its answers into ours. Functions of values: nothing here asks anybody."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

import msgspec

from crossdock.connectors.http import Answer, Exchanged, Request
from crossdock.kit.connector import Command, Declaration, Deed, Entity, Forged, Hint, Hook, Page, Record
from crossdock.kit.outcomes import (
    Already,
    AnyFinding,
    AnyOutcome,
    Applied,
    CannotTell,
    Conflict,
    Found,
    NotFound,
    Rejected,
    RetryAfter,
    Unknown,
)

_REASON_MAX: Final = 300
_SECONDS_MAX: Final = 3_600.0
ENTITY: Final = "paper"
DECLARES: Final = Declaration(
    entities=(Entity(name=ENTITY, key="no"),),
    deeds=(
        Deed(kind="post_goods_issue", actions=("do", "undo")),
        Deed(kind="release_order", actions=("do", "undo")),
    ),
    is_idempotent=True,
    can_find=True,
    has_feed=True,
    has_hooks=True,
)


class Doubtful(ValueError):
    """An answer that nobody should act on; the message says why."""


def document_of(answer: Answer) -> Any:  # noqa: ANN401  # any JSON
    """The JSON of an answer, if it is what was agreed. Raises `Doubtful`."""
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Doubtful(f"{answer.status}, it is {media or 'of no type'}, not application/json")
    try:
        document = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as broken:
        raise Doubtful(f"{answer.status}, it is no JSON: {broken}") from broken
    if not isinstance(document, dict):
        raise Doubtful(f"{answer.status}, it is no object")
    return document


# -- deeds -------------------------------------------------------------------------------------------------------------


def asked(command: Command) -> Request | None:
    """How a deed is asked for; `None`: this system does not know it."""
    known = {deed.kind: deed.actions for deed in DECLARES.deeds}
    if command.action not in known.get(command.kind, ()):
        return None
    if command.action == "undo":
        path = f"/papers/{quote(command.of_document or '', safe='')}/void"
        return Request("apply", "POST", path, document={"reference": command.key})
    paper = {"reference": command.key, "kind": command.kind, "content": command.content}
    return Request("apply", "POST", "/papers", document=paper)


def meant(command: Command, exchanged: Exchanged) -> AnyOutcome:  # noqa: PLR0911  # one return an answer
    """What came of asking. The one question: may the deed have been done?"""
    answer = exchanged.answer
    if answer is None:
        return (RetryAfter if exchanged.never_sent else Unknown)(reason=exchanged.problem)
    if answer.status in {401, 403, 429, 503}:
        return _not_let_in(answer)
    try:
        document = document_of(answer)
    except Doubtful as why:
        return Unknown(reason=str(why)[:_REASON_MAX])
    reason = str(document.get("message", f"it answers {answer.status}"))[:_REASON_MAX]
    match answer.status:
        case 200 | 201 if command.key in {document.get("reference"), document.get("voided_by")}:
            return (Already if document.get("repeated") else Applied)(document_no=str(document["no"]))
        case 409 | 412:
            return Conflict(reason=reason)
        case 400 | 404 | 422:
            return Rejected(reason=reason)
    return Unknown(reason=reason)


def _not_let_in(answer: Answer) -> RetryAfter:
    """It was certainly not done: nobody looked at what was asked."""
    wait = answer.headers.get("retry-after", "")
    seconds = min(float(wait), _SECONDS_MAX) if wait.isascii() and wait.isdigit() else None
    is_busy = answer.status == 429  # noqa: PLR2004  # HTTP's own
    return RetryAfter(reason=f"it answers {answer.status}", seconds=seconds, is_busy=is_busy)


def looked_up(command: Command) -> Request:
    """How it is asked what a command did."""
    return Request("find", "GET", "/papers", query={"reference": command.key})


def found(command: Command, exchanged: Exchanged) -> AnyFinding:
    """What it holds under a command's key. `NotFound` only where it plainly says so."""
    evidence = (exchanged.evidence,)
    if exchanged.answer is None:
        return CannotTell(reason=exchanged.problem, evidence=evidence)
    try:
        papers = document_of(exchanged.answer).get("papers")
    except Doubtful as why:
        return CannotTell(reason=str(why), evidence=evidence)
    if exchanged.answer.status != 200 or not isinstance(papers, list):  # noqa: PLR2004  # HTTP's own
        return CannotTell(reason=f"{exchanged.answer.status}, it does not say what it holds", evidence=evidence)
    name = "voided_by" if command.action == "undo" else "reference"
    paper = next((one for one in papers if one.get(name) == command.key), None)
    return Found(document_no=str(paper["no"]), evidence=evidence) if paper else NotFound(evidence=evidence)


# -- reading -----------------------------------------------------------------------------------------------------------


def page_of(answer: Answer, message_type: str) -> Page:
    """A page of its feed; every record keeps the bytes that it was sent as. Raises `Doubtful`."""
    document = document_of(answer)
    if answer.status != 200 or not isinstance(document.get("next"), str):  # noqa: PLR2004  # HTTP's own
        raise Doubtful(f"{answer.status}, it is no page")
    raw = msgspec.json.decode(answer.body, type=dict[str, msgspec.Raw])
    papers = msgspec.json.decode(raw["papers"], type=list[msgspec.Raw])
    records = tuple(record_of(bytes(paper), message_type) for paper in papers)
    return Page(records=records, cursor=document["next"], more=document.get("more") is True)


def record_of(body: bytes, message_type: str) -> Record:
    """A paper as a message. Raises `Doubtful`."""
    document = msgspec.json.decode(body)
    if not isinstance(document, dict) or not isinstance(document.get("no"), str):
        raise Doubtful("a paper has no number")
    return Record(entity=ENTITY, id=document["no"], body=body, content_type=message_type)


def hinted(hook: Hook, secret: str | None) -> tuple[Hint, ...] | Forged:
    """What a call hints at, if its signature is ours to make."""
    if not secret:
        return Forged(reason="no secret is configured for this connection")
    ours = hmac.new(secret.encode(), hook.body, sha256).hexdigest()
    if not hmac.compare_digest(hook.headers.get("x-docket-signature", "").encode(), ours.encode()):
        return Forged(reason="the signature is not ours")
    try:
        document = msgspec.json.decode(hook.body, type=dict[str, str])
    except msgspec.DecodeError:
        return ()
    return (Hint(entity=ENTITY, id=document["paper"]),) if "paper" in document else ()
