from __future__ import annotations

import time

import pytest

from profilegen.policy.compose import MAX_NODES
from profilegen.policy.document import MAX_BYTES, read_document
from profilegen.policy.problems import PolicyError, Position


def refusal(data: bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        read_document("x.yaml", data)
    assert len(caught.value.problems) == 1
    assert caught.value.hint
    return caught.value.message


def test_values_are_those_of_yaml_1_2() -> None:
    text = b"""
    a: [no, on, yes, off, 2026-12-10, 12:30:00, 1_000, =, "17", '1', !!str 1, ! 1]
    b: [0o14, 0x1F, 012, +1, -1, !!int 7]
    c: [1.5, 1., .5, 1e3, -.inf, .inf, !!float 1]
    d: [true, True, FALSE, ~, null, , ""]
    """.replace(b", ,", b", !!null '',")
    value = read_document("x.yaml", text).value
    assert value == {
        "a": [
            *("no", "on", "yes", "off", "2026-12-10", "12:30:00", "1_000", "=", "17", "1"),
            *("1", "1"),
        ],
        "b": [12, 31, 12, 1, -1, 7],
        "c": [1.5, 1.0, 0.5, 1000.0, float("-inf"), float("inf"), 1.0],
        "d": [True, True, False, None, None, None, ""],
    }


def test_nan_is_a_number() -> None:
    value = read_document("x.yaml", b".nan").value
    assert isinstance(value, float)
    assert value != value  # noqa: PLR0124  (that is what makes it not a number)


def test_a_number_without_end_stays_text() -> None:
    assert read_document("x.yaml", b"9" * 101).value == "9" * 101


def test_positions() -> None:
    document = read_document(
        "x.yaml", b"one: 1\nlist:\n  - a: b\n    c: {d: e}\n  - text\nempty: {}\n"
    )
    places = {
        (): (1, 1),
        ("one",): (1, 1),
        ("list",): (2, 1),
        ("list", 0): (3, 5),
        ("list", 0, "a"): (3, 5),
        ("list", 0, "c"): (4, 5),
        ("list", 0, "c", "d"): (4, 9),
        ("list", 1): (5, 5),
        # What is missing stands where its mapping stands.
        ("none",): (1, 1),
        ("list", 0, "x"): (3, 5),
        ("list", 0, "c", "x"): (4, 8),
        ("list", 7): (3, 3),
        ("empty", "x"): (6, 8),
    }
    assert {path: document.position(path) for path in places} == {
        path: Position(*place) for path, place in places.items()
    }


def test_nodes_by_path() -> None:
    document = read_document("x.yaml", b"a: {b: 017}\n")
    assert document.node(("a", "b")).text == "017"
    assert document.node(("a", "x", "y")).value == {"b": 17}


def test_columns_count_characters_after_a_byte_order_mark() -> None:
    document = read_document("x.yaml", "\ufeff{ä: 1, b: 2}".encode())
    assert document.position(("b",)) == Position(1, 8)


def test_aliases_repeat_values_where_their_anchor_stands() -> None:
    document = read_document("x.yaml", b"a: &x {b: 1}\nc: *x\n")
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}}
    assert document.position(("c",)) == Position(2, 1)
    assert document.position(("c", "b")) == Position(1, 8)


def test_an_anchor_can_be_given_again() -> None:
    assert read_document("x.yaml", b"[&x 1, &x 2, *x]").value == [1, 2, 2]


def test_every_duplicate_is_told_and_the_first_one_kept() -> None:
    document = read_document("x.yaml", b"a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.value == {"a": 1, "b": {"c": 1}}
    assert [(fault.path, fault.position) for fault in document.faults] == [
        (("b", "c"), Position(2, 11)),
        (("a",), Position(3, 1)),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.yaml:1:1: the file is empty"),
        (b"# nothing\n", "x.yaml:1:1: the file is empty"),
        (b"\xff\xfea\x00", "x.yaml:1:1: not UTF-8 text"),
        ("ä: 1\nß: ".encode() + b"\xc3", "x.yaml:2:4: not UTF-8 text"),
        (b"a: 1\nb: \x01", "x.yaml:2:4: a character that YAML does not allow: U+0001"),
        (b"a: 1\n b: 2", "x.yaml:2:3: not YAML: mapping values are not allowed here"),
        (b'a: "\\ud8000"\nb: ]', "x.yaml:2:4: not YAML: expected the node content, but found"),
        (b"a: 1\n--- \nb: 2", "x.yaml:2:1: a second document in the same file"),
        (b"%YAML 1.1\n---\na: 1", "x.yaml:2:1: policies are YAML 1.2, this file says otherwise"),
        (b"%YAML 1.11\n---\na: 1", "x.yaml:1:1: not YAML"),
        (b'a: "\\UFFFFFFFF"', "x.yaml:1:1: not YAML"),
        (b"a: &x [*x]", "x.yaml:1:8: the alias *x stands inside what it repeats"),
        (b"a: *x", "x.yaml:1:4: the alias *x has no anchor before it"),
        (b"a: !" + b"x" * 1000, "x.yaml:1:4: a word of more than 1,000 characters behind an"),
        (b"[" * 33, "x.yaml:1:33: nested more than 32 levels deep"),
        (b"a: &x [[[[]]]]\nb: " + b"[" * 29 + b"*x", "x.yaml:2:33: nested more than 32 levels"),
    ],
)
def test_refusals(data: bytes, message: str) -> None:
    assert refusal(data).startswith(message)


def test_thirty_two_levels_are_fine() -> None:
    assert read_document("x.yaml", b"[" * 32 + b"]" * 32).faults == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<<: {a: 1}\nb: 2", "merge keys (<<) are not part of YAML 1.2"),
        (b"? [a]\n: 1\nb: 2", "a key must be text"),
        (b"? {a: 1}\n: 1\nb: 2", "a key must be text"),
        (b"b: &x 2\n*x : 1", "a key must be text"),
        (b"b: !!int 2x", '"2x" is not what the tag !!int says'),
        (b"b: !mine 2", 'the tag "!mine" is not allowed here'),
        (b"b: !!set {}", 'the tag "tag:yaml.org,2002:set" is not allowed here'),
        (b"b: !!binary YQ==", 'the tag "tag:yaml.org,2002:binary" is not allowed here'),
        (b'b: "\\0"', "a control character or half of a surrogate pair"),
        (b'"\\ud800": 1', "a control character or half of a surrogate pair"),
    ],
)
def test_faults_that_let_reading_go_on(data: bytes, message: str) -> None:
    assert [fault.message for fault in read_document("x.yaml", data).faults] == [message]


def test_core_tags_on_collections_are_fine() -> None:
    document = read_document("x.yaml", b"a: !!map {}\nb: !!seq []\nc: ! []\n'<<': 1")
    assert (document.value, document.faults) == ({"a": {}, "b": [], "c": [], "<<": 1}, ())


@pytest.mark.parametrize(
    "data",
    [
        b"x" * (MAX_BYTES + 1),
        b"[" * MAX_BYTES,
        b"!" + b"a" * (MAX_BYTES - 1),
        b"- a\n" * (MAX_NODES + 1),
        b"a: &a [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in b"bcdefgh"
        ),
    ],
    ids=["large", "deep", "tag", "nodes", "laughs"],
)
def test_hostile_files_are_refused_quickly(data: bytes) -> None:
    started = time.process_time()
    assert refusal(data).startswith("x.yaml:")
    assert time.process_time() - started < 60  # a second or a few; coverage makes it ten times that
