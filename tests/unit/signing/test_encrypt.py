"""Payloads are encrypted for the right devices, and for nobody who is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.errors import SigningError
from profilegen.signing import encrypt
from profilegen.signing.decrypt import decrypt_payloads
from profilegen.signing.encrypt import (
    ContentCipher,
    distinct,
    encrypt_payloads,
    refuse_recipient,
)
from profilegen.signing.enveloped import Envelope, read_envelope
from tests.support import pki
from tests.support.devices import device
from tests.support.encrypted import device_key

CIPHERS = list(ContentCipher)
CBC = {ContentCipher.AES_128: "AES-128-CBC", ContentCipher.AES_256: "AES-256-CBC"}
ANNA, BO = device("anna"), device("bo", "rsa-3072")


@pytest.mark.parametrize("cipher", CIPHERS)
@given(st.binary(max_size=100))
@settings(max_examples=30)
def test_each_recipient_gets_the_same_bytes_back(cipher: ContentCipher, payloads: bytes) -> None:
    both = (ANNA.certificate, BO.certificate)
    sealed = encrypt_payloads(payloads, both, cipher=cipher)
    for one in (ANNA, BO):
        assert decrypt_payloads(sealed, device_key(one)) == payloads


def test_line_ends_stay() -> None:
    content = b"a\r\nb\nc\rd\n\n"
    sealed = encrypt_payloads(content, [ANNA.certificate], cipher=ContentCipher.AES_128)
    assert decrypt_payloads(sealed, device_key(ANNA)) == content


@pytest.mark.parametrize("cipher", CIPHERS)
def test_the_form(cipher: ContentCipher) -> None:
    """DER, version 0, RSA with PKCS #1 v1.5, recipients named by issuer and number (RFC 5652)."""
    sealed = encrypt_payloads(b"x", [ANNA.certificate], cipher=cipher)
    info = cms.ContentInfo.load(sealed, strict=True)
    assert info.dump(force=True) == sealed
    content = info["content"]
    assert (info["content_type"].native, content["version"].native) == ("enveloped_data", "v0")
    (recipient,) = content["recipient_infos"]
    assert recipient.chosen["key_encryption_algorithm"]["algorithm"].native == "rsaes_pkcs1v15"
    envelope = read_envelope(sealed)
    assert envelope.cipher == CBC[cipher]
    (named,) = envelope.recipients
    assert int(named.serial, 16) == ANNA.certificate.serial_number
    assert (named.kind, named.issuer) == ("ktri", "CN=Test CA")


def test_a_certificate_that_is_given_twice_counts_once() -> None:
    given_twice = [ANNA.certificate, BO.certificate, ANNA.certificate]
    sealed = encrypt_payloads(b"x", given_twice, cipher=ContentCipher.AES_128)
    assert len(read_envelope(sealed).recipients) == 2


def test_no_two_results_are_equal() -> None:
    one, other = (
        encrypt_payloads(b"x", [ANNA.certificate], cipher=ContentCipher.AES_128) for _ in range(2)
    )
    assert one != other


def test_nobody_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SigningError, match="no device certificate to encrypt for"):
        distinct([])
    monkeypatch.setattr(encrypt, "MAX_RECIPIENTS", 1)
    assert distinct([ANNA.certificate, ANNA.certificate]) == (ANNA.certificate,)
    with pytest.raises(SigningError, match="more than 1 device certificates"):
        distinct([ANNA.certificate, BO.certificate])


def test_the_most_recipients_can_be_read_again() -> None:
    """What is encrypted for as many as allowed stays within the limits of the reader."""
    many = _numbered(encrypt.MAX_RECIPIENTS)
    sealed = encrypt_payloads(b"x", many, cipher=ContentCipher.AES_128)
    assert len(read_envelope(sealed).recipients) == encrypt.MAX_RECIPIENTS
    last = device_key(ANNA)
    assert decrypt_payloads(sealed, type(last)(last.private_key, (many[-1],))) == b"x"


def test_two_certificates_with_one_name() -> None:
    twins = [_numbered(1)[0], _numbered(1, owner="bo")[0]]
    with pytest.raises(SigningError, match="two device certificates are number 1 of 'Fleet CA'"):
        encrypt_payloads(b"x", twins, cipher=ContentCipher.AES_128)


