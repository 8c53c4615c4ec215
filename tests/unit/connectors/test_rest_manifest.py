"""Manifests are checked when they are applied, and make exactly the documents that they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crossdock.connectors.rest import ManifestError, read_manifest
from crossdock.connectors.rest.template import TemplateError, fill, fill_path, scope_of
from crossdock.kit.connector import Command

MANIFESTS = Path(__file__).parents[3] / "examples" / "distributor" / "manifests"
COMMAND = Command(
    key="order/SO 1/release/1",
    kind="release_order",
    action="do",
    content={"order_no": "SO 1", "lines": [[1, "SKU1", 5], [12, "SKU2", 7]], "weight": "100", "total_minor": 12345},
)
SCOPE = scope_of(COMMAND)


@pytest.mark.parametrize("path", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_manifests_of_the_example_can_be_used(path: Path) -> None:
    manifest = read_manifest(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert manifest.deeds or manifest.beliefs


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("$content.order_no", "SO 1"),
        ("constant", "constant"),
        ({"a": "$content.order_no", "b": "$content.nothing"}, {"a": "SO 1"}),
        (
            {"each": "$content.lines", "as": {"POSNO": {"value": "$item.0", "times": 10, "pad": 5}, "ART": "$item.1"}},
            [{"POSNO": "00010", "ART": "SKU1"}, {"POSNO": "00120", "ART": "SKU2"}],
        ),
        ({"value": "$content.weight", "unit": ["LBR", "KGM"], "places": 3}, "45.359"),
        ({"value": "$content.total_minor", "times": "0.01", "places": 2}, "123.45"),
        ({"value": "$content.order_no", "map": {"SO 1": "X"}}, "X"),
        ({"value": "$item.2", "text": True, "default": "none"}, "none"),
        ({"value": "$content.total_minor", "text": True}, "12345"),
    ],
)
def test_a_template_makes_a_document(template: Any, made: Any) -> None:
    assert fill(template, SCOPE) == made


CHANGED = scope_of(
    Command(
        key="k", kind="k", action="adjust",
        before={"lines": [[1, "A", 10], [2, "B", 4]], "rows": [{"sku": "A", "qty": 1}]},
        content={"lines": [[1, "A", 9]], "rows": [{"sku": "A", "qty": 3}, {"sku": "C", "qty": 2}]},
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ({"less": "lines", "by": [0, 1], "amount": 2, "as": "$item"}, [[1, "A", 1], [2, "B", 4]]),
        ({"more": "rows", "by": ["sku"], "amount": "qty", "as": {"n": "$item.qty"}}, [{"n": 2}, {"n": 2}]),
        ({"less": "nothing", "by": [0], "amount": 1, "as": "$item"}, []),
    ],
)
def test_a_document_of_the_difference_says_what_is_another(template: Any, made: Any) -> None:
    assert fill(template, CHANGED) == made


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ({"more": "lines", "by": [0], "amount": 2, "as": "$item"}, "less is wanted of lines 1, and only more"),
        ({"less": "lines", "by": [0], "amount": 1, "as": "$item"}, "'A' is no whole number"),
    ],
)
def test_what_a_document_of_the_difference_cannot_say_is_refused(template: Any, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        fill(template, CHANGED)


def test_what_stands_in_a_path_is_escaped() -> None:
    assert fill_path("/orders/{content.order_no}/x", SCOPE) == "/orders/SO%201/x"
    hostile = scope_of(Command(key="k", kind="k", action="undo", content={}, of_document="../control?x=1#"))
    assert fill_path("/invoices/{of_document}/cancel", hostile) == "/invoices/..%2Fcontrol%3Fx%3D1%23/cancel"


@pytest.mark.parametrize("path", ["/x/{of_document}", "/x/{content.lines}", "/x/{content.nothing}"])
def test_a_path_that_lacks_its_value_is_refused(path: str) -> None:
    with pytest.raises(TemplateError, match="does not have"):
        fill_path(path, SCOPE)


def test_a_number_that_does_not_fit_is_refused_and_not_rounded_away() -> None:
    with pytest.raises(TemplateError, match="no whole number"):
        fill({"value": "$content.weight", "unit": ["LBR", "KGM"]}, SCOPE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"deeds": {"k": {"actions": {"do": {"path": "http://elsewhere/"}}}}}, "must begin with one slash"),
        ({"deeds": {"k": {"actions": {"do": {"path": "//elsewhere/"}}}}}, "must begin with one slash"),
        ({"deeds": {"k": {"actions": {"do": {"path": "/x", "body": {"a": "$secret"}}}}}}, "no path into a command"),
        ({"deeds": {"k": {"actions": {"do": {"path": "/x", "body": {"value": "$key", "run": 1}}}}}}, "no conversion"),
        ({"deeds": {"k": {"actions": {"do": {"path": "/x", "body": {"each": "$key"}}}}}}, "goes with `as`"),
        ({"deeds": {"k": {"actions": {"do": {"path": "/x", "body": {"value": "$key", "unit": ["A", "B"]}}}}}}, "unit"),
        ({"deeds": {"k": {"actions": {"explode": {"path": "/x"}}}}}, "explode"),
        ({"key": {"header": "a b"}}, "no header name"),
        ({"surprise": 1}, "surprise"),
        ({"rules": [{"means": "perhaps"}]}, "perhaps"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_with_the_place(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ManifestError, match=problem):
        read_manifest({"manifest": "m", "version": 1, "idempotent": True} | change)
