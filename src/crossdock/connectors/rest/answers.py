"""Which answers are believed and what they mean: a function of the manifest, the request and the bytes that came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from crossdock.connectors.http import Answer
from crossdock.connectors.rest.doubts import Unbelievable
from crossdock.connectors.rest.manifest import Believed, Deed, Manifest, Rule
from crossdock.connectors.rest.template import fill, value_at
from crossdock.kit.outcomes import Already, AnyOutcome, Applied, Conflict, Rejected, RetryAfter, Unknown

_SECONDS_MAX: Final = 3_600.0
_REASON_MAX: Final = 300
_OK: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_REFUSED: Final = range(400, 500)
_PARTS: Final = re.compile(r"[~/|]")
_CLASSES: Final[dict[str, type[Applied | Already | Conflict | Rejected | RetryAfter | Unknown]]] = {
    "applied": Applied,
    "already": Already,
    "conflict": Conflict,
    "rejected": Rejected,
    "retry_after": RetryAfter,
    "unknown": Unknown,
}


def document_of(answer: Answer, believed: Believed) -> Any:  # noqa: ANN401  # any JSON
    """The JSON of an answer. Raises `Unbelievable`."""
    if answer.status in _REDIRECT:
        raise Unbelievable(f"{answer.status} sends us elsewhere, to {answer.headers.get('location', '?')[:100]!r}")
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != believed.content_type:
        raise Unbelievable(f"it is {media or 'of no type'}, not {believed.content_type}")
    try:
        document = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as broken:
        raise Unbelievable(f"it is no JSON: {broken}") from broken
    return document


def check_numbers(document: Any, believed: Believed) -> None:  # noqa: ANN401  # any JSON
    """Raise `Unbelievable` where a number is told as something else."""
    for path in believed.numbers:
        value = value_at(document, path)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Unbelievable(f"{path} is {str(value)[:40]!r}, which is no number")


def check_same(document: Any, same: Mapping[str, Any], scope: Mapping[str, Any]) -> None:  # noqa: ANN401  # any JSON
    """Raise `Unbelievable` unless a document is about what was asked for."""
    for paths, template in same.items():
        expected = fill(template, scope)
        told = [value_at(document, path) for path in paths.split("|")]
        if expected is not None and expected not in told:
            shown = ", ".join(str(value)[:60] for value in told if value is not None) or "nothing"
            raise Unbelievable(f"{paths} is {shown}, not {str(expected)[:60]}: it speaks of something else")


def check_named(document: Any, same: str | list[str] | None, id_: str) -> None:  # noqa: ANN401  # any JSON
    """Raise `Unbelievable` unless a document is the one of this id: it stands at a path, or its parts at several."""
    if isinstance(same, str):
        check_same(document, {same: "$id"}, {"id": id_})
        return
    parts = _PARTS.split(id_)
    for path in same or ():
        told = value_at(document, path)
        if str(told) not in parts:
            shown = f"{path} is {str(told)[:60]!r}, which is no part of {id_[:60]}"
            raise Unbelievable(f"{shown}: it speaks of something else")


def first_value(document: Any, paths: Iterable[str]) -> str | None:  # noqa: ANN401  # any JSON
    """The first of the paths that has a value, as text."""
    for path in paths:
        value = value_at(document, path)
        if value is not None and value != "":
            return str(value)
    return None


def meaning(manifest: Manifest, deed: Deed, scope: Mapping[str, Any], answer: Answer) -> AnyOutcome:
    """What an answer to a deed means. Without a rule of the manifest that fits, the careful reading."""
    try:
        document = document_of(answer, manifest.believed)
    except Unbelievable as why:
        return _unread(answer, str(why))
    rule = next((rule for rule in manifest.rules if _fits(rule, answer.status, document)), None)
    if rule is not None:
        return _by_rule(rule, answer, document)
    if answer.status in deed.success:
        return _success(manifest, deed, scope, answer, document)
    return _by_status(answer, _sentence(document))


def _success(
    manifest: Manifest,
    deed: Deed,
    scope: Mapping[str, Any],
    answer: Answer,
    document: Any,  # noqa: ANN401  # any JSON
) -> AnyOutcome:
    if deed.has is not None and value_at(document, deed.has) is None:
        return Unknown(reason=f"it says {answer.status} but has no {deed.has}: {_sentence(document)}"[:_REASON_MAX])
    try:
        check_numbers(document, manifest.believed)
        check_same(document, deed.same, scope)
    except Unbelievable as why:
        return Unknown(reason=str(why)[:_REASON_MAX])
    document_no = first_value(document, deed.document_no)
    replayed = deed.replayed_header is not None and answer.headers.get(deed.replayed_header.lower()) == "true"
    return Already(document_no=document_no) if replayed else Applied(document_no=document_no)


def _fits(rule: Rule, status: int, document: Any) -> bool:  # noqa: ANN401  # any JSON
    if rule.status and status not in rule.status:
        return False
    return all(_one_of(value_at(document, path), values) for path, values in rule.when.items())


def _one_of(value: object, values: Sequence[object]) -> bool:
    return value is not None and (not values or value in values)


def _by_rule(rule: Rule, answer: Answer, document: Any) -> AnyOutcome:  # noqa: ANN401  # any JSON
    said = value_at(document, rule.reason) if rule.reason else None
    reason = (str(said) if said is not None else _sentence(document))[:_REASON_MAX]
    if rule.means == "retry_after":
        return RetryAfter(reason=reason, seconds=_retry_after(answer), is_busy=answer.status == 429)  # noqa: PLR2004
    return _CLASSES[rule.means](reason=reason)


def _unread(answer: Answer, why: str) -> AnyOutcome:
    """An answer whose body is not what was agreed: only its status counts, and only where that says enough."""
    if answer.status in {401, 403, 429, 503}:
        return _by_status(answer, why)
    return Unknown(reason=f"{answer.status}, {why}"[:_REASON_MAX])


def _by_status(answer: Answer, said: str) -> AnyOutcome:
    reason = f"{answer.status}: {said}"[:_REASON_MAX]
    match answer.status:
        case 429:
            return RetryAfter(reason=reason, seconds=_retry_after(answer), is_busy=True)
        case 401 | 403:
            return RetryAfter(reason=f"it does not let us in, {reason}")
        case 503:
            return RetryAfter(reason=reason, seconds=_retry_after(answer))
        case 409 | 412:
            return Conflict(reason=reason)
        case 408:
            return Unknown(reason=reason)
    return Rejected(reason=reason) if answer.status in _REFUSED else Unknown(reason=reason)


def _retry_after(answer: Answer) -> float | None:
    """Seconds only: a date would need the clock of the system, which may be wrong. At most an hour is believed."""
    text = answer.headers.get("retry-after", "").strip()
    return min(float(text), _SECONDS_MAX) if text.isascii() and text.isdigit() else None


def _sentence(document: Any) -> str:  # noqa: ANN401  # any JSON
    """What a system says in its own words, as far as it can be guessed."""
    for path in ("message", "error.message", "error.text", "error", "detail", "title", "code"):
        value = value_at(document, path)
        if isinstance(value, str) and value:
            return value
    return "no reason is given"
