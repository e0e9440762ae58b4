"""What templates give is read strictly and written canonically."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.plist import PlistValue
from profilegen.render.failures import TemplateError
from profilegen.render.filters import plist_xml
from profilegen.render.parse import canonical_json, canonical_plist, parse_json, parse_profile
from profilegen.render.paths import same

# XML has no place for control characters; a lone carriage return becomes a line feed there.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
SCALARS = (
    TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.binary(max_size=40)
    | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001  (plists hold naive UTC)
        lambda moment: moment.replace(microsecond=0)
    )
)
VALUES: st.SearchStrategy[PlistValue] = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12
)


def plist(body: str) -> str:
    return f'\n<?xml version="1.0"?><plist version="1.0">{body}</plist>\n'


@given(st.dictionaries(TEXT, VALUES))
def test_the_plist_filter_writes_any_value(value: dict[str, PlistValue]) -> None:
    found = parse_profile(plist(str(plist_xml(value))), "t")
    assert same(found, value)
    assert canonical_plist(found, "t") == canonical_plist(value, "t")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not a property list"),
        (plist("<dict><key>a</key></dict>"), "not a property list"),
        (plist("<array/>"), "the outermost value is no dictionary"),
        (plist("<dict><key>a</key><string>\x07</string></dict>"), "not a property list"),
        (plist("<dict><key>a</key>" * 40 + "<true/>" + "</dict>" * 40), "deeper than 32 levels"),
        ('<!DOCTYPE x [<!ENTITY e "e">]>' + plist("<dict/>").strip(), "not a property list"),
    ],
)
def test_what_is_no_profile(text: str, fault: str) -> None:
    with pytest.raises(TemplateError, match=r"template t: gives no file .*: ") as caught:
        parse_profile(text, "t")
    assert fault in caught.value.message


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON: Expecting value"),
        ("[]", "the outermost value is no dictionary"),
        ('{"a": 1, "a": 2}', "the key 'a' occurs twice in one object"),
        ('{"a": [null]}', "null"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": ' * 40 + "1" + "}" * 40, "deeper than 32 levels"),
        ('{"a": ' * 200_000 + "1" + "}" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_no_policy(text: str, fault: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_json(text, "t")
    assert fault in caught.value.message


def test_values_without_a_canonical_form_are_refused() -> None:
    with pytest.raises(TemplateError, match="template t"):
        canonical_json({"a": 2**60}, "t")
    with pytest.raises(TemplateError, match="template t"):
        canonical_plist({"a": "\x07"}, "t")


def test_json_is_written_in_rfc_8785_form() -> None:
    document = parse_json('{"b": "\\u003cé", "a": [true, 1]}', "t")
    assert canonical_json(document, "t") == '{"a":[true,1],"b":"<é"}'.encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), (1, 1.0), ("1", 1), ([], {}), ([1], [True]), ({"a": 0}, {"a": False}), (b"", "")],
)
def test_values_of_different_types_are_not_the_same(one: Any, other: Any) -> None:  # noqa: ANN401  (any pair)
    assert not same(one, other)
    assert same(one, one)
