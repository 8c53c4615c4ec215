"""XML as records in flat memory: nothing expands, nothing is fetched, every defect has its line."""

import gc
import tracemalloc

import pytest

from crossdock.formats import xml
from crossdock.formats.xml import Element, read
from crossdock.model.envelope import Rejection


def elements(raw: bytes, record: tuple[str, ...] = ()) -> list[Element]:
    return [each[1] for each in read(raw, record) if isinstance(each, tuple)]


def refusal(raw: bytes, record: tuple[str, ...] = ()) -> Rejection:
    *_, last = read(raw, record)
    assert isinstance(last, Rejection), last
    return last


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><lolz>&lol3;</lolz>"""


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (LAUGHS, "xml.doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.doctype"),
        (b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a b="&x;"/>', "xml.entity"),
        (b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a>&x;</a>', "xml.entity"),
        (b"<a>&nbsp;</a>", "xml.entity"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-16"), "xml.doctype"),
        (b"", "xml.truncated"),
        (b"<a><b>", "xml.truncated"),
        (b"<a><b></a>", "xml.malformed"),
        (b"<a/><b/>", "xml.malformed"),
        (b"<a>\x00</a>", "xml.malformed"),
        (b"<a>\xff</a>", "xml.malformed"),
        (b"not XML", "xml.malformed"),
        (b'<?xml version="1.0" encoding="martian"?><a/>', "text.encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "text.encoding"),
        (b"<a>" * 100, "xml.depth"),
    ],
)
def test_what_is_dangerous_or_broken_is_refused_with_its_place(raw: bytes, rule: str) -> None:
    found = refusal(raw)
    assert found.rule == rule
    assert found.position.startswith("line ")


def test_a_doctype_that_only_names_a_definition_is_no_harm() -> None:
    head = b'<?xml version="1.0"?>\n<!DOCTYPE cXML SYSTEM "http://example.com/c.dtd">\n'
    (root,) = elements(head + b'<cXML a="&lt;">x</cXML>')
    assert (root.name, root.text, root.attributes, root.line) == ("cXML", "x", {"a": "<"}, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "iso-8859-15"])
def test_the_encoding_that_a_document_names_is_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>Zürich</a>'
    assert elements(text.encode(encoding))[0].text == "Zürich"


def test_prefixes_are_left_out_and_comments_say_nothing() -> None:
    (root,) = elements(b'<n:a xmlns:n="urn:n"><!-- x --><n:b><![CDATA[<&>]]></n:b><?go now?></n:a>')
    assert (root.name, [(each.name, each.text) for each in root.inside]) == ("a", [("b", "<&>")])


def test_records_are_found_by_their_path_and_none_at_all_is_refused() -> None:
    raw = b"<list><head><item>no</item></head><item>1</item><group><item>no</item></group><item>2</item></list>"
    assert [each.text for each in elements(raw, ("list", "item"))] == ["1", "2"]
    assert [each.name for each in elements(raw, ("list", "*"))] == ["head", "item", "group", "item"]
    assert refusal(raw, ("lists", "item")).rule == "xml.record"


def test_a_million_elements_in_small_records_take_no_memory() -> None:
    raw = b"<list>\n" + b"  <item><a>1</a><b>2</b></item>\n" * 100_000 + b"</list>"
    gc.disable()  # a worker collects seldom: memory must not depend on it
    tracemalloc.start()
    try:
        count = sum(1 for _ in read(raw, ("list", "item")))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert count == 100_000
    assert peak < 5_000_000 + len(raw)  # one copy where a DOCTYPE might have to be blanked


def test_a_record_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "ELEMENTS_MAX", 1_000)
    monkeypatch.setattr(xml, "CHARACTERS_MAX", 100_000)
    assert refusal(b"<a>" + b"<b/>" * 2_000).rule == "xml.record_length"
    assert refusal(b"<a>" + b"x" * 200_000).rule == "xml.record_length"
    assert refusal(b"<a>" + b"<b/>" * 2_000, ("a", "c")).rule == "xml.record_length"
    assert len(elements(b"<a>" + b"<c><d/></c>" * 2_000 + b"</a>", ("a", "c"))) == 2_000
