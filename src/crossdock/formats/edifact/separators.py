"""Which characters separate an EDIFACT interchange: read from its UNA, or what the standard gives those without.

Real files forget the blank in UNA, end segments with the line, or use other signs without saying so; what can only be
meant one way is read.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from crossdock.formats.edi.document import Separators
from crossdock.formats.edi.tokens import BLANKS, HEADER_MAX
from crossdock.formats.excerpt import excerpt

DEFAULT: Final = Separators("+", ":", "'", "", "?")
_DEFAULT_REPETITION: Final = "*"
# Level B of the first syntax separates with control characters and releases nothing.
_LEVEL_B: Final = Separators("\x1d", "\x1f", "\x1c")
_FIRST_REPETITION: Final = "4"
_BEGINS: Final = r"[ \t\r\n]*(?=UN[BGH])"
_ADVICE: Final = re.compile(r"UNA(.)(.)(.)(.)(.)(.)" + _BEGINS, re.DOTALL)
# Editors and web pages take the blank from before the terminator.
_SHORT_ADVICE: Final = re.compile(r"UNA(.)(.)(.)(.)(.)" + _BEGINS, re.DOTALL)
# Only ASCII separates: so it does not matter what the rest is encoded in.
_SIGN: Final = r"[!-/:-@\[-`{-~]"
_NEXT: Final = "(?:UN[GHZ]|UIH)"


class SeparatorError(ValueError):
    """The beginning does not say what separates the interchange; the message says what is wrong with it."""


class Header(NamedTuple):
    """A beginning that was read.

    `begins` and `ends` are where the UNB stands in the text (both the same where there is none), its terminator
    included; `flaws` are those of form.
    """

    separators: Separators
    begins: int
    ends: int
    flaws: list[tuple[str, str, str]]


def header_of(text: str) -> Header:
    """The UNA and UNB that `text` begins with, or the first segment of a fragment. Raises `SeparatorError`."""
    flaws: list[tuple[str, str, str]] = []
    begins, separators = _advised(text, flaws) if text.startswith("UNA") else (0, None)
    id_ = text[begins : begins + 3]
    if id_ not in ("UNB", "UNG", "UNH"):
        raise SeparatorError(f"an interchange begins with UNA or UNB; found {excerpt(id_)!r}")
    element = text[begins + 3 : begins + 4]
    if not element or element.isalnum() or element in BLANKS:
        raise SeparatorError(f"after {id_} stands the element separator; found {element!r}")
    if separators is None:
        separators = _guessed(text, element, flaws)
    elif element != separators.element:
        raise SeparatorError(f"UNA says that {separators.element!r} separates elements; after {id_} stands {element!r}")
    beginning = text[begins : begins + HEADER_MAX]
    separators, ends = _ended(beginning, separators, flaws)
    if id_ == "UNB":
        separators = _repeating(beginning, separators, is_advised=begins > 0)
    else:
        flaws.append(("no_envelope", beginning[: ends - 1][:40], "read without sender, receiver and control number"))
        ends = 0
    _check(separators)
    return Header(separators, begins, begins + ends, flaws)


def _advised(text: str, flaws: list[tuple[str, str, str]]) -> tuple[int, Separators]:
    """Where UNA ends, and what it says."""
    match = _ADVICE.match(text)
    if match is not None and not _lacks_blank(text, match):
        component, element, decimal, release, repetition, segment = match.groups()
    else:
        match = _SHORT_ADVICE.match(text)
        if match is None:
            raise SeparatorError(f"after UNA stand six signs, and then UNB; found {excerpt(text[3:12])!r}")
        component, element, decimal, release, segment = match.groups()
        repetition = " "
        flaws.append(("header_width", f"UNA{''.join(match.groups())}", "UNA with a blank before its last sign"))
    segment = "\n" if segment == "\r" else segment
    return match.end(), Separators(element, component, segment, repetition.strip(), release.strip(), decimal)


def _lacks_blank(text: str, advice: re.Match[str]) -> bool:
    """Whether a UNA of six signs is one of five and its line end: the fifth then ends the next segment, too."""
    fifth, sixth = advice[5], advice[6]
    line = text[advice.end() :].lstrip(BLANKS).partition("\n")[0].rstrip()
    return sixth in "\r\n" and fifth != " " and line.endswith(fifth)


def _guessed(text: str, element: str, flaws: list[tuple[str, str, str]]) -> Separators:
    """The separators of an interchange without UNA: the standard's, or what its first segment shows."""
    if element == DEFAULT.element:
        return DEFAULT
    if element == _LEVEL_B.element:
        return _LEVEL_B
    sign = re.escape(element)
    shown = re.match(rf"UN[BGH]{sign}[0-9A-Za-z]+({_SIGN})", text)
    last = re.search(rf"({_SIGN}|\n)[ \t\r\n]*(?={_NEXT}{sign})", text[:HEADER_MAX])
    if shown is None or last is None:
        raise SeparatorError(f"there is no UNA, and nothing tells what separates besides {element!r}")
    component, segment = shown[1], last[1]
    flaws.append(("odd_separators", f"{element} {component} {segment} without UNA", "read as such"))
    release = "" if DEFAULT.release in (element, component, segment) else DEFAULT.release
    return Separators(element, component, segment, "", release)


def _ended(beginning: str, separators: Separators, flaws: list[tuple[str, str, str]]) -> tuple[Separators, int]:
    """Where the first segment ends; its line end is the terminator where a segment follows without one."""
    at = unreleased(beginning, separators)
    line = re.search(rf"[\r\n]+[ \t]*(?={_NEXT}{re.escape(separators.element)})", beginning)
    if line is not None and (at < 0 or line.start() < at) and separators.segment != "\n":
        flaws.append(("line_terminator", f"segments end with the line, not with {separators.segment}", "read as such"))
        return separators._replace(segment="\n"), line.end()
    if at < 0:
        problem = f"the first segment does not end: {separators.segment!r} is missing in its {HEADER_MAX} characters"
        raise SeparatorError(problem)
    return separators, at + 1


def unreleased(text: str, separators: Separators, start: int = 0) -> int:
    """Where the first terminator stands that no release character takes the meaning from; -1 when none does."""
    at = text.find(separators.segment, start)
    while at >= 0 and is_released(text, at, separators.release):
        at = text.find(separators.segment, at + 1)
    return at


def is_released(text: str, at: int, release: str) -> bool:
    """Whether an odd number of release characters stands before a place."""
    before = at
    while release and before and text[before - 1] == release:
        before -= 1
    return (at - before) % 2 == 1


def _repeating(beginning: str, separators: Separators, *, is_advised: bool) -> Separators:
    """The separators with the one of repetitions, which there is since version 4 of the syntax."""
    syntax = re.match(rf"UNB.[A-Z]{{4}}{re.escape(separators.component)}([0-9])", beginning, re.DOTALL)
    if syntax is None or syntax[1] < _FIRST_REPETITION:
        return separators._replace(repetition="")
    return separators if is_advised else separators._replace(repetition=_DEFAULT_REPETITION)


def _check(separators: Separators) -> None:
    element, component, segment, repetition, release, _ = separators
    names = {"element": element, "component": component, "segment": segment, "repetition": repetition}
    names |= {"release": release}
    used: dict[str, str] = {}
    for name, sign in names.items():
        if not sign:
            continue
        if sign in used:
            raise SeparatorError(f"{sign!r} is named twice by UNA: as {used[sign]} and as {name} separator")
        if not sign.isascii() or sign.isalnum() or (sign in BLANKS and name != "segment"):
            raise SeparatorError(f"{sign!r} cannot be the {name} separator")
        used[sign] = name
