from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.damage import DamageError
from profilegen.audit.json_text import read_json
from profilegen.audit.nesting import MAX_VALUES

TEXT = st.text(st.characters(codec="utf-8"), max_size=9)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**90), 10**90)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def damage(text: str | bytes) -> str:
    with pytest.raises(DamageError) as caught:
        read_json(text.encode() if isinstance(text, str) else text)
    return str(caught.value)


@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_a_value_is_what_json_says(value: object, ascii_only: bool, indent: int | None) -> None:  # noqa: FBT001
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    read = read_json(b"\xef\xbb\xbf" + data)
    assert (repr(read.value), read.problems) == (repr(value), ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2: the file ends before the JSON value does"),
        ("", "line 1, column 1: the file ends before the JSON value does"),
        ('{"a": 1} x', "line 1, column 10: something stands behind the end of the JSON value"),
        (
            '{\n  // c\n "a": 1}',
            "line 2, column 3: a comment stands here, which JSON does not have",
        ),
        ('{"a": /* c */ 1}', "line 1, column 7: a comment stands here, which JSON does not have"),
        ('{\n# c\n"a": 1}', "line 2, column 1: a comment stands here, which JSON does not have"),
        ("{'a': 1}", "line 1, column 2: \"'a':\" stands where JSON has none"),
        ('{"a": True}', "line 1, column 7: 'True}' stands where JSON has none"),
        ('{"a": {{b}}}', "line 1, column 8: '{b}}}' stands where JSON has none"),
        ('{"a": }', "a comma or colon stands before the end of a list or object"),
        ('{"a": [1,]}', "a comma or colon stands before the end of a list or object"),
        ('{"a": "b\n"}', "line 1, column 9: a text holds a control character, perhaps a line"),
        ('{"a": "\\x"}', "line 1, column 8: a text holds a backslash that means nothing in JSON"),
        ('{"a": "b', "line 1, column 7: the text that begins here has no end"),
        ('{"NaN": "NaN",\n "a": NaN}', "line 2, column 7: NaN is no JSON"),
        ('{"a": [1, Infinity]}', "line 1, column 11: Infinity is no JSON"),
        ('{"a": -Infinity}', "line 1, column 7: -Infinity is no JSON"),
        ('{"a": "\\"\\ud800"}', "line 1, column 7: a text holds half of a surrogate pair"),
        ('{"a": 0,\n"\\udc00": 1}', "line 2, column 1: a text holds half of a surrogate pair"),
        (b'{"a":\n "\xff"}', "line 2, column 3: a byte stands here that is no UTF-8"),
        (b"\xff\xfe{\0}\0", "line 1, column 1: a byte stands here that is no UTF-8"),
        ('{"a": ' + "9" * 101 + "}", "line 1, column 7: a number is 101 characters long"),
        ('{"a": 1.' + "9" * 1200 + "}", "line 1, column 7: a number is 1,202 characters long"),
        ('{"a": 1e999}', "line 1, column 7: the number '1e999' is larger than any"),
    ],
)
def test_damage_is_said_with_its_place(text: str | bytes, said: str) -> None:
    assert said in damage(text)


def test_limits_hold_before_parsing() -> None:
    for text in (b"[" * 65, b'{"a":' * 65, b"[" * 1_000_000):
        with pytest.raises(ValueError, match="it nests deeper than 64 levels"):
            read_json(text)
    with pytest.raises(ValueError, match="it holds more than 200,000 values"):
        read_json(b"[" + b'"",' * (4 * MAX_VALUES))


def test_pairs_of_surrogates_are_text() -> None:
    assert read_json(rb'{"a": "\ud83d\ude00", "b": "\ud83D\ude00"}').value == {"a": "😀", "b": "😀"}


def test_a_key_that_stands_twice() -> None:
    text = '{"a": 1, "b": [{}, {"c d": 1, "c\\u0020d": {"x": 1, "x": 2}}], "a": 2, "a": 3}'
    read = read_json(text.encode())
    assert read.value == {"a": 3, "b": [{}, {"c d": {"x": 2}}]}
    assert [(found.rule, found.where) for found in read.problems] == [
        ("duplicate-key", 'b[1]["c d"]'),
        ("duplicate-key", 'b[1]["c d"].x'),
        ("duplicate-key", "a"),
    ]


def test_the_same_key_in_other_objects_is_no_duplicate() -> None:
    assert read_json(b'{"a": {"a": [{"a": 1}, {"a": "a"}]}}').problems == ()


def test_reports_of_one_file_are_limited() -> None:
    text = json.dumps([{}] * 99).replace("{}", '{"k": 1, "k": 2}')
    assert len(read_json(text.encode()).problems) == 50
