"""What is taken on trust because the whole message is clean would have passed the look at each character, too."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.mapping.loosened import is_clean, loosened
from crossdock.model.events import CATALOGUE, LoadTenderDeclined
from crossdock.model.types import Identifier, Text

TRUSTED: dict[str, Any] = {"tender_id": Identifier, "shipment_no": Identifier, "reason": Text}


@given(text=st.text(max_size=80), field=st.sampled_from(sorted(TRUSTED)))
def test_what_a_clean_message_says_is_accepted_by_both_or_by_neither(text: str, field: str) -> None:
    raw = msgspec.json.encode({field: text})
    said = {"tender_id": "T1", "shipment_no": "SH1", "scac": "RDWY", field: text.strip()}
    if not is_clean(raw):
        return
    outcomes = []
    for struct in (LoadTenderDeclined, loosened(LoadTenderDeclined)):
        try:
            outcomes.append(msgspec.to_builtins(msgspec.convert(said, struct)))
        except msgspec.ValidationError:
            outcomes.append(None)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "text", ["\0", "\x1f", "\x7f", "é", "\u200b", "\u0660", '"', "\\", "\n"], ids=lambda text: f"U+{ord(text):04X}"
)
def test_a_message_with_anything_but_plain_characters_is_looked_at(text: str) -> None:
    assert not is_clean(msgspec.json.encode({"order_no": f"SO{text}1"}))
    assert not is_clean(f'{{"order_no": "SO\\u{ord(text):04x}1"}}'.encode())


@pytest.mark.parametrize("struct", CATALOGUE.values(), ids=CATALOGUE)
def test_a_loosened_event_is_the_event(struct: type[msgspec.Struct]) -> None:
    looser = loosened(struct)
    assert issubclass(looser, struct)
    assert looser.__struct_fields__ == struct.__struct_fields__
    assert looser.__struct_config__.forbid_unknown_fields
    assert looser.__struct_config__.frozen


def test_codes_and_lengths_are_still_looked_at() -> None:
    looser = loosened(LoadTenderDeclined)
    for wrong in ({"scac": "rdwy"}, {"tender_id": "T" * 65}, {"tender_id": ""}, {"more": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"tender_id": "T1", "shipment_no": "SH1", "scac": "RDWY", **wrong}, looser)
