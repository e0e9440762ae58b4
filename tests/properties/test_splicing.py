"""Spliced files are, byte for byte, those of full rendering: for any policy, user and value."""

from __future__ import annotations

import json
import plistlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.render.text import is_line
from profilegen.render.user import User
from tests.strategies import as_file, policies, strictest
from tests.support.splicing import FIELDS, Fleet, fleet, fleets, outcome_of

Table = dict[str, Any]
FIELD_TEXTS = ("{{ user.email }}", "{{user.name}}@example.com", "x{{ user.name }}{{ user.note }}y")
LINES = st.text(max_size=40).filter(is_line)
NASTY = st.sampled_from(
    (
        "",
        "\"'<>&\\",
        "]]>",
        "&amp;",
        "{{ user.id }}",
        "%s",
        "\u05d0\u0301",
        "\U0001f600",
        "7",
        " x ",
    )
)
TEXTS = LINES | NASTY
ADDRESSES = st.builds(
    "{}@{}.example".format,
    st.text("abcXYZ019.&'{}%$\u00e9", min_size=1, max_size=20),
    st.text("abc-09", min_size=1, max_size=9),
)
USERS = st.builds(
    lambda user_id, email, name, note: User(
        user_id, {"id": user_id, "email": email, "name": name, "note": note}
    ),
    (TEXTS | ADDRESSES).filter(bool),
    ADDRESSES,
    TEXTS.filter(str.strip),
    TEXTS,
)


def personal(table: Table, texts: tuple[str, str]) -> Table:
    """Return the policy with fields of users in the texts of its accounts."""
    address, name = texts
    accounts = [account | {"address": address, "name": name} for account in table["accounts"]]
    fields = {"id": {}, "email": {"kind": "email"}, "name": {}, "note": {"required": False}}
    return strictest(table) | {"accounts": accounts, "users": fields}


@settings(max_examples=6)
@given(
    policies(),
    st.tuples(st.sampled_from(FIELD_TEXTS[:2]), st.sampled_from(FIELD_TEXTS)),
    st.lists(USERS, min_size=3, max_size=6),
)
def test_any_policy_and_users(table: Table, texts: tuple[str, str], users: list[User]) -> None:
    for item in fleets(as_file(personal(table, texts)).decode()):
        for user in users:
            assert outcome_of(item.spliced.files, user) == outcome_of(item.in_full, user)


PHONE, WORK = (fleet(FIELDS, name) for name in ("phone", "work"))


@settings(max_examples=60)
@given(USERS)
def test_any_user(user: User) -> None:
    for item in (PHONE, WORK):
        assert outcome_of(item.spliced.files, user) == outcome_of(item.in_full, user)


@settings(max_examples=60)
@given(USERS)
def test_values_read_back_as_they_were(user: User) -> None:
    served = outcome_of(PHONE.spliced.files, user), outcome_of(WORK.spliced.files, user)
    profile, policy = served
    if isinstance(profile, str) or isinstance(policy, str):
        return  # refused by name: the same as in full, which the test above shows
    payloads = plistlib.loads(profile[0].content)["PayloadContent"]
    account = next(item for item in payloads if "EmailAddress" in item)
    assert account["EmailAddress"] == user.values["email"]
    assert account["PayloadDisplayName"] == f"Mail of {user.values['name']}"
    apps = json.loads(policy[0].content)["applications"]
    configured = [item["managedConfiguration"] for item in apps if "managedConfiguration" in item]
    assert configured[0]["com.microsoft.outlook.EmailProfile.EmailAddress"] == user.values["email"]


@settings(max_examples=60)
@given(st.lists(USERS, min_size=1, max_size=20))
def test_users_who_are_served_together_get_what_each_gets_alone(users: list[User]) -> None:
    for item in (PHONE, WORK):
        alone = [(user, outcome_of(item.spliced.files, user)) for user in users]
        served = [(user, files) for user, files in alone if not isinstance(files, str)]
        fields = item.spliced.fields
        rows = [(user.id, *[user.values[name] for name in fields]) for user, _ in served]
        assert item.spliced.files_of(rows) == [files for _, files in served]


def test_these_users_were_served_from_cut_files() -> None:
    ordinary = User("bo", {"id": "bo", "email": "bo@b.example", "name": "Bo", "note": ""})
    for item in (PHONE, WORK):
        item.spliced.files(ordinary)
        assert_learned(item)


def assert_learned(item: Fleet) -> None:
    assert item.learned(), item.warnings
