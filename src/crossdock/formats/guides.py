"""A partner's guide as it is written: plain values (of YAML) to a `Guide`, each mistake named with its place.

guide: rdwy                          a name for people
tolerates: {wrong_counts: true}      flaws of form: mended (true) or refused (false)
acknowledges: "999"                  what answers an X12 group; 997 unless it is said
codes:                               more codes, or other meanings, by element
  "1650": {X9: in the yard}
documents:                           what differs from the standard, by document and place
  "214":
    L11: {required: true, limit: 20}
    LX/AT7/AT7-07: required          or optional, or unused
    LX/AT7/MS1-03: {codes: [USA, CAN]}
    L11-01: {length: 1-50}
    LX/AT7/K1: {after: MS2, limit: 5}   a segment that the standard does not have there
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from crossdock.formats.edi.guide import ACKNOWLEDGES, REFUSED, STANDARD, TOLERATED, Guide
from crossdock.formats.edi.overlay import Change, Overlay, OverlayError
from crossdock.formats.standards import STANDARDS

_MEMBERS: Final = ("guide", "tolerates", "acknowledges", "codes", "documents")
_KEYS: Final = ("required", "unused", "limit", "after", "codes", "length")
_WORDS: Final[dict[str, Change]] = {
    "required": Change("", is_required=True),
    "optional": Change("", is_required=False),
    "unused": Change("", is_unused=True),
}
_LENGTH: Final = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")
_CHANGES_MAX: Final = 1_000
_CODES_MAX: Final = 10_000
_LIMIT_MAX: Final = 6


class GuideError(ValueError):
    """A guide cannot be used; the message names the place of the mistake and what would be right."""


def guide_of(written: Any, given: Guide = STANDARD) -> Guide:  # noqa: ANN401  (whatever YAML holds)
    """The guide that is written; `given` is what holds where it says nothing. Raises `GuideError`."""
    members = _object("the guide", written, _MEMBERS)
    name = _text("guide", members.get("guide", ""))
    tolerates = _tolerated(members.get("tolerates") or {}, given.tolerates)
    acknowledges = _choice("acknowledges", members.get("acknowledges", given.acknowledges), ACKNOWLEDGES)
    codes = {
        str(number): {str(code): _text(f"codes.{number}.{code}", meaning) for code, meaning in each.items()}
        for number, entries in _object("codes", members.get("codes") or {}).items()
        if (each := _object(f"codes.{number}", entries))
    }
    if sum(map(len, codes.values())) > _CODES_MAX:
        raise GuideError(f"codes: there are more than {_CODES_MAX:,}")
    changes = {
        str(code): _changes(f"documents.{code}", each)
        for code, each in _object("documents", members.get("documents") or {}).items()
    }
    overlay = Overlay(name, changes, codes) if changes or codes else None
    guide = Guide(name, tolerates, acknowledges, overlay)
    for code in changes:
        _check(code, guide)
    return guide


def _tolerated(written: Any, given: frozenset[str]) -> frozenset[str]:  # noqa: ANN401
    known = TOLERATED | REFUSED
    tolerated = set(given)
    for flaw, said in _object("tolerates", written, known).items():
        if _flag(f"tolerates.{flaw}", said):
            tolerated.add(flaw)
        else:
            tolerated.discard(flaw)
    return frozenset(tolerated)


def _changes(where: str, written: Any) -> tuple[Change, ...]:  # noqa: ANN401
    members = _object(where, written)
    if len(members) > _CHANGES_MAX:
        raise GuideError(f"{where}: there are more than {_CHANGES_MAX:,} changes")
    return tuple(_change(f"{where}.{path}", str(path), said) for path, said in members.items())


def _change(where: str, path: str, written: Any) -> Change:  # noqa: ANN401
    if isinstance(written, str):
        return _WORDS[_choice(where, written, _WORDS)]._replace(path=path)
    members = _object(where, written, _KEYS)
    change = Change(path)
    if "required" in members:
        change = change._replace(is_required=_flag(f"{where}.required", members["required"]))
    if "unused" in members:
        change = change._replace(is_unused=_flag(f"{where}.unused", members["unused"]))
    if "limit" in members:
        change = change._replace(limit=_whole(f"{where}.limit", members["limit"]))
    if "after" in members:
        change = change._replace(after=_text(f"{where}.after", members["after"]))
    if "codes" in members:
        codes = members["codes"]
        if not isinstance(codes, list) or not codes:
            raise GuideError(f"{where}.codes: must be a list of codes")
        change = change._replace(codes=tuple(_text(f"{where}.codes", code) for code in codes))
    if "length" in members:
        match = _LENGTH.fullmatch(str(members["length"]))
        if match is None or int(match[2] or match[1]) < max(1, int(match[1])):
            raise GuideError(f"{where}.length: must be a length such as 2 or 1-50")
        change = change._replace(lengths=(int(match[1]), int(match[2] or match[1])))
    return change


def _check(code: str, guide: Guide) -> None:
    """Apply a guide to the document that it changes, in every release that our tables tell apart."""
    standard = next((each for each in STANDARDS.values() if code in each.documents), None)
    if standard is None:
        known = [known for each in STANDARDS.values() for known in each.documents]
        raise GuideError(f"documents.{code}: we have no table of it; {_suggest(code, known)}")
    try:
        for release in standard.releases:
            standard.grammar_of(code, release, guide)
    except OverlayError as wrong:
        raise GuideError(f"documents.{code}.{wrong}") from None


# -- plain values ------------------------------------------------------------------------------------------------


def _object(where: str, written: Any, known: Iterable[str] | None = None) -> Mapping[str, Any]:  # noqa: ANN401
    if not isinstance(written, Mapping):
        raise GuideError(f"{where}: must be an object")
    for key in written if known is not None else ():
        if key not in set(known or ()):
            raise GuideError(f"{where}: unknown key {key!r}; {_suggest(str(key), known or ())}")
    return written


def _text(where: str, written: Any) -> str:  # noqa: ANN401
    if not isinstance(written, str):
        raise GuideError(f"{where}: must be a text")
    return written


def _flag(where: str, written: Any) -> bool:  # noqa: ANN401
    if written not in ("true", "false", True, False):
        raise GuideError(f"{where}: must be true or false")
    return written in ("true", True)


def _whole(where: str, written: Any) -> int:  # noqa: ANN401
    text = str(written)
    if not (text.isascii() and text.isdigit() and len(text) <= _LIMIT_MAX and int(text)):
        raise GuideError(f"{where}: must be a whole number from 1 on")
    return int(text)


def _choice(where: str, written: Any, known: Iterable[str]) -> str:  # noqa: ANN401
    text = _text(where, written)
    if text not in set(known):
        raise GuideError(f"{where}: {text!r} is not possible here; {_suggest(text, known)}")
    return text


def _suggest(word: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"possible are {', '.join(known)}"
