"""PKCS#11 URIs: what each says, and each way to break RFC 7512."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.errors import SigningError
from profilegen.signing.keys.pkcs11_uri import parse_token_uri


def test_every_attribute_is_read() -> None:
    uri = parse_token_uri(
        "token=Bank%20keys;manufacturer=Snake%20Oil,%20Inc.;serial=DECC0401648;model=1.0"
        ";library-manufacturer=Snake;library-description=Soft;library-version=2.40"
        ";slot-manufacturer=Oil;slot-description=S%2f1;slot-id=327"
        ";object=release&more;type=private;id=%69%95%3E%5C%f4%bd"
        "?module-path=/usr/lib/libp11.so&module-name=softhsm2&pin-source=file:/etc/token%20pin"
    )
    assert uri.token == {
        "token": "Bank keys",
        "manufacturer": "Snake Oil, Inc.",
        "serial": "DECC0401648",
        "model": "1.0",
        "library-manufacturer": "Snake",
        "library-description": "Soft",
        "library-version": "2.40",
        "slot-manufacturer": "Oil",
        "slot-description": "S/1",
        "slot-id": "327",
    }
    assert (uri.label, uri.id) == ("release&more", bytes.fromhex("69953e5cf4bd"))
    assert (uri.module_path, uri.module_name) == (Path("/usr/lib/libp11.so"), "softhsm2")
    assert uri.pin_file == Path("/etc/token pin")


def test_what_is_not_said_is_none() -> None:
    uri = parse_token_uri("object=a")
    assert uri.token == {}
    assert (uri.id, uri.module_path, uri.module_name, uri.pin_file) == (None, None, None, None)


@given(
    label=st.text(min_size=1).filter(lambda t: "pin-value" not in t.lower()),
    key=st.binary(min_size=1).filter(lambda k: b"pin-value" not in k.lower()),  # refused, below
)
def test_any_label_and_id_survive_escaping(label: str, key: bytes) -> None:
    try:
        escaped = quote(label, safe="")
    except UnicodeEncodeError:  # a lone surrogate is no text that a token can hold
        return
    uri = parse_token_uri(f"token={escaped};id={quote(key, safe='')}")
    assert uri.token["token"] == label
    assert uri.id == key


def test_a_query_attribute_of_another_vendor_is_ignored() -> None:
    assert parse_token_uri("object=a?x-acme=1&module-name=m").module_name == "m"


@pytest.mark.parametrize("source", ["file:/etc/pin", "file:///etc/pin"])
def test_a_pin_file(source: str) -> None:
    assert parse_token_uri(f"object=a?pin-source={source}").pin_file == Path("/etc/pin")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("token=a;token=b", "'token' stands there twice"),
        ("object=a?module-name=a&module-name=b", "'module-name' stands there twice"),
        ("token=a%2", "'token' has a character that is not allowed in 'a%2'"),
        ("token=a%zz", "'token' has a character that is not allowed in 'a%zz'"),
        ("token=a b", "'token' has a character that is not allowed in 'a b'"),
        ("token=a/b", "'token' has a character that is not allowed in 'a/b'"),
        ("token=%FF", "'token' is not UTF-8 text"),
        ("token=", "'token' has no value"),
        ("token", "'token' is not of the form NAME=VALUE"),
        ("token=a;", "'' is not of the form NAME=VALUE"),
        ("object=a?", None),
        ("object=a?module-path", "an attribute is not of the form NAME=VALUE"),
        ("x-acme=1;object=a", "unknown attribute 'x-acme'"),
        ("module-path=/lib/a.so", "'module-path' has a character that is not allowed"),
        ("slot-id=one", "'slot-id' is not a decimal number"),
        ("library-version=x", "'library-version' is not a version such as 2.40"),
        ("object=a;type=cert", "type=cert names no private key"),
        ("object=a;type=key", "there is no type 'key'"),
        ("object=a?module-name=../a", "'module-name' is more than a name"),
        ("object=a?pin-source=/etc/pin", "'pin-source' names no file of this machine"),
        ("object=a?pin-source=file://host/pin", "'pin-source' names no file of this machine"),
        ("object=a?pin-source=%7C/bin/pin", "'pin-source' names no file of this machine"),
    ],
)
def test_a_uri_that_breaks_the_rules(place: str, message: str | None) -> None:
    if message is None:
        assert parse_token_uri(place).label == "a"
        return
    with pytest.raises(SigningError) as refused:
        parse_token_uri(place)
    assert refused.value.message.startswith(f"pkcs11: {message}")
    assert refused.value.hint


@pytest.mark.parametrize(
    "place",
    [
        "object=a?pin-value=4711",
        "object=a?pin-source=file:/x&pin-value=4711",
        "object=a&pin-value=4711",
        "object=a;pin-value=4711",
        "object=a;PIN-VALUE=47 11",
        "object=a;pin%2Dvalue=4711",
        "object=a?x=%zz&pin-value=4711",
    ],
)
def test_a_pin_in_the_uri_is_refused_and_not_shown(place: str) -> None:
    with pytest.raises(SigningError, match="a PIN must not stand in the URI") as refused:
        parse_token_uri(place)
    assert "47" not in f"{refused.value.message}{refused.value.hint}"
