from __future__ import annotations

import codecs
import plistlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit import xml_plist as module
from profilegen.audit.damage import DamageError, ForeignError
from profilegen.audit.nesting import MAX_VALUES
from profilegen.audit.placeholders import Placeholder, is_placeholder
from profilegen.audit.xml_plist import looks_like_xml, read_xml

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'
DOCTYPE = (
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">'
)


def plist(body: str, *, header: str = HEADER) -> bytes:
    return f'{header}\n<plist version="1.0">\n{body}\n</plist>\n'.encode()


def damage(data: bytes) -> str:
    with pytest.raises(DamageError) as caught:
        read_xml(data)
    return str(caught.value)


def problems(data: bytes) -> list[tuple[str, str, str]]:
    return [(found.rule, found.where, found.message) for found in read_xml(data).problems]


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t &<>]"))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | TEXT
    | st.binary(max_size=40)
    | st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda d: d.replace(microsecond=0)),  # noqa: DTZ001
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_is_what_plistlib_says(value: Any) -> None:  # noqa: ANN401
    data = plistlib.dumps(value)
    read = read_xml(data)
    assert (read.value, read.problems, read.blocks) == (plistlib.loads(data), (), 0)
    assert repr(read.value) == repr(plistlib.loads(data))  # 1, 1.0 and True are equal, not the same


SPELLINGS = [
    "<!-- a comment -->",
    "<?a processing instruction?>",
    "\r\n\t ",
    "<![CDATA[ ]]>",
    "&#32;",
]
PIECES = [
    "<true/>",
    "<true ></true >",
    "<false/>",
    "<string/>",
    "<string> a &lt;b&gt; &#x26;&#38; <![CDATA[<c>&amp;]]> é \n</string>",
    "<string>a<!-- c -->b</string>",
    "<integer> 12 </integer>",
    "<integer>-7</integer>",
    "<integer>+0</integer>",
    "<integer>0xFf</integer>",
    "<integer>1_000</integer>",
    "<real>1e3</real>",
    "<real> nan </real>",
    "<real>-Infinity</real>",
    "<date>2026-11-30T09:00:00Z</date>",
    "<date>2026-11-30Z and more</date>",
    "<data>\n\tAAEC\n\tAw==\n\t</data>",
    "<data/>",
    "<array><dict/><array/></array>",
    "<dict><key>a</key><true/><key>a</key><false/></dict>",
    "<dict><key/><true/></dict>",
    "<plist><true/></plist>",
    "<unknown>text<true/></unknown>",
    "<string>a<b>c</b>d</string>",
    "text",
]


@given(st.lists(st.sampled_from(PIECES + SPELLINGS), max_size=8), st.booleans())
def test_any_spelling_that_plistlib_takes_has_its_value(pieces: list[str], twice: bool) -> None:  # noqa: FBT001
    inside = "".join(pieces)
    body = f"<array>{inside}</array>" + ("<string>again</string>" if twice else "")
    data = plist(body, header=HEADER + DOCTYPE)
    assert repr(read_xml(data).value) == repr(plistlib.loads(data))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "us-ascii", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "é" if encoding != "us-ascii" else "e"
    label = {"utf-8-sig": "UTF-8", "cp1252": "windows-1252"}.get(encoding, encoding)
    source = f'<?xml version="1.0" encoding="{label}"?><plist><string>{text}</string></plist>'
    data = source.encode(encoding)
    assert read_xml(data).value == plistlib.loads(data) == text


@pytest.mark.parametrize(("order", "mark"), [("le", codecs.BOM_UTF16_LE), ("be", b"")])
def test_utf_16_whatever_its_header_says(order: str, mark: bytes) -> None:
    data = mark + plist("<string>é</string>").decode().encode(f"utf-16-{order}")
    assert looks_like_xml(data)
    assert read_xml(data).value == "é"
    assert damage(data[:-1]) == "its text is no valid UTF-16"


def test_an_encoding_that_nobody_knows() -> None:
    for name in ("klingon", "rot13", "utf-7"):
        header = f'<?xml version="1.0" encoding="{name}"?>'
        assert "encoding" in damage(plist("<true/>", header=header))


