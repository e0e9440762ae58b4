from __future__ import annotations

import json
import plistlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.positions import lines_of
from profilegen.places import item_at, key_at

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>SSL</key>
      <true/>
      <key>Key Type</key>
      <array>
        <string>a</string>
        <string>b
        </string><string>c</string>
      </array>
      <key>SSL</key><false/>
    </dict>
    <string/>
  </array>
</dict>
</plist>
"""
JSON = b"""{
  "applications": [
    {
      "packageName": "a\\"}],{",
      "disabled": false,
      "a key": {"x": [1,
        2]}
    }, "b",
    "c"
  ],
  "cameraDisabled": false,
  "cameraDisabled": true, "a\\u0062": 1
}
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 3),
        ("PayloadContent", 4),
        ("PayloadContent[0]", 6),
        ("PayloadContent[0].SSL", 15),
        ('PayloadContent[0]["Key Type"]', 9),
        ('PayloadContent[0]["Key Type"][1]', 12),
        ('PayloadContent[0]["Key Type"][2]', 13),
        ('PayloadContent[0]["Key Type"][3]', 9),
        ("PayloadContent[0].Missing", 6),
        ("PayloadContent[0].Missing.Inside[3]", 6),
        ("PayloadContent[1]", 17),
        ("PayloadContent[2]", 4),
        ("PayloadContent[0].SSL.Inside", 15),
        ("Missing", 3),
        ("!", 3),
    ],
)
def test_lines_of_a_property_list(place: str, line: int) -> None:
    assert lines_of(XML, [place, "PayloadContent"]) == {place: line, "PayloadContent": 4}
    shifted = b"\n\n" + XML
    assert lines_of(shifted, {place}) == {place: line + 2}
    utf_16 = XML.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert lines_of(utf_16, {place}) == {place: line}


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 1),
        ("applications", 2),
        ("applications[0]", 3),
        ("applications[0].packageName", 4),
        ("applications[0].disabled", 5),
        ('applications[0]["a key"]', 6),
        ('applications[0]["a key"].x[0]', 6),
        ('applications[0]["a key"].x[1]', 7),
        ("applications[1]", 8),
        ("applications[2]", 9),
        ("applications[3]", 2),
        ("applications[0].missing", 3),
        ("cameraDisabled", 12),
        ("ab", 12),
        ("missing[0].x", 1),
    ],
)
def test_lines_of_json(place: str, line: int) -> None:
    assert lines_of(JSON, [place]) == {place: line}
    assert lines_of(b"\xef\xbb\xbf\n" + JSON, [place]) == {place: line + 1}


def test_lines_of_a_wrapped_policy() -> None:
    data = b'{\n"policy":\n{\n"cameraDisabled":\ntrue}}'
    assert lines_of(data, ["cameraDisabled", "x", ""]) == {"cameraDisabled": 4, "x": 2, "": 2}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        plistlib.dumps({"a": 1}, fmt=plistlib.FMT_BINARY),
        XML[:200],
        b"<?xml version='1.0'?><html/>",
        b"[" * 100,
        b'{"policy"',
    ],
)
def test_data_without_lines(data: bytes) -> None:
    found = lines_of(data, ["PayloadContent"])
    assert found == {} or data == b'{"policy"'


def test_no_places_no_lines() -> None:
    assert lines_of(XML, []) == {}


TREES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


def places_of(node: Any, place: str) -> Iterator[str]:  # noqa: ANN401
    yield place
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places_of(value, key_at(place, key))
    if isinstance(node, list):
        for index, value in enumerate(node):
            yield from places_of(value, item_at(place, index))


@given(TREES)
def test_each_place_of_json_has_the_line_that_its_value_has_when_indented(tree: object) -> None:
    data = json.dumps(tree, indent=1).encode()
    places = list(places_of(tree, ""))
    lines = lines_of(data, places)
    if not isinstance(tree, dict | list):
        assert lines == {}
        return
    assert [*lines] == places
    # An indented text has one key or item to a line, so the lines rise and none is used twice.
    values = list(lines.values())
    assert values == sorted(set(values))


@given(st.binary(max_size=60), st.sampled_from([b"", b"<plist>", b"{", b'{"a": [']))
def test_any_data_has_an_answer(data: bytes, start: bytes) -> None:
    assert set(lines_of(start + data, ["a", "a[0].b", ""])) <= {"a", "a[0].b", ""}


def test_a_key_that_is_no_json_has_its_line() -> None:
    assert lines_of(b'{"a":1,\n"\\x": 1}', ["a", '["\\"\\\\x\\""]'])["a"] == 1


@given(st.text(max_size=30))
def test_any_text_for_a_place_has_an_answer(place: str) -> None:
    assert lines_of(XML, [place]).keys() == {place}
    assert lines_of(JSON, [place]).keys() == {place}


@pytest.mark.parametrize("form", ["xml", "json"])
def test_time_is_linear_in_the_number_of_values_and_places(form: str) -> None:
    def work(count: int) -> float:
        """Return the processor time, least of three: other processes count for nothing."""
        tree = {"a": [{"key" * 20: index} for index in range(count)]}
        data = plistlib.dumps(tree) if form == "xml" else json.dumps(tree).encode()
        places = list(places_of(tree, ""))
        spent = []
        for _ in range(3):
            start = time.process_time()
            assert len(lines_of(data, places)) == 2 * count + 2
            spent.append(time.process_time() - start)
        return min(spent)

    assert work(10_000) < 40 * max(work(1_000), 1e-3)
