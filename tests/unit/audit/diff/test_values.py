from __future__ import annotations

import hashlib
from datetime import datetime
from plistlib import UID
from typing import Any

import pytest

from profilegen.audit.diff.values import MASKED, frozen, is_secret, same, secret_keys, shown


@pytest.mark.parametrize(
    "key",
    [
        "Password",
        "IncomingPassword",
        "SharedSecret",
        "Challenge",
        "UserPassphrase",
        "enrollmentToken",
        "api_key",
        "PrivateKey",
        "PIN",
        "oldPasswordHint",
    ],
)
def test_the_value_of_a_secret_is_masked(key: str) -> None:
    assert is_secret(key, "swordfish")
    assert secret_keys({key: "swordfish", "Host": "example.org"}) == {key}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Host", "example.org"),
        ("passwordQuality", "NUMERIC"),
        ("allowPasswordSharing", False),
        ("Password", True),
        ("passwordMinimumLength", 8),
        ("ServerToken", "7"),
        ("shipping", "x"),
    ],
)
def test_what_only_speaks_of_secrets_is_none(key: str, value: object) -> None:
    assert not is_secret(key, value)


def test_a_number_under_the_name_of_a_secret_is_one() -> None:
    assert is_secret("Password", 1234)


@pytest.mark.parametrize(("name", "value"), [("key", "value"), ("Name", "Value")])
def test_the_value_of_a_named_pair_is_secret_as_its_name_says(name: str, value: str) -> None:
    assert secret_keys({name: "wifi-password", value: "swordfish"}) == {value}
    assert secret_keys({name: "host", value: "example.org"}) == frozenset()


@pytest.mark.parametrize("value", ["swordfish", b"fish", 1234, 1.5, ["a"], {"a": 1}])
def test_a_secret_is_never_shown(value: object) -> None:
    assert shown(value, secret=True) == MASKED


@pytest.mark.parametrize("value", [None, True, False])
def test_a_switch_is_no_secret(value: object) -> None:
    assert shown(value, secret=True) is value


LONG = "ä" * 501


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("https://anna:swordfish@example.org/x", "https://***@example.org/x"),
        (LONG, {"sha256": hashlib.sha256(LONG.encode()).hexdigest(), "size": 1002}),
        (b"\x00\x01", {"sha256": hashlib.sha256(b"\x00\x01").hexdigest(), "size": 2}),
        (7, 7),
        (2**80, hex(2**80)),
        (1.5, 1.5),
        (float("inf"), "inf"),
        (datetime(2026, 1, 2), {"date": "2026-01-02T00:00:00"}),  # noqa: DTZ001  (as plists have it)
        ([], []),
        ({}, {}),
        (UID(3), "UID(3)"),
    ],
)
def test_how_a_value_is_shown(value: object, expected: object) -> None:
    assert shown(value, secret=False) == expected


def test_a_number_of_any_length_is_shown_briefly() -> None:
    text = shown(1 << 100_000, secret=False)
    assert isinstance(text, str)
    assert len(text) <= 500


@pytest.mark.parametrize(
    ("old", "new"), [(1, True), (1, 1.0), ("1", 1), (b"a", "a"), ([], {}), (0, False)]
)
def test_values_of_two_types_differ(old: Any, new: Any) -> None:  # noqa: ANN401
    assert not same(old, new)
    assert frozen([old]) != frozen([new])


@pytest.mark.parametrize("value", [float("nan"), 1, "a", [], {}])
def test_a_value_is_the_same_as_itself(value: object) -> None:
    assert same(value, value)


def test_the_order_of_keys_means_nothing_that_of_items_does() -> None:
    assert frozen({"a": [1, {"b": 2}], "c": 3}) == frozen({"c": 3, "a": [1, {"b": 2}]})
    assert frozen([1, 2]) != frozen([2, 1])
