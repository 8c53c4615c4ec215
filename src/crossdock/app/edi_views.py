"""Parts of EDI files as plain values, for programs."""

from __future__ import annotations

from typing import Any, Final

from crossdock.formats.edi.canonical import COMPONENT, REPETITION
from crossdock.formats.edi.document import Document, Group, GroupEnd, Interchange, Part, Segment, Separators
from crossdock.formats.edi.explaining import ToldSegment
from crossdock.formats.edi.findings import Finding, Findings
from crossdock.formats.edi.repairs import Repair

Plain = dict[str, Any]

_SIGNS: Final = tuple(Separators._fields)


def part_view(part: Part) -> Plain:
    """A part as a line of JSON; of what is over, with its findings and repairs."""
    if isinstance(part, Interchange):
        return {
            "part": "interchange", "standard": part.standard, "segment": part.number + 1, "sender": part.sender,
            "receiver": part.receiver, "control": part.control, "release": part.release,
            "separators": dict(zip(_SIGNS, part.separators, strict=True)), "header": segment_view(part.header),
        }  # fmt: skip
    if isinstance(part, Group):
        return {
            "part": "group", "segment": part.number, "code": part.code, "control": part.control,
            "release": part.version, "header": segment_view(part.header),
        }  # fmt: skip
    if isinstance(part, Document):
        return {
            "part": "document", "segment": part.number, "code": part.code, "control": part.control,
            "release": part.version, "outcome": "refused" if part.is_refused else "read",
            "header": segment_view(part.header), "segments": [segment_view(each) for each in part.segments],
            **findings_view(part.findings),
        }  # fmt: skip
    if isinstance(part, GroupEnd):
        group = part.group
        counts = {"documents": group.documents, "refused": group.refused}
        return {"part": "group_end", "control": group.control, **counts, **findings_view(group.findings)}
    interchange = part.interchange
    return {
        "part": "interchange_end", "control": interchange.control, "documents": interchange.documents,
        "acknowledges": [segment_view(each) for each in interchange.acknowledges],
        "repairs": [repair_view(each) for each in interchange.repairs.all()], **findings_view(interchange.findings),
    }  # fmt: skip


def findings_view(findings: Findings) -> Plain:
    """Errors and warnings: those that were kept, and how many there are."""
    errors = [finding_view(each) for each in findings.kept if not each.is_warning]
    warnings = [finding_view(each) for each in findings.kept if each.is_warning]
    return {
        "defects": errors, "warnings": warnings, "defects_counted": findings.errors,
        "warnings_counted": findings.warnings,
    }  # fmt: skip


def finding_view(finding: Finding) -> Plain:
    """A finding: where, which rule, what stood there, and in words."""
    return {
        "position": finding.position, "rule": finding.rule, "value": finding.value, "problem": finding.problem,
        "line": finding.line,
    }  # fmt: skip


def repair_view(repair: Repair) -> Plain:
    """A repair: rule, place, before and after."""
    return repair._asdict()


def segment_view(segment: Segment) -> list[Any]:
    """A segment: texts, lists of components, and lists of those where an element is repeated."""
    return [_element_view(element) for element in segment]


def told_view(segment: ToldSegment) -> Plain:
    """A segment in words."""
    elements = [
        {"reference": each.reference, "name": each.name, "value": _utf8(each.value), "meaning": each.meaning}
        for each in segment.elements
    ]
    return {
        "segment": segment.number, "id": _utf8(segment.id), "name": segment.name, "depth": segment.depth,
        "elements": elements, "findings": [finding_view(each) for each in segment.findings],
    }  # fmt: skip


def _element_view(element: str) -> str | list[Any]:
    element = _utf8(element)
    if REPETITION in element:
        return [each.split(COMPONENT) for each in element.split(REPETITION)]
    return element.split(COMPONENT) if COMPONENT in element else element


def _utf8(text: str) -> str:
    r"""A text in which bytes that were not UTF-8 stand as `\xe9`."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
