"""An encrypted profile is put together again as its device sees it."""

from __future__ import annotations

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import DocumentError, Profile, read_document
from profilegen.errors import InputError, SigningError
from profilegen.inspection.encrypted import (
    decrypted_bytes,
    is_sealed,
    open_profile,
    opened_profile,
)
from profilegen.signing.decrypt import decrypt_payloads
from tests.support import pki
from tests.support.encrypted import device_key, enveloped

PAYLOADS = [
    {"PayloadType": "com.apple.mail.managed", "PreventMove": True, "PayloadVersion": 1},
    {"PayloadType": "com.apple.wifi.managed", "SSID_STR": "Example", "PayloadVersion": 1},
]
DEVICE = pki.chain("rsa-2048").leaf
FORMATS = [plistlib.FMT_XML, plistlib.FMT_BINARY]


def encrypted_profile(format_: plistlib.PlistFormat) -> bytes:
    payloads = plistlib.dumps(PAYLOADS, fmt=format_)
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadIdentifier": "org.example.mail",
            "PayloadVersion": 1,
            "IsEncrypted": True,
            "EncryptedPayloadContent": enveloped(payloads, [DEVICE]),
        },
        fmt=format_,
    )


@pytest.mark.parametrize("format_", FORMATS, ids=["xml", "binary"])
def test_payloads_stand_where_they_belong(format_: plistlib.PlistFormat) -> None:
    closed = read_document("mail.mobileconfig", encrypted_profile(format_))
    assert isinstance(closed, Profile)
    sealed = closed.content["EncryptedPayloadContent"]
    assert isinstance(sealed, bytes)
    opened = opened_profile(closed, decrypt_payloads(sealed, device_key(DEVICE)))
    assert opened.content == {**closed.content, "PayloadContent": PAYLOADS}
    assert (opened.name, opened.problems) == (closed.name, closed.problems)
    assert "PayloadContent" not in closed.content


@pytest.mark.parametrize(
    ("payloads", "reason"),
    [
        (plistlib.dumps({"PayloadContent": []}), "its top level is no array"),
        (plistlib.dumps("text", fmt=plistlib.FMT_BINARY), "its top level is no array"),
        (b"", ""),
        (b"bplist00", "the binary property list is cut off"),
        (plistlib.dumps(PAYLOADS)[:-20], ""),
        (plistlib.dumps(PAYLOADS, fmt=plistlib.FMT_BINARY)[:-1], ""),
        (b"<plist>" + b"<array>" * 100 + b"</array>" * 100 + b"</plist>", ""),
    ],
    ids=["dictionary", "text", "empty", "header", "cut-off", "binary-cut-off", "deep"],
)
def test_what_is_no_list_of_payloads(payloads: bytes, reason: str) -> None:
    with pytest.raises(DocumentError) as refused:
        opened_profile(Profile("mail.mobileconfig", {}), payloads)
    text = "mail.mobileconfig: what EncryptedPayloadContent decrypts to is no list of payloads: "
    assert refused.value.message.startswith(text)
    assert reason in refused.value.message
    assert refused.value.exit_code == 3


@given(st.binary(max_size=200))
def test_any_bytes_are_payloads_or_refused(data: bytes) -> None:
    for payloads in (data, b"bplist00" + data, b"<plist><array>" + data):
        try:
            opened = opened_profile(Profile("x", {}), payloads)
        except DocumentError:
            continue
        assert isinstance(opened.content["PayloadContent"], list)


@pytest.mark.parametrize("format_", FORMATS, ids=["xml", "binary"])
def test_the_decrypted_profile_is_one_that_never_was_encrypted(
    format_: plistlib.PlistFormat,
) -> None:
    closed = read_document("mail.mobileconfig", encrypted_profile(format_))
    assert isinstance(closed, Profile)
    written = decrypted_bytes(open_profile("mail", closed, device_key(DEVICE)))
    plain = read_document("mail.mobileconfig", written)
    assert isinstance(plain, Profile)
    assert (is_sealed(closed), is_sealed(plain)) == (True, False)
    assert plain.content == {
        "PayloadType": "Configuration",
        "PayloadIdentifier": "org.example.mail",
        "PayloadVersion": 1,
        "PayloadContent": PAYLOADS,
    }


def test_what_xml_cannot_hold() -> None:
    closed = Profile("mail.mobileconfig", {"EncryptedPayloadContent": b""})
    payloads = plistlib.dumps([{"Name": "\x01"}], fmt=plistlib.FMT_BINARY)
    with pytest.raises(DocumentError, match=r"mail\.mobileconfig: .* cannot be written as XML"):
        decrypted_bytes(opened_profile(closed, payloads))


@pytest.mark.parametrize(
    ("sealed", "error", "message"),
    [
        (b"", InputError, "no CMS EnvelopedData"),
        ("text", InputError, "no CMS EnvelopedData"),
        (enveloped(b"<plist/>", [pki.chain("rsa-3072").leaf]), SigningError, "not encrypted for"),
        (enveloped(b"<plist/>", [DEVICE]), DocumentError, "no list of payloads"),
    ],
    ids=["empty", "no-data", "other-device", "no-list"],
)
def test_a_profile_that_does_not_open_names_its_file(
    sealed: bytes | str, error: type[InputError | SigningError], message: str
) -> None:
    closed = Profile("mail", {"EncryptedPayloadContent": sealed})
    with pytest.raises(error, match=f"^mail: .*{message}"):
        open_profile("mail", closed, device_key(DEVICE))
