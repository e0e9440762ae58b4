from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.diff.model import Kind, Part
from profilegen.audit.diff.settings import Spot, changes
from tests.unit.audit.diff.versions import told

ROOT = Spot(Part())


def found(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, object, object]]:
    return [told(change) for change in changes(old, new, ROOT)]


def test_the_same_has_no_changes() -> None:
    tree = {"a": [1, {"b": b"x"}], "c": {"d": [[]]}, "e": {}}
    assert not found(tree, tree)


def test_added_removed_and_changed_leaves() -> None:
    old = {"a": {"b": 1, "c": 2}, "gone": {"x": True}}
    new = {"a": {"b": 3, "c": 2}, "new": {"y": {}}}
    assert found(old, new) == [
        ("a.b", "changed", 1, 3),
        ("gone.x", "removed", True, None),
        ("new.y", "added", None, {}),
    ]


def test_a_value_of_another_kind_is_removed_and_added() -> None:
    assert found({"a": "x"}, {"a": {"b": 1}}) == [
        ("a", "removed", "x", None),
        ("a.b", "added", None, 1),
    ]
    assert found({"a": [1]}, {"a": {"b": 1}}) == [
        ("a", "removed", 1, None),
        ("a.b", "added", None, 1),
    ]
    assert found({"a": []}, {"a": {"b": 1}}) == [
        ("a", "removed", [], None),
        ("a.b", "added", None, 1),
    ]
    assert found({"a": []}, {"a": {}}) == [("a", "changed", [], {})]


def test_what_was_empty_is_told_by_what_fills_it() -> None:
    assert found({"a": [], "b": {"c": 1}}, {"a": ["x"], "b": {}}) == [
        ("a", "added", None, "x"),
        ("b.c", "removed", 1, None),
    ]


def test_a_list_of_plain_values_is_told_item_by_item() -> None:
    assert found({"a": ["x", "y", "y"]}, {"a": ["y", "z"]}) == [
        ("a", "removed", "x", None),
        ("a", "removed", "y", None),
        ("a", "added", None, "z"),
    ]


@pytest.mark.parametrize(("key", "expected"), [("Servers", 1), ("blockedAppBundleIDs", 0)])
def test_another_order_is_told_where_it_may_mean_something(key: str, expected: int) -> None:
    kinds = [change.kind for change in changes({key: ["x", "y"]}, {key: ["y", "x"]}, ROOT)]
    assert kinds == [Kind.REORDERED] * expected


def test_items_are_known_by_their_own_identifier() -> None:
    old = {"applications": [{"packageName": "org.a", "x": 1}, {"packageName": "org.b", "x": 1}]}
    new = {
        "applications": [
            {"packageName": "org.c", "x": 1},
            {"packageName": "org.b", "x": 2},
        ]
    }
    changed, *others = changes(old, new, ROOT)
    assert told(changed) == ("applications[org.b].x", "changed", 1, 2)
    assert changed.where == "applications[1].x"
    assert [told(change) for change in others] == [
        ("applications[org.a].packageName", "removed", "org.a", None),
        ("applications[org.a].x", "removed", 1, None),
        ("applications[org.c].packageName", "added", None, "org.c"),
        ("applications[org.c].x", "added", None, 1),
    ]
    assert [change.where for change in others] == [
        "applications[0].packageName",
        "applications[0].x",
        "applications[0].packageName",
        "applications[0].x",
    ]


def test_items_without_an_identifier_are_known_by_what_is_in_them() -> None:
    old = {"rules": [{"x": 1}, {"x": 2}, {"x": 3}]}
    assert found(old, {"rules": [{"x": 2}, {"x": 9}]}) == [
        ("rules[1].x", "changed", 1, 9),
        ("rules[2].x", "removed", 3, None),
        ("rules", "reordered", None, None),
    ]


def test_an_identifier_that_stands_twice_is_none() -> None:
    old = {"rules": [{"id": "a", "x": 1}, {"id": "a", "x": 2}]}
    new = {"rules": [{"id": "a", "x": 1}, {"id": "a", "x": 3}]}
    assert found(old, new) == [("rules[1].x", "changed", 2, 3)]


def test_lists_in_lists() -> None:
    assert found({"a": [[1], [2, 3]]}, {"a": [[1], [2, 4], [5]]}) == [
        ("a[1]", "removed", 3, None),
        ("a[1]", "added", None, 4),
        ("a[2]", "added", None, 5),
    ]


def test_an_identifier_that_cannot_be_printed_names_no_item() -> None:
    (change, _) = changes({}, {"a": [{"id": "\x1b[2J", "x": 1}]}, ROOT)
    assert change.key == "a[0].id"


def test_secrets_are_masked_at_any_depth() -> None:
    old = {"Password": {"deep": ["hunter2"]}, "list": [{"key": "token", "value": "hunter2"}]}
    new = {"Password": "hunter3", "list": [{"key": "token", "value": "hunter3"}]}
    told_of = list(changes(old, new, ROOT))
    assert len(told_of) == 3
    assert "hunter" not in repr(told_of)


def test_keys_that_are_told_elsewhere_are_left_aside() -> None:
    assert not list(changes({"a": 1}, {"b": 1}, ROOT, without={"a", "b"}))
