from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.policy.fields import FieldPlace, field_places, fill, placeholders
from profilegen.policy.load import load_policy
from profilegen.policy.schema import schema
from tests.strategies import as_file

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", ()),
        ("{{ user.email }}", ("email",)),
        ("{{user.a}}-{{   user.b}}-{{ user.a }}", ("a", "b")),
        ("{ user.a } {{ users.a }} {{ user.a.b }} {{ user. }} {{ user.1 }}", ()),
    ],
)
def test_placeholders(text: str, fields: tuple[str, ...]) -> None:
    assert placeholders(text) == fields


def test_filling() -> None:
    assert fill("{{ user.a }}.{{user.b}}.{{ user.a }}", {"a": "1", "b": "{{ user.a }}"}) == (
        "1.{{ user.a }}.1"
    )
    with pytest.raises(KeyError):
        fill("{{ user.a }}", {})


@given(st.text())
def test_text_without_placeholders_stays(text: str) -> None:
    assert placeholders(text) or fill(text, {}) == text


def test_places_of_the_example() -> None:
    content = (ROOT / "examples" / "northwind.yaml").read_bytes()
    places = field_places(load_policy("northwind.yaml", content))
    assert places == (
        FieldPlace("staff", "", "address", "email"),
        FieldPlace("staff", "", "username", "email"),
    )
    assert str(places[0]) == "account staff, address"


def test_places_in_every_text() -> None:
    content = (ROOT / "tests" / "policies" / "good" / "everything.yaml").read_bytes()
    found = [(str(place), place.field) for place in field_places(load_policy("x", content))]
    assert found == [
        ("account exchange, name", "name"),
        ("account exchange, address", "local"),
        ("account exchange, username", "email"),
        ("account exchange, server.host", "region"),
        ("account imap, address", "email"),
        ("account imap, username", "email"),
        ("account imap, server.incoming.username", "id"),
        ("account imap, server.outgoing.username", "id"),
        ("account imap, vpn", "vpn"),
        ("certificate mail, subject.CN", "name"),
        ("certificate mail, subject.1.2.840.113549.1.9.1", "email"),
        ("certificate device, client_identifier", "serial"),
    ]


def test_the_schema_knows_the_same_placeholders() -> None:
    written = json.dumps(schema())
    pattern = r"\\\\{\\\\{ *user\\\\.[A-Za-z][A-Za-z0-9_]* *\\\\}\\\\}"
    assert written.count(pattern.replace("\\\\\\\\", "\\\\")) == written.count("user\\\\.") > 0


@pytest.mark.parametrize(
    "text", ["{{", "}}", "{{ user.email }", "{{ email }}", "{{ user.e-mail }}", "{{{ user.a }}}"]
)
def test_malformed_placeholders_never_load(minimal_table: dict[str, Any], text: str) -> None:
    minimal_table["accounts"][0]["name"] = text
    with pytest.raises(Exception, match="malformed placeholder"):
        load_policy("x", as_file(minimal_table))


@pytest.mark.parametrize("text", ["{", "a}", "{ user.email }", "x {{ user.a }}{ y"])
def test_single_braces_are_text(minimal_table: dict[str, Any], text: str) -> None:
    minimal_table["accounts"][0]["name"] = text
    assert load_policy("x", as_file(minimal_table)).accounts[0].name == text
