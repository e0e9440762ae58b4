"""What OpenSSL encrypts for a device is opened here."""

from __future__ import annotations

import plistlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from profilegen.errors import SigningError
from profilegen.signing.decrypt import decrypt_payloads
from tests.support import pki
from tests.support.command import run
from tests.support.encrypted import device_key, enveloped

CONTENT = plistlib.dumps([{"PayloadType": "com.apple.mail.managed", "PayloadVersion": 1}])
CHAIN = pki.chain("rsa-2048")
KINDS = ["rsa-2048", "rsa-3072"]
CIPHERS = ["aes128", "aes192", "aes256", "des3"]


@pytest.fixture
def encrypt(require_tool: Callable[[str], Path], tmp_path: Path) -> Callable[..., bytes]:
    """Return a function that has openssl encrypt CONTENT; its arguments go before recipients."""
    tool = require_tool("openssl")

    def call(*arguments: str, recipients: tuple[pki.Issued, ...]) -> bytes:
        (tmp_path / "content").write_bytes(CONTENT)
        names: list[str] = []
        for number, recipient in enumerate(recipients):
            (tmp_path / f"{number}.pem").write_bytes(recipient.pem)
            names += ["-recip", f"{number}.pem"]
        command = ["cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER"]
        done = run(tool, *command, "-out", "sealed", *names, *arguments, folder=tmp_path)
        assert done.exit_code == 0, done.stderr
        return (tmp_path / "sealed").read_bytes()

    return call


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("form", [[], ["-stream"], ["-keyid"]], ids=["der", "ber", "keyid"])
def test_every_cipher_and_form(
    encrypt: Callable[..., bytes], kind: str, cipher: str, form: list[str]
) -> None:
    device = _device(kind)
    sealed = encrypt(f"-{cipher}", *form, recipients=(device,))
    assert sealed.startswith(b"\x30\x80") == ("-stream" in form)
    assert decrypt_payloads(sealed, device_key(device)) == CONTENT


@pytest.mark.parametrize(
    "options",
    [
        ["rsa_padding_mode:oaep"],
        ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256"],
        ["rsa_padding_mode:oaep", "rsa_oaep_md:sha512", "rsa_mgf1_md:sha1"],
        ["rsa_padding_mode:oaep", "rsa_oaep_label:6c6162656c"],
    ],
    ids=["sha1", "sha256", "mixed", "label"],
)
def test_oaep(encrypt: Callable[..., bytes], options: list[str]) -> None:
    device = _device("rsa-2048")
    arguments = [part for option in options for part in ("-keyopt", option)]
    sealed = encrypt("-aes256", *arguments, recipients=(device,))
    assert decrypt_payloads(sealed, device_key(device)) == CONTENT


def test_each_of_several_recipients(encrypt: Callable[..., bytes]) -> None:
    first, second = _device("rsa-2048"), _device("rsa-3072")
    sealed = encrypt("-aes128", recipients=(first, pki.chain("p256").leaf, second))
    for device in (first, second):
        assert decrypt_payloads(sealed, device_key(device)) == CONTENT
    third = pki.issue("Third", kind="rsa-2048", owner="third")
    with pytest.raises(SigningError, match="not encrypted for 'Third'"):
        decrypt_payloads(sealed, device_key(third))


def test_openssl_opens_what_the_other_builder_made(
    require_tool: Callable[[str], Path], tmp_path: Path
) -> None:
    device = _device("rsa-2048")
    (tmp_path / "sealed").write_bytes(enveloped(CONTENT, [device]))
    (tmp_path / "device.pem").write_bytes(device.key_pem + device.pem)
    command = ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", "sealed", "-out", "content"]
    done = run(
        require_tool("openssl"), *command, "-inkey", "device.pem", "-recip", "device.pem",
        folder=tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "content").read_bytes() == CONTENT


def _device(kind: str) -> pki.Issued:
    public = pki.issue("Device", kind=kind, owner="device").certificate.public_key()
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return pki.issue(
        "Device", CHAIN.intermediate, kind=kind, owner="device", extensions=[identifier]
    )