def test_the_corpus_reads_as_plistlib_reads_it(checkout: Path) -> None:
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    read = 0
    for path in sorted(folder.glob("*/*.mobileconfig")):
        data = path.read_bytes()
        try:
            expected = plistlib.loads(data, fmt=plistlib.FMT_XML)
        except Exception:  # noqa: BLE001, S112  (plistlib leaks many kinds)
            continue
        assert repr(read_xml(data).value) == repr(expected), path.name
        read += 1
    assert read > 150


# Around the document


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("\n\n", "2 bytes stand before <?xml in line 3."),
        ("\r\n\r", "3 bytes stand before <?xml in line 3."),
        ("\ufeff", "3 bytes stand before <?xml in line 1."),
        ("<!-- made by\nus -->", "19 bytes stand before <?xml in line 2."),
        (DOCTYPE + "\n", f"{len(DOCTYPE) + 1} bytes stand before <?xml in line 2."),
        (" ", "1 byte stands before <?xml in line 1."),
        ("#jinja2: trim_blocks: True\n", "27 bytes stand before <?xml in line 2."),
    ],
)
def test_what_stands_before_the_header(before: str, said: str) -> None:
    data = before.encode() + plist("<string>a</string>")
    assert looks_like_xml(data)
    assert problems(data) == [("bytes-before-header", "", said)]
    assert read_xml(data).value == "a"
    broken = before.encode() + plist("<integer>a</integer>")
    assert damage(broken).startswith(f"line {int(said[-2]) + 2}, column 11: ")


def test_without_a_header_comments_may_stand_first() -> None:
    assert problems(b"\n<!-- a -->" + DOCTYPE.encode() + b"<plist><true/></plist>") == []


def test_parts_of_a_template_before_the_header_are_counted() -> None:
    read = read_xml(b"{% set a = 1 %}\n" + plist("<true/>"))
    assert ([found.rule for found in read.problems], read.blocks) == (["bytes-before-header"], 1)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (b"\0\0", "2 bytes stand behind </plist>, nothing but NUL and blanks."),
        (b"\0 \n\0", "4 bytes stand behind </plist>, nothing but NUL and blanks."),
        (b"x", "1 byte stands behind </plist>."),
        (plist("<true/>"), f"{len(plist('<true/>'))} bytes stand behind </plist>."),
    ],
)
def test_what_stands_behind_the_end(after: bytes, said: str) -> None:
    data = plist("<string>a</string>") + after
    assert problems(data) == [("bytes-after-end", "", said)]
    assert read_xml(data).value == "a"


def test_blanks_and_comments_behind_the_end_are_xml() -> None:
    assert problems(plist("<true/>") + b"\n<!-- end -->\n") == []


@pytest.mark.parametrize(
    "data",
    [b"", b"<", b"hello", b"<html>", b"bplist00", b"{}", b"<p>a<?xml version='1.0'?>", b"<plists>"],
)
def test_what_does_not_look_like_a_property_list(data: bytes) -> None:
    assert not looks_like_xml(data)


def test_xml_of_another_kind() -> None:
    with pytest.raises(ForeignError, match=r"no property list: it starts with <configuration_p"):
        read_xml(b"<?xml version='1.0'?><configuration_profile/>")


# Keys that stand twice, and what no property list may hold


def test_a_key_that_stands_twice() -> None:
    inner = "<dict><key>Key Type</key><true/><key>Key Type</key><false/></dict>"
    data = plist(f"<dict><key>List</key><array><dict/>{inner}</array></dict>")
    assert problems(data) == [
        ("duplicate-key", 'List[1]["Key Type"]', "The key stands twice in its dictionary.")
    ]
    assert read_xml(data).value == {"List": [{}, {"Key Type": False}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<dict><key>a</key><int>3</int><true/></dict>", "<int> is no element of a property list"),
        ("<array><true/>;</array>", "Line 3: text stands between elements: ';'."),
        ("<dict/><dict/>", "a second value stands behind the first"),
        ("<plist><dict/></plist>", "<plist> is no element of a property list"),
        ("<string>a<b/>c</string>", "<b> is no element of a property list"),
    ],
)
def test_what_no_property_list_may_hold(body: str, said: str) -> None:
    found = problems(plist(body))
    assert [rule for rule, _, _ in found][:1] == ["malformed-plist"]
    assert said in found[0][2]


