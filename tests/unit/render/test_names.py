"""Identifiers, UUIDs and paths are stable, distinct and safe."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.render.names import Names

ORGANIZATION = "com.northwindtraders.mail"
ALL = Names(ORGANIZATION, "iphone-byod", "")
ANNA = Names(ORGANIZATION, "iphone-byod", "anna")


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        (ALL.identifier(), "com.northwindtraders.mail.iphone-byod"),
        (ALL.identifier("restrictions"), "com.northwindtraders.mail.iphone-byod.restrictions"),
        (ALL.identifier("account", "staff"), "com.northwindtraders.mail.iphone-byod.account.staff"),
        (ANNA.identifier(), "com.northwindtraders.mail.iphone-byod.user.anna"),
        (
            ANNA.identifier("account", "staff"),
            "com.northwindtraders.mail.iphone-byod.user.anna.account.staff",
        ),
        (
            Names(ORGANIZATION, "iphone-byod", "anna@example.com").identifier(),
            "com.northwindtraders.mail.iphone-byod.user.anna-example.com-f7d54c22",
        ),
    ],
)
def test_identifiers(identifier: str, expected: str) -> None:
    assert identifier == expected


def test_a_uuid_is_the_same_in_every_release() -> None:
    assert ALL.uuid("account", "staff") == "E8A4AF84-08ED-5F10-906E-6B2FE2704EA6"


def test_uuids_differ_in_target_kind_name_and_user() -> None:
    parts = ("", "a", "b")
    made = [
        Names(ORGANIZATION, target, user).uuid(kind, name)
        for target, user, kind, name in product(parts, repeat=4)
    ]
    assert len(set(made)) == len(made)


@given(st.lists(st.text(min_size=1), min_size=2, unique=True))
def test_users_never_share_identifiers_or_files(users: list[str]) -> None:
    names = [Names(ORGANIZATION, "t", user) for user in users]
    for made in (
        {name.identifier().lower() for name in names},
        {str(name.main_file(".json")).lower() for name in names},
        {str(name.side_file("declarations", "a.json")).lower() for name in names},
    ):
        assert len(made) == len(users)


@given(st.text(min_size=1))
def test_files_stay_inside_of_the_target(user: str) -> None:
    path = Names(ORGANIZATION, "t", user).main_file(".mobileconfig")
    assert path.parts[:2] == ("t", "users")
    assert len(path.parts) == 3
    assert path.name not in {".", ".."}


def test_paths() -> None:
    assert str(ALL.main_file(".json")) == "iphone-byod/iphone-byod.json"
    assert str(ANNA.main_file(".json")) == "iphone-byod/users/anna.json"
    assert str(ALL.side_file("declarations", "a.json")) == "iphone-byod/declarations/a.json"
    assert (
        str(ANNA.side_file("declarations", "a.json"))
        == "iphone-byod/users/declarations/anna/a.json"
    )


def test_an_identifier_of_a_declaration_has_64_octets_at_most() -> None:
    short = Names("com.example", "t", "")
    assert short.declaration("siri.settings") == "com.example.t.declaration.siri.settings"
    long = Names("com.example", "t" * 40, "")
    assert long.declaration("siri.settings") == long.uuid("declaration", "siri.settings")
    assert long.declaration("siri.settings") != long.declaration("activation")
