"""What the certificates of a policy name is opened before it is shipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)

from profilegen.policy.certificates import (
    AcmeEnrolment,
    CaCertificate,
    Certificate,
    Pkcs12Certificate,
    ScepEnrolment,
)
from profilegen.release.material import MaterialError, read_material
from profilegen.signing.algorithms import KeyKind
from profilegen.signing.development import create_development_identity
from profilegen.signing.identity import open_identity
from tests.unit.release.samples import at_noon, policy_with

PASSPHRASE = b"the passphrase of a test"
SCEP = ScepEnrolment("s", "https://x.example", (), "", "CHALLENGE", 2048, 5, "")
ACME = AcmeEnrolment(
    "a", "https://x.example", "c", "RSA", 2048, hardware_bound=False, attest=False, subject=()
)


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certs")
    create_development_identity(folder, now=at_noon(), key=KeyKind.P256)
    leaf = x509.load_pem_x509_certificate((folder / "signer.pem").read_bytes())
    key = open_identity(
        f"pem:{folder / 'signer.key'},{folder / 'signer.pem'},{folder / 'intermediate.pem'}",
        passphrase=None,
        certificates=None,
        at=at_noon(),
    )
    assert key.leaf == leaf
    both = (folder / "root.pem").read_bytes() + (folder / "intermediate.pem").read_bytes()
    (folder / "two.pem").write_bytes(both)
    (folder / "root.der").write_bytes(
        x509.load_pem_x509_certificate((folder / "root.pem").read_bytes()).public_bytes(
            Encoding.DER
        )
    )
    (folder / "junk").write_bytes(b"junk")
    only = pkcs12.serialize_key_and_certificates(
        None, None, None, [leaf], BestAvailableEncryption(PASSPHRASE)
    )
    (folder / "certificates.p12").write_bytes(only)
    return folder


def read(folder: Path, certificate: Certificate, **environment: str) -> bytes:
    return read_material(policy_with(certificate), folder, environment)[certificate.id].content


@pytest.mark.parametrize("name", ["root.pem", "root.der"])
def test_a_ca_certificate_becomes_der(name: str, certs: Path) -> None:
    assert read(certs, CaCertificate("ca", name)) == (certs / "root.der").read_bytes()


@pytest.mark.parametrize(
    ("certificate", "message"),
    [
        (CaCertificate("c", "none"), "certificate c: cannot read none: No such file or directory"),
        (CaCertificate("c", "junk"), "certificate c: junk holds no certificate"),
        (CaCertificate("c", "two.pem"), "certificate c: two.pem holds 2 certificates"),
        (
            CaCertificate("c", "signer.pem"),
            "certificate c: signer.pem is not the certificate of a CA",
        ),
        (CaCertificate("c", "../x"), "certificate c: ../x lies outside the policy's folder"),
        (
            Pkcs12Certificate("p", "junk", "PASS"),
            "certificate p: junk does not open with its passphrase",
        ),
        (
            Pkcs12Certificate("p", "certificates.p12", "PASS"),
            "certificate p: certificates.p12 holds no key with its certificate",
        ),
        (
            Pkcs12Certificate("p", "junk", "UNSET"),
            "certificate p: the environment variable UNSET is not set",
        ),
        (SCEP, "certificate s: the environment variable CHALLENGE is not set"),
    ],
)
def test_what_cannot_be_used_is_told(certificate: Certificate, message: str, certs: Path) -> None:
    with pytest.raises(MaterialError) as caught:
        read(certs, certificate, PASS=PASSPHRASE.decode())
    assert caught.value.message == message
    assert caught.value.hint
    assert caught.value.exit_code == 3


def test_enrolments_need_no_file(certs: Path) -> None:
    assert read(certs, SCEP, CHALLENGE="x") == b""
    assert read(certs, ACME) == b""


def test_a_secret_is_not_shown(certs: Path) -> None:
    material = read_material(policy_with(SCEP), certs, {"CHALLENGE": "canary"})
    assert "canary" not in repr(material)
