"""Values at dotted paths, written and found again."""

from __future__ import annotations

import pytest

from profilegen.render.paths import Entry, Tree, apple_path, put, values_at

OUTLOOK = Entry("packageName", "outlook")
GMAIL = Entry("packageName", "gmail")


@pytest.mark.parametrize(
    ("path", "entry", "tree"),
    [
        ("a", None, {"a": 1}),
        ("a.b.c", None, {"a": {"b": {"c": 1}}}),
        ("a[]", None, {"a": [1]}),
        ("a.b[]", None, {"a": {"b": [1]}}),
        ("a[].b", OUTLOOK, {"a": [{"packageName": "outlook", "b": 1}]}),
        ("a[].b.c", OUTLOOK, {"a": [{"packageName": "outlook", "b": {"c": 1}}]}),
    ],
)
def test_what_is_put_is_found(path: str, entry: Entry | None, tree: Tree) -> None:
    made: Tree = {}
    for _ in range(2):  # a second time changes nothing
        put(made, path, 1, entry=entry)
    assert made == tree
    assert list(values_at(made, path, entry=entry)) == [1]


def test_entries_are_kept_apart() -> None:
    tree: Tree = {}
    put(tree, "a[].b", 1, entry=OUTLOOK)
    put(tree, "a[].b", 2, entry=GMAIL)
    put(tree, "a[].c", 3, entry=OUTLOOK)
    assert list(values_at(tree, "a[].b", entry=OUTLOOK)) == [1]
    assert list(values_at(tree, "a[].b", entry=GMAIL)) == [2]
    assert tree["a"] == [
        {"packageName": "outlook", "b": 1, "c": 3},
        {"packageName": "gmail", "b": 2},
    ]


@pytest.mark.parametrize(
    ("tree", "path"),
    [({}, "a"), ({"a": 1}, "a.b"), ({"a": 1}, "a[]"), ({"a": "xy"}, "a[]"), ({"a": [1]}, "a[].b")],
)
def test_what_is_not_there_is_not_found(tree: Tree, path: str) -> None:
    assert list(values_at(tree, path, entry=OUTLOOK)) == []


def test_a_path_through_a_scalar_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        put({"a": 1}, "a.b", 1)
    with pytest.raises(TypeError):
        put({"a": 1}, "a[]", 1)
    with pytest.raises(ValueError, match="a"):
        put({}, "a[].b", 1)


def test_apple_names_list_members_after_the_list() -> None:
    key = "NotificationSettings.NotificationSettingsItem.PreviewType"
    assert apple_path(key) == "NotificationSettings[].PreviewType"
    assert apple_path("Apps.Mail.AllowSummary") == "Apps.Mail.AllowSummary"
