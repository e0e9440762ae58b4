"""Keys, certificates and chains that cannot sign: each with its own message and exit code 4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from profilegen.errors import SigningError
from profilegen.secrets import Secret
from profilegen.signing.identity import open_identity
from tests.support import pki
from tests.support.pki import Issued

_SUPPORTED = "Use RSA with 2048 to 4096 bits, ECDSA P-256 or P-384."
_RENEW = "Renew it, and use the new one."
_STRONGER = "Get one that is signed with SHA-256 or stronger: devices refuse weaker ones."


@dataclass(frozen=True, slots=True)
class Bad:
    """An identity that is refused. `{d}` in texts is the folder that `make` writes to."""

    name: str
    make: Callable[[Path], str]
    message: str
    hint: str
    answer: str | None = None


def _bundle(*parts: bytes) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / "id.pem").write_bytes(b"".join(parts))
        return f"pem:{folder}/id.pem"

    return make


def _p12(data: bytes) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / "id.p12").write_bytes(data)
        return f"p12:{folder}/id.p12"

    return make


def _uri(uri: str) -> Callable[[Path], str]:
    return lambda folder: uri.replace("{d}", str(folder))


def _signer(issued: Issued, *others: Issued) -> Callable[[Path], str]:
    return _bundle(issued.key_pem, issued.pem, *(other.pem for other in others))


_GOOD = pki.chain()
_OTHER = pki.chain(name="Other")
_ROOT, _CA, _LEAF = _GOOD.root, _GOOD.intermediate, _GOOD.leaf
_SIGNING = pki.usage(digital_signature=True)
_EXPIRED = pki.issue("Old Signer", _CA, end=datetime(2026, 5, 1, tzinfo=UTC))
_EARLY = pki.issue("New Signer", _CA, start=datetime(2026, 7, 1, tzinfo=UTC))
_EXPIRED_CA = pki.issue(
    "Old CA", _ROOT, end=datetime(2026, 5, 1, tzinfo=UTC), extensions=[pki.ca()]
)
_NOT_A_CA = pki.issue("Plain", _ROOT)
_NO_CERT_SIGN = pki.issue("CRL CA", _ROOT, extensions=[pki.ca(), pki.usage(crl_sign=True)])
_SHA1_CA = pki.issue("SHA-1 CA", _ROOT, digest=pki.SHA1, extensions=[pki.ca()])
_NARROW = pki.issue("Narrow CA", _ROOT, extensions=[pki.ca(0)])
_BELOW = pki.issue("Lower CA", _NARROW, extensions=[pki.ca()])
_NAMESAKE = pki.issue("Test CA", _OTHER.root, owner="impostor", extensions=[pki.ca()])


def _kind(kind: str) -> Callable[[Path], str]:
    # Made when the test runs: large keys would slow down the collection of all tests.
    def make(folder: Path) -> str:
        return _signer(pki.leaf(_CA, kind=kind), _CA)(folder)

    return make


def _md5_signer(folder: Path) -> str:
    top = pki.root("RSA Root", kind="rsa-2048")
    return _signer(pki.issue("MD5 Signer", top, digest=pki.MD5), top)(folder)


def _weak_ca(folder: Path) -> str:
    weak = pki.issue("Weak CA", _ROOT, kind="rsa-1024", extensions=[pki.ca()])
    return _signer(pki.leaf(weak), weak)(folder)


_CASES = [
    Bad(
        "missing file",
        _uri("pem:{d}/none.pem"),
        "{d}/none.pem: no such file",
        "Check the path.",
    ),
    Bad(
        "folder",
        _uri("pem:{d}"),
        "{d}: cannot be read: Is a directory",
        "Check the path and that you may read it.",
    ),
    Bad(
        "too large",
        _bundle(b"x" * (1024 * 1024 + 1)),
        "{d}/id.pem: larger than 1024 KiB, so no key or certificate file",
        "Check the path.",
    ),
    Bad(
        "no PEM",
        _bundle(b"\x30\x82"),
        "{d}/id.pem: holds no PEM key or certificate",
        "Use a PEM file here, or p12:FILE for PKCS#12.",
    ),
    Bad(
        "no key",
        _bundle(_LEAF.pem, _CA.pem),
        "pem:{d}/id.pem: there is no private key",
        "Name the file of the key too, separated by a comma.",
    ),
    Bad(
        "two keys",
        _bundle(_LEAF.key_pem, _CA.key_pem, _LEAF.pem),
        "pem:{d}/id.pem: there are 2 private keys",
        "Name the file of one key only.",
    ),
    Bad(
        "no certificate",
        _bundle(_LEAF.key_pem),
        "pem:{d}/id.pem: there is no certificate",
        "Add its file with --certificates.",
    ),
    Bad(
        "key of another certificate",
        _bundle(_OTHER.leaf.key_pem, _LEAF.pem, _CA.pem),
        "pem:{d}/id.pem: no certificate belongs to the private key",
        "Give the certificate that was issued for this key.",
    ),
    Bad(
        "two certificates of one key",
        _bundle(_LEAF.key_pem, _LEAF.pem, pki.leaf(_CA).pem, _CA.pem),
        "pem:{d}/id.pem: 2 certificates in force belong to the private key",
        "Give one of them only: devices want updates signed with the same certificate.",
    ),
    Bad(
        "damaged key",
        _bundle(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", _LEAF.pem),
        "{d}/id.pem: the private key cannot be read",
        "Convert it with `openssl pkcs8 -topk8 -in FILE -out FILE.key`.",
    ),
    Bad(
        "damaged certificate",
        _bundle(_LEAF.key_pem, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        "{d}/id.pem: certificate 1 cannot be read",
        "Export the certificate again.",
    ),
    Bad(
        "encrypted key without passphrase",
        _bundle(_LEAF.encrypted_key_pem, _LEAF.pem),
        "{d}/id.pem: the key is encrypted and no passphrase was given",
        "Use --passphrase-file or --passphrase-env.",
    ),
    Bad(
        "wrong passphrase",
        _bundle(_LEAF.encrypted_key_pem, _LEAF.pem),
        "{d}/id.pem: the passphrase is wrong, or the file is damaged",
        "Check the passphrase; a file with RC2 encryption has to be exported again with AES.",
        answer="battery staple",
    ),
    Bad(
        "PKCS#12 without passphrase",
        _p12(pki.p12(_LEAF, [_CA])),
        "{d}/id.p12: the key is encrypted and no passphrase was given",
        "Use --passphrase-file or --passphrase-env.",
    ),
    Bad(
        "PKCS#12 with wrong passphrase",
        _p12(pki.p12(_LEAF, [_CA])),
        "{d}/id.p12: the passphrase is wrong, or the file is damaged",
        "Check the passphrase; a file with RC2 encryption has to be exported again with AES.",
        answer="battery staple",
    ),
    Bad(
        "PEM given as PKCS#12",
        _p12(_LEAF.pem),
        "{d}/id.p12: is no PKCS#12 file",
        "Use pem:FILE for PEM files.",
    ),
    Bad(
        "expired signer",
        _signer(_EXPIRED, _CA),
        "the certificate 'Old Signer' expired on 2026-05-01 00:00:00 UTC",
        _RENEW,
    ),
    Bad(
        "signer not yet valid",
        _signer(_EARLY, _CA),
        "the certificate 'New Signer' is not valid before 2026-07-01 00:00:00 UTC,"
        " and the time is 2026-06-01 12:00:00 UTC",
        "Check the clock and SOURCE_DATE_EPOCH.",
    ),
    Bad(
        "expired intermediate",
        _signer(pki.leaf(_EXPIRED_CA), _EXPIRED_CA),
        "the certificate 'Old CA' expired on 2026-05-01 00:00:00 UTC",
        _RENEW,
    ),
    Bad(
        "SHA-1 signer",
        _signer(pki.issue("SHA-1 Signer", _CA, digest=pki.SHA1), _CA),
        "the certificate 'SHA-1 Signer' is signed with SHA-1",
        _STRONGER,
    ),
    Bad(
        "MD5 signer",
        _md5_signer,
        "the certificate 'MD5 Signer' is signed with MD5",
        _STRONGER,
    ),
    Bad(
        "SHA-224 signer",
        _signer(pki.issue("SHA-224 Signer", _CA, digest=hashes.SHA224()), _CA),
        "the certificate 'SHA-224 Signer' is signed with SHA-224",
        _STRONGER,
    ),
    Bad(
        "SHA-1 intermediate",
        _signer(pki.leaf(_SHA1_CA), _SHA1_CA, _ROOT),
        "the certificate 'SHA-1 CA' is signed with SHA-1",
        _STRONGER,
    ),
    Bad(
        "RSA too small",
        _kind("rsa-1024"),
        "pem:{d}/id.pem: the RSA key of 1024 bits is too small",
        _SUPPORTED,
    ),
    Bad(
        "RSA too large",
        _kind("rsa-4104"),
        "pem:{d}/id.pem: the RSA key of 4104 bits is too large",
        _SUPPORTED,
    ),
    Bad(
        "RSA of the CA too small",
        _weak_ca,
        "the certificate 'Weak CA' has an RSA key of only 1024 bits",
        "Get one with at least 2048 bits.",
    ),
    Bad(
        "P-521",
        _kind("p521"),
        "pem:{d}/id.pem: the curve secp521r1 is not supported",
        _SUPPORTED,
    ),
    Bad(
        "Ed25519",
        _kind("ed25519"),
        "pem:{d}/id.pem: Ed25519 keys are not supported",
        _SUPPORTED,
    ),
    Bad(
        "DSA",
        _kind("dsa"),
        "pem:{d}/id.pem: DSA keys are not supported",
        _SUPPORTED,
    ),
    Bad(
        "issuer not given",
        _signer(_LEAF),
        "missing intermediate: no certificate of 'Test CA' was given",
        "Add the certificate of 'Test CA' with --certificates; the CA publishes it.",
    ),
    Bad(
        "root given, intermediate missing",
        _signer(_LEAF, _ROOT),
        "missing intermediate: no certificate of 'Test CA' was given",
        "Add the certificate of 'Test CA' with --certificates; the CA publishes it.",
    ),
    Bad(
        "gap below a given root",
        _signer(pki.leaf(_BELOW), _BELOW, _ROOT),
        "missing intermediate: no certificate of 'Narrow CA' was given",
        "Add the certificate of 'Narrow CA' with --certificates; the CA publishes it.",
    ),
    Bad(
        "issuer of the same name with another key",
        _signer(_LEAF, _NAMESAKE),
        "missing intermediate: no certificate of 'Test CA' was given that signed 'Test Signer',"
        " only another one of that name",
        "Add the certificate of 'Test CA' with --certificates; the CA publishes it.",
    ),
    Bad(
        "issuer is no CA",
        _signer(pki.leaf(_NOT_A_CA), _NOT_A_CA, _ROOT),
        "the certificate 'Plain' issued another one but is not a CA",
        "Get a certificate that a CA issued.",
    ),
    Bad(
        "CA without keyCertSign",
        _signer(pki.leaf(_NO_CERT_SIGN), _NO_CERT_SIGN),
        "the CA certificate 'CRL CA' has no key usage keyCertSign",
        "Get a certificate from a CA that may issue.",
    ),
    Bad(
        "path too long",
        _signer(pki.leaf(_BELOW), _BELOW, _NARROW),
        "the CA certificate 'Narrow CA' allows 0 CAs below it, and there are 1",
        "Get a certificate from a CA higher up.",
    ),
    Bad(
        "signer may not sign data",
        _signer(pki.issue("TLS", _CA, extensions=[pki.usage(key_encipherment=True)]), _CA),
        "the certificate 'TLS' may not sign data",
        "Get one whose key usage has digitalSignature.",
    ),
    Bad(
        "too many certificates",
        _bundle(_LEAF.key_pem, *(pki.leaf(_CA, kind="p256").pem for _ in range(101))),
        "there are 101 certificates, more than 100",
        "Give those of the signer's own chain only.",
    ),
    Bad(
        "unknown scheme",
        _uri("usb:token=t?pin-value=1234"),
        "unknown kind of identity 'usb:'",
        "Name one that starts with pem:, p12:, pkcs11:, awskms:",
    ),
    Bad(
        "no scheme",
        _uri("signer.pem"),
        "the identity does not begin with its kind and a colon",
        "Name one that starts with pem:, p12:, pkcs11:, awskms:",
    ),
    Bad(
        "no file",
        _uri("p12:"),
        "'p12:' names no file",
        "Write p12:FILE.",
    ),
]


@pytest.mark.parametrize("bad", [pytest.param(case, id=case.name) for case in _CASES])
def test_it_is_refused(bad: Bad, tmp_path: Path) -> None:
    uri = bad.make(tmp_path)
    passphrase = None if bad.answer is None else (lambda: Secret(str(bad.answer)))
    with pytest.raises(SigningError) as refused:
        open_identity(uri, passphrase=passphrase, certificates=None, at=pki.NOW)
    assert refused.value.message == bad.message.replace("{d}", str(tmp_path))
    assert refused.value.hint == bad.hint
    assert refused.value.exit_code == 4
    assert "battery" not in repr(refused.value) + str(refused.value.__cause__)


def test_a_file_of_certificates_without_one(tmp_path: Path) -> None:
    uri = pki.chain().write(tmp_path)
    extra = tmp_path / "extra.cer"
    extra.write_bytes(b"\x30\x00")
    with pytest.raises(SigningError) as refused:
        open_identity(uri, passphrase=None, certificates=extra, at=pki.NOW)
    assert refused.value.message == f"{extra}: is no certificate, or a damaged one"
    assert refused.value.hint == "Name a certificate in PEM or DER."
