"""A request for a certificate: both files or none, and a key that only its owner reads."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from profilegen.errors import SigningError, UsageError
from profilegen.signing.algorithms import KeyKind, key_name
from profilegen.signing.request import certificate_request


@pytest.mark.parametrize(
    ("kind", "name"),
    [(KeyKind.RSA_2048, "RSA 2048"), (KeyKind.P256, "ECDSA P-256"), (KeyKind.P384, "ECDSA P-384")],
)
def test_a_request_is_signed_by_its_key(kind: KeyKind, name: str, tmp_path: Path) -> None:
    key_file, request_file = tmp_path / "signer.key", tmp_path / "signer.csr"
    certificate_request(
        subject_name="Northwind Profiles",
        organization="Northwind Traders",
        key=kind,
        key_out=key_file,
        request_out=request_file,
    )
    request = x509.load_pem_x509_csr(request_file.read_bytes())
    key = load_pem_private_key(key_file.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    assert key_name(key.public_key()) == name
    assert request.subject.rfc4514_string() == "CN=Northwind Profiles,O=Northwind Traders"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def _request(folder: Path, *, name: str = "Northwind", organization: str | None = None) -> None:
    certificate_request(
        subject_name=name,
        organization=organization,
        key=KeyKind.P256,
        key_out=folder / "signer.key",
        request_out=folder / "signer.csr",
    )


@pytest.mark.parametrize("taken", ["signer.key", "signer.csr"])
def test_nothing_is_overwritten(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(SigningError) as refused:
        _request(tmp_path)
    assert refused.value.message == f"{tmp_path / taken}: exists already"
    assert [p.name for p in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="cannot be written: No such file or directory"):
        _request(tmp_path / "none")


@pytest.mark.parametrize(("name", "organization"), [("", None), ("x" * 65, None), ("x", "y" * 65)])
def test_names_have_a_limit(name: str, organization: str | None, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        _request(tmp_path, name=name, organization=organization)
    assert refused.value.message == "the names in a certificate have 1 to 64 characters"
    assert refused.value.exit_code == 2
    assert not list(tmp_path.iterdir())