def test_reports_of_one_file_are_limited() -> None:
    assert len(problems(plist("<array>" + "x<true/>" * 500 + "</array>"))) == 50
    pair = "<key>a</key><true/>"
    assert len(problems(plist(f"<dict>{pair * 500}</dict>"))) == 1
    assert len(problems(plist(f"<array>{f'<dict>{pair * 2}</dict>' * 500}</array>"))) == 50


# Templates


@pytest.mark.parametrize(
    "body",
    [
        "<integer>{{dav.port}}</integer>",
        "<integer>{% if a %}1{% else %}2{% endif %}</integer>",
        "<real>${ratio}</real>",
        "<date>{{ expires }}</date>",
        "<data>{{cert}}</data>",
        "<data>$FLEET_SECRET_CERT</data>",
        "<{{ssl}}/>",
        "<{%- if a %}{{b}}{% else %}{{c}}{% endif -%}/>",
        "<integer><%= @port %></integer>",
        "<integer>{% if a && b < c %}1{% endif %}</integer>",
    ],
)
def test_placeholders_where_other_values_are_demanded(body: str) -> None:
    value = read_xml(plist(f"<array>{body}</array>")).value
    assert isinstance(value, list)
    assert isinstance(value[0], Placeholder)
    assert is_placeholder(value[0])


def test_placeholders_in_texts_stay_texts() -> None:
    (value,) = plistlib.loads(plist("<array><string>{{a}}</string></array>"))
    read = read_xml(plist("<array><string>{{a}}</string></array>"))
    assert (read.value, type(value)) == ([value], str)
    assert read_xml(plist("<string>&amp;<%= a %></string>")).value == "&<%= a %>"


def test_values_that_php_prints() -> None:
    body = "<dict><key>a</key><string>x.<?php echo $a ?></string><?php if ($b): ?></dict>"
    read = read_xml(plist(body))
    assert read.value == {"a": "x.<?php echo $a ?>"}
    assert read.blocks == 1
    short = read_xml(
        plist("<array><string><?= $a->b ?></string><integer><?= 1 ?></integer></array>")
    )
    assert short.value == ["<?= $a->b ?>", "<?= 1 ?>"]
    assert isinstance(short.value, list)
    assert isinstance(short.value[1], Placeholder)
    other = read_xml(plist("<array><?xml-stylesheet a?><string>a<?other b?></string></array>"))
    assert (other.value, other.blocks, other.problems) == (["a"], 0, ())


def test_branches_of_a_condition() -> None:
    body = """<dict>
      {{#if a}}<key>SSL</key>{{else}}<key>TLS</key>{{/if}}
      {{#if b}}<true/>{{else}}<false/>{{/if}}
      <key>Port</key>{{#if b}}<integer>1</integer>{{else}}<integer>1</integer>{{/if}}
      <key>Inner</key>{{#if b}}<dict/>{{else}}<dict><key>x</key><true/></dict>{{/if}}
      {{#if c}}<key>Host</key><string>a</string>{{else}}
      <key>Host</key><string>b</string>{{/if}}
    </dict>"""
    read = read_xml(plist(body))
    assert read.value == {"TLS": "one of several values", "Port": 1, "Inner": {}, "Host": "b"}
    assert (read.problems, read.blocks) == ((), 13)
    assert isinstance(read.value, dict)
    assert is_placeholder(read.value["TLS"])


def test_parts_of_a_template_around_the_value() -> None:
    read = read_xml(plist("{{#if a}}<true/>{{/if}}"))
    assert (read.value, read.problems, read.blocks) == (True, (), 2)


def test_a_condition_helps_no_broken_dictionary() -> None:
    assert "without a key" in damage(plist("<dict>{{#if a}}<true/>{{/if}}</dict>"))
    assert "no value" in damage(plist("<dict>{{a}}<key>a</key></dict>"))
    assert read_xml(plist("<dict><key>a</key>{{> part}}</dict>")).value == {}


def test_a_large_broken_file_is_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    data = plist("<{{ssl}}/>")
    assert read_xml(data).value == "{{ssl}}"
    monkeypatch.setattr(module, "_LARGEST_TEMPLATE", len(data) - 1)
    assert "a character stands here" in damage(data)