def _issued(**changes: object) -> pki.Issued:
    usage = pki.usage(key_encipherment=True)
    given_extensions = {"extensions": [usage], "kind": "rsa-2048", "owner": "anna", **changes}
    return pki.issue("Phone", pki.chain().intermediate, **given_extensions)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message", "hint"),
    [
        ({"kind": "p256"}, "its key is ECDSA P-256, and profiles are encrypted for RSA", "SCEP"),
        ({"kind": "ed25519"}, "its key is Ed25519", "SCEP"),
        ({"kind": "rsa-1024"}, "RSA key of only 1024 bits", "2048"),
        ({"end": datetime(2026, 5, 1, tzinfo=UTC)}, "expired on 2026-05-01", "Renew"),
        ({"start": datetime(2026, 7, 1, tzinfo=UTC)}, "is not valid before 2026-07-01", "clock"),
        ({"digest": pki.SHA1}, "is signed with SHA-1", "SHA-256"),
        ({"extensions": [pki.ca(), pki.usage(key_encipherment=True)]}, "one of a CA", "own"),
        (
            {"extensions": [pki.usage(digital_signature=True)]},
            "may not decrypt content keys",
            "keyEncipherment",
        ),
    ],
)
def test_what_is_no_device(changes: dict[str, object], message: str, hint: str) -> None:
    certificate = _issued(**changes).certificate
    with pytest.raises(SigningError, match=message) as refused:
        refuse_recipient(certificate, at=pki.NOW, where="phone.pem")
    assert refused.value.message.startswith("phone.pem: ")
    assert hint in refused.value.hint
    assert refused.value.exit_code == 4


@pytest.mark.parametrize("extensions", [[], [pki.usage(key_encipherment=True)]])
def test_what_is_a_device(extensions: list[x509.ExtensionType]) -> None:
    refuse_recipient(_issued(extensions=extensions).certificate, at=pki.NOW, where="")


def test_an_exponent_that_hides_nothing() -> None:
    numbers = rsa.RSAPublicNumbers(3, _public(ANNA).public_numbers().n)
    certificate = _for_key(numbers.public_key(), 1)
    with pytest.raises(SigningError, match="RSA key with the public exponent 3"):
        refuse_recipient(certificate, at=pki.NOW, where="phone.pem")


def test_an_unknown_kind_of_key_is_no_recipient() -> None:
    strange = pki.with_unknown_key(device("curve", "p256")).certificate
    with pytest.raises(SigningError, match="of an unknown kind"):
        refuse_recipient(strange, at=pki.NOW, where="phone.pem")
    with pytest.raises(SigningError, match="of an unknown kind"):
        encrypt_payloads(b"x", [strange], cipher=ContentCipher.AES_128)


def test_recipients_of_other_kinds_are_said() -> None:
    sealed = encrypt_payloads(b"x", [ANNA.certificate], cipher=ContentCipher.AES_128)
    info = cms.ContentInfo.load(sealed)
    identifier = cms.RecipientIdentifier("subject_key_identifier", b"\x01\xab")
    info["content"]["recipient_infos"][0].chosen["rid"] = identifier
    envelope = read_envelope(info.dump(force=True))
    assert str(envelope.recipients[0]) == "the key identifier 01ab"
    password = {"version": "v0", "key_encryption_algorithm": {"algorithm": "aes128_wrap"}}
    info["content"]["recipient_infos"] = [
        cms.RecipientInfo("pwri", password | {"encrypted_key": b"k"})
    ]
    envelope = read_envelope(info.dump(force=True))
    assert isinstance(envelope, Envelope)
    assert [one.kind for one in envelope.recipients] == ["pwri"]
    assert str(envelope.recipients[0]) == "another kind of key"


def _public(issued: pki.Issued) -> rsa.RSAPublicKey:
    key = issued.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def _numbered(count: int, owner: str = "anna") -> list[x509.Certificate]:
    """Return certificates for one key with the numbers from 1 on."""
    key = _public(device(owner))
    return [_for_key(key, number) for number in range(1, count + 1)]


def _for_key(key: rsa.RSAPublicKey, number: int) -> x509.Certificate:
    issuer = pki.chain().intermediate
    assert isinstance(issuer.key, pki.IssuingKey)
    builder = x509.CertificateBuilder().issuer_name(pki.name_of("Fleet CA")).public_key(key)
    builder = builder.subject_name(pki.name_of(f"Phone {number}")).serial_number(number)
    builder = builder.not_valid_before(pki.START).not_valid_after(pki.END)
    return builder.sign(issuer.key, pki.SHA256)
