"""What was encrypted for a device opens with its key, and with no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.errors import InputError, ProfilegenError, SigningError
from profilegen.signing import decrypt
from profilegen.signing import enveloped as envelopes
from profilegen.signing.decrypt import decrypt_payloads, open_device_key
from tests.support import pki
from tests.support.encrypted import AES, altered, device_key, enveloped, in_pieces
from tests.support.pki import Issued
from tests.support.signed import By, signed_data, streamed

CONTENT = b"<plist>\n<array/></plist>\n"
CHAIN = pki.chain("rsa-2048")
DEVICE = CHAIN.leaf
OTHER = pki.issue("Other Device", CHAIN.intermediate, kind="rsa-3072")
KEY = device_key(DEVICE)
DATA = enveloped(CONTENT, [DEVICE])
REFUSED = "the payloads do not decrypt: they are damaged, or were made for another key"


@pytest.mark.parametrize("cipher", [algorithms.AES128, algorithms.AES256])
@pytest.mark.parametrize("recipients", [[DEVICE], [OTHER, DEVICE], [DEVICE, OTHER]])
def test_the_content_comes_back(cipher: AES, recipients: list[Issued]) -> None:
    data = enveloped(CONTENT, recipients, cipher)
    for recipient in recipients:
        for encoded in (data, streamed(data), in_pieces(data), data + b"\n"):
            assert decrypt_payloads(encoded, device_key(recipient)) == CONTENT


@given(st.binary(max_size=200))
@settings(max_examples=25)
def test_content_of_any_length_comes_back(content: bytes) -> None:
    assert decrypt_payloads(enveloped(content, [DEVICE]), KEY) == content


def test_a_key_may_have_several_certificates() -> None:
    renewed = Issued(pki.issue("Renewed", kind="rsa-2048").certificate, DEVICE.key)
    both = decrypt.DeviceKey(KEY.private_key, (renewed.certificate, DEVICE.certificate))
    assert decrypt_payloads(DATA, both) == CONTENT


def _by_key(named: Issued) -> Callable[[cms.EnvelopedData], None]:
    def change(data: cms.EnvelopedData) -> None:
        identifier = cms.Certificate.load(_der(named)).key_identifier
        data["recipient_infos"][0].chosen["rid"] = cms.RecipientIdentifier(
            "subject_key_identifier", identifier
        )

    return change


def _der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def test_recipients_are_named_by_key_identifier_too() -> None:
    device = pki.with_key_identifier(CHAIN)
    data = altered(enveloped(CONTENT, [device]), _by_key(device))
    assert decrypt_payloads(data, device_key(device)) == CONTENT
    identifier = cms.Certificate.load(_der(device)).key_identifier.hex()
    with pytest.raises(SigningError, match=f"but for the key identifier {identifier}$"):
        decrypt_payloads(data, KEY)


def test_another_device_is_told_whom_it_is_for() -> None:
    with pytest.raises(SigningError) as refused:
        decrypt_payloads(DATA, device_key(OTHER))
    number = f"{DEVICE.certificate.serial_number:x}"
    text = f"the payloads are not encrypted for 'Other Device' but for number {number} of"
    assert refused.value.message == f"{text} CN=Test CA"
    assert refused.value.exit_code == 4
    with pytest.raises(SigningError, match=r", 2 more$"):
        decrypt_payloads(enveloped(CONTENT, [DEVICE] * 5), device_key(OTHER))


def _oaep(digest: str, mask: str, label: bytes = b"") -> Callable[[cms.EnvelopedData], None]:
    """Return the change that wraps the key of the content with OAEP instead."""
    known = {"sha1": pki.SHA1, "sha256": pki.SHA256, "sha512": hashes.SHA512()}

    def change(data: cms.EnvelopedData) -> None:
        recipient = data["recipient_infos"][0].chosen
        wrapped = recipient["encrypted_key"].native
        content_key = KEY.private_key.decrypt(wrapped, padding.PKCS1v15())
        oaep = padding.OAEP(padding.MGF1(known[mask]), known[digest], label or None)
        public = KEY.private_key.public_key()
        recipient["encrypted_key"] = public.encrypt(content_key, oaep)
        recipient["key_encryption_algorithm"] = {
            "algorithm": "rsaes_oaep",
            "parameters": {
                "hash_algorithm": {"algorithm": digest},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
                "p_source_algorithm": {"algorithm": "p_specified", "parameters": label},
            },
        }

    return change


@pytest.mark.parametrize(
    ("digest", "mask", "label"),
    [("sha1", "sha1", b""), ("sha256", "sha256", b"label"), ("sha512", "sha1", b"")],
)
def test_keys_are_wrapped_with_oaep_too(digest: str, mask: str, label: bytes) -> None:
    assert decrypt_payloads(altered(DATA, _oaep(digest, mask, label)), KEY) == CONTENT


def test_triple_des() -> None:
    content_key, iv = bytes(range(24)), b"8 bytes."
    padder = PKCS7(TripleDES.block_size).padder()
    padded = padder.update(CONTENT) + padder.finalize()
    encryptor = Cipher(TripleDES(content_key), modes.CBC(iv)).encryptor()

    def change(data: cms.EnvelopedData) -> None:
        wrapped = KEY.private_key.public_key().encrypt(content_key, padding.PKCS1v15())
        data["recipient_infos"][0].chosen["encrypted_key"] = wrapped
        content = data["encrypted_content_info"]
        content["encrypted_content"] = encryptor.update(padded) + encryptor.finalize()
        content["content_encryption_algorithm"] = {"algorithm": "tripledes_3key", "parameters": iv}

    assert decrypt_payloads(altered(DATA, change), KEY) == CONTENT


def _last_byte(data: cms.EnvelopedData) -> None:
    content = data["encrypted_content_info"]
    # The one before the last block decides on the padding.
    sealed = bytearray(content["encrypted_content"].native)
    sealed[-17] ^= 0x80
    content["encrypted_content"] = bytes(sealed)


def _cut_content(data: cms.EnvelopedData) -> None:
    content = data["encrypted_content_info"]
    content["encrypted_content"] = content["encrypted_content"].native[:-1]


def _empty_content(data: cms.EnvelopedData) -> None:
    data["encrypted_content_info"]["encrypted_content"] = b""


def _other_key(data: cms.EnvelopedData) -> None:
    recipient = data["recipient_infos"][0].chosen
    wrapped = bytearray(recipient["encrypted_key"].native)
    wrapped[-1] ^= 1
    recipient["encrypted_key"] = bytes(wrapped)


def _short_wrapped_key(data: cms.EnvelopedData) -> None:
    data["recipient_infos"][0].chosen["encrypted_key"] = b"short"


def _key_of_another_size(data: cms.EnvelopedData) -> None:
    public = KEY.private_key.public_key()
    wrapped = public.encrypt(b"x" * 32, padding.PKCS1v15())
    data["recipient_infos"][0].chosen["encrypted_key"] = wrapped


@pytest.mark.parametrize(
    "change",
    [
        _last_byte,
        _cut_content,
        _empty_content,
        _other_key,
        _short_wrapped_key,
        _key_of_another_size,
    ],
)
def test_why_it_does_not_decrypt_is_never_told(
    change: Callable[[cms.EnvelopedData], None],
) -> None:
    with pytest.raises(SigningError) as refused:
        decrypt_payloads(altered(DATA, change), KEY)
    assert refused.value.message == REFUSED
    assert refused.value.exit_code == 4
    assert refused.value.__cause__ is None


def test_a_certificate_that_is_another_keys_is_refused_the_same_way() -> None:
    mixed = decrypt.DeviceKey(device_key(OTHER).private_key, KEY.certificates)
    with pytest.raises(SigningError) as refused:
        decrypt_payloads(DATA, mixed)
    assert refused.value.message == REFUSED


def _content_algorithm(name: str, iv: bytes) -> Callable[[cms.EnvelopedData], None]:
    def change(data: cms.EnvelopedData) -> None:
        data["encrypted_content_info"]["content_encryption_algorithm"] = {
            "algorithm": name,
            "parameters": core.OctetString(iv),
        }

    return change


def _transport(name: str) -> Callable[[cms.EnvelopedData], None]:
    def change(data: cms.EnvelopedData) -> None:
        data["recipient_infos"][0].chosen["key_encryption_algorithm"] = {"algorithm": name}

    return change


def _oaep_of(digest: str, mask: str) -> Callable[[cms.EnvelopedData], None]:
    def change(data: cms.EnvelopedData) -> None:
        data["recipient_infos"][0].chosen["key_encryption_algorithm"] = {
            "algorithm": "rsaes_oaep",
            "parameters": {
                "hash_algorithm": {"algorithm": digest},
                "mask_gen_algorithm": {
                    "algorithm": mask,
                    "parameters": cms.DigestAlgorithm({"algorithm": digest}),
                },
            },
        }

    return change


def _by_password(data: cms.EnvelopedData) -> None:
    data["recipient_infos"] = [
        cms.RecipientInfo(
            "pwri",
            cms.PasswordRecipientInfo(
                {
                    "version": "v0",
                    "key_encryption_algorithm": {"algorithm": "aes128_wrap"},
                    "encrypted_key": b"x",
                }
            ),
        )
    ]


def _without_content(data: cms.EnvelopedData) -> None:
    del data["encrypted_content_info"]["encrypted_content"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_content_algorithm("rc4", b""), "encrypted with rc4, which is not supported"),
        (_content_algorithm("aes128_gcm", b"x" * 16), "encrypted with aes128_gcm, which"),
        (_content_algorithm("1.2.3", b"x" * 16), "encrypted with 1.2.3, which"),
        (_content_algorithm("aes128_cbc", b"short"), "no CMS EnvelopedData, or a damaged one"),
        (_transport("aes128_wrap"), "encrypted with aes128_wrap, not supported so"),
        (_transport("1.2.3"), "encrypted with 1.2.3, not supported so"),
        (_transport("rsaes_oaep"), "encrypted with rsaes_oaep, not supported so"),
        (_oaep_of("1.2.3", "mgf1"), "encrypted with rsaes_oaep, not supported so"),
        (_oaep_of("sha256", "1.2.3"), "encrypted with rsaes_oaep, not supported so"),
        (_oaep_of("md5", "mgf1"), "an algorithm that is not supported here"),
        (_by_password, "not supported: not by an RSA key"),
        (_without_content, "the encrypted payloads are not in the file"),
    ],
    ids=[
        "rc4",
        "gcm",
        "unknown",
        "iv",
        "wrap",
        "unknown-transport",
        "no-oaep-parameters",
        "oaep-digest",
        "oaep-mask",
        "oaep-md5",
        "password",
        "no-content",
    ],
)
def test_what_is_not_supported(change: Callable[[cms.EnvelopedData], None], text: str) -> None:
    with pytest.raises(InputError) as refused:
        decrypt_payloads(altered(DATA, change), KEY)
    assert text in refused.value.message
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    "data", [b"", b"<plist/>", DATA[:-1], b"\x30\x80", signed_data(b"x", By(DEVICE))]
)
def test_what_is_not_encrypted(data: bytes) -> None:
    with pytest.raises(InputError, match=r"no CMS EnvelopedData|CMS of the kind signed_data"):
        decrypt_payloads(data, KEY)


def test_size_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelopes, "MAX_ENCRYPTED", len(DATA) - 1)
    with pytest.raises(InputError, match="larger than"):
        decrypt_payloads(DATA, KEY)


@given(st.integers(0, len(DATA) - 1), st.integers(0, 4), st.binary(max_size=4))
@settings(max_examples=200)
def test_damage_of_any_kind_is_refused_or_harmless(at: int, cut: int, put: bytes) -> None:
    message = ""
    try:
        decrypt_payloads(DATA[:at] + put + DATA[at + cut :], KEY)
    except ProfilegenError as error:
        message = error.message
    assert message.isprintable()


def test_keys_are_opened_from_files(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(DEVICE.encrypted_key_pem)
    (tmp_path / "certificate.pem").write_bytes(CHAIN.intermediate.pem + DEVICE.pem)
    (tmp_path / "device.p12").write_bytes(pki.p12(DEVICE, [CHAIN.intermediate]))
    pem = f"pem:{tmp_path}/key.pem,{tmp_path}/certificate.pem"
    for uri in (pem, f"p12:{tmp_path}/device.p12"):
        key = open_device_key(uri, pki.passphrase)
        assert key.certificates == (DEVICE.certificate,)
        assert decrypt_payloads(DATA, key) == CONTENT
        assert "private_key" not in repr(key)


def test_small_keys_of_devices_are_opened(tmp_path: Path) -> None:
    # 1024 bits are the default of Apple's SCEP payload.
    small = pki.issue("Small Device", kind="rsa-1024")
    (tmp_path / "device.pem").write_bytes(small.key_pem + small.pem)
    key = open_device_key(f"pem:{tmp_path}/device.pem", None)
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    assert decrypt_payloads(enveloped(CONTENT, [small]), key) == CONTENT


def test_keys_that_are_no_use(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    uri = f"pem:{path}"
    path.write_bytes(DEVICE.key_pem + CHAIN.root.pem)
    with pytest.raises(SigningError, match="the certificate of the device's key is not there"):
        open_device_key(uri, None)
    elliptic = pki.chain("p256").leaf
    path.write_bytes(elliptic.key_pem + elliptic.pem)
    with pytest.raises(SigningError, match="ECDSA P-256 keys decrypt no profiles"):
        open_device_key(uri, None)
    path.write_bytes(DEVICE.encrypted_key_pem + DEVICE.pem)
    with pytest.raises(SigningError, match="the key is encrypted and no passphrase was given"):
        open_device_key(uri, None)


@pytest.mark.parametrize("uri", ["", "pem", "pem:", "pkcs11:token=1;pin-value=1234", "x:y"])
def test_uris_that_name_no_file(uri: str) -> None:
    with pytest.raises(SigningError) as refused:
        open_device_key(uri, None)
    assert refused.value.message == "the key of the device is not named as pem:FILE or p12:FILE"
    assert refused.value.hint == "Write --device-key pem:FILE or p12:FILE."