# Damage


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<dict><key>a</key><key>b</key></dict>", "column 25: the key 'a' of line 3 has no value"),
        ("<dict><key>a</key></dict>", "column 19: the key 'a' of line 3 has no value"),
        ("<dict><true/></dict>", "column 14: a value stands in a dictionary without a key"),
        ("<array><key>a</key></array>", "column 14: a <key> stands outside of a dictionary"),
        ("<key>a</key>", "column 7: a <key> stands outside of a dictionary"),
        ("<string>a/string><key>b</key>", "column 18: <key> stands inside <string> of line 3"),
        ("<string>a</strin>", "column 12: the closing tag is not that of <string> of line 3"),
        ("<integer>a</integer>", "column 11: an <integer> holds 'a', which is none"),
        ("<integer></integer>", "an <integer> holds '', which is none"),
        (f"<integer>{'9' * 101}</integer>", "an <integer> is 101 characters long"),
        (f"<integer>0x{'9' * 101}</integer>", "an <integer> is 103 characters long"),
        ("<real>a</real>", "a <real> holds 'a', which is no number"),
        (f"<real>{'9' * 1201}</real>", "a <real> is 1,201 characters long"),
        ("<date>30.11.2026</date>", "a <date> holds '30.11.2026'; it must be like 2026-11-30T"),
        ("<date>2026-13-01T00:00:00Z</date>", "a <date> holds '2026-13-01T00:00:00Z'"),
        ("<date>2026Z</date>", "a <date> holds '2026Z'"),
        ("<data>A</data>", "the base64 text of <data> is damaged"),
        ("<string>&nbsp;</string>", "column 9: no property list knows this entity"),
        ("<string>\0</string>", "a character stands here that XML does not allow"),
        ("<string a='1' a='2'/>", "a tag has the same attribute twice"),
        ("<?xml version='1.0'?>", "a second XML header begins"),
        ("<string><![CDATA[a</string>", "the file ends inside a CDATA section"),
        ("<true", "line 4, column 1: a character stands here that XML does not allow"),
        ("<foo>" * 200, "it nests deeper than 64 levels"),
        (f"<integer>{'x' * 99}</integer>", f"holds '{'x' * 40}...', which is none"),
    ],
)
def test_damage_is_said_with_its_place(body: str, said: str) -> None:
    message = damage(plist(body))
    assert re.match(r"line \d+, column \d+: ", message)
    assert said in message


def test_a_file_that_is_cut_off() -> None:
    whole = plist("<dict>\n<key>a</key><string>b</string></dict>")
    assert damage(whole[:74]).startswith("line 4, column 7: the file ends inside <key> of line 4")
    assert damage(whole[: whole.index(b"<string>") + 4]).endswith("inside a tag or comment")
    assert damage(HEADER.encode()) == "line 1, column 39: no element found"


def test_an_entity_of_an_outside_document_type_is_not_passed_over() -> None:
    header = HEADER + '<!DOCTYPE plist SYSTEM "file:///etc/hostname">'
    assert "knows the entity 'a'" in damage(plist("<string>&a;</string>", header=header))
    assert read_xml(plist("<string>b</string>", header=header)).value == "b"


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaa">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "http://example.org/x">%a;',
        "<!ELEMENT plist ANY>",
        "",
    ],
)
def test_a_document_type_may_declare_nothing(declared: str) -> None:
    header = f"{HEADER}<!DOCTYPE plist [{declared}]>"
    message = damage(plist("<true/>", header=header))
    assert message.endswith("the document type declares entities or elements of its own")


def test_the_number_of_values_and_the_length_of_tags_are_limited() -> None:
    assert "more than 200,000 values" in damage(plist("<array>" + "<true/>" * MAX_VALUES))
    assert "longer than 1024 KiB" in damage(plist(f"<!--{'a' * 2_000_000}--><true/>"))
    assert read_xml(plist(f"<string>{'a' * 2_000_000}</string>")).problems == ()


@given(st.text(max_size=30), st.sampled_from(["string", "key", "integer", "data", "true"]))
def test_any_text_in_any_element_ends_in_a_value_or_one_error(text: str, name: str) -> None:
    data = f"{HEADER}<plist><{name}>{escape(text)}</{name}></plist>".encode("utf-8", "replace")
    try:
        read_xml(data)
    except DamageError as error:
        assert "\n" not in str(error)  # noqa: PT017  (a value is as good)
