"""Trust comes from the caller, and its origin is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import SigningError
from profilegen.signing.trust import find_trust, system_trust
from tests.support import pki


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store.crt"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_what_is_given_wins(tmp_path: Path) -> None:
    given, development = tmp_path / "given.pem", tmp_path / "root.pem"
    given.write_bytes(pki.chain(name="Given").root.pem)
    development.write_bytes(pki.chain().root.pem)
    trust = find_trust(given, folder=tmp_path)
    assert trust.anchors == (pki.chain(name="Given").root.certificate,)
    assert trust.describe() == f"{given} (CN=Given Root)"


def test_then_the_development_root(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pki.chain().root.pem)
    trust = find_trust(None, folder=tmp_path)
    assert trust.describe() == f"{tmp_path / 'root.pem'} (CN=Test Root)"


def test_then_the_system(tmp_path: Path, store: Path) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    store.write_bytes(pki.chain().root.pem + broken + pki.chain(name="Other").root.pem)
    trust = find_trust(None, folder=tmp_path / "none")
    assert trust.describe() == "the system's store (2 certificates)"


def test_a_store_without_certificates_is_an_error(store: Path) -> None:
    store.write_bytes(b"")
    with pytest.raises(SigningError, match="the system's store holds no certificate") as refused:
        system_trust()
    assert refused.value.hint == "Name the root certificate with --trust FILE."


def test_no_store_is_an_error(store: Path) -> None:
    assert not store.exists()
    with pytest.raises(SigningError, match="this system has no store of trusted certificates"):
        system_trust()


def test_a_file_without_certificates_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    with pytest.raises(SigningError, match="holds no certificate"):
        find_trust(empty, folder=tmp_path)


def test_a_file_is_read_in_every_form_that_a_folder_is(tmp_path: Path) -> None:
    root = pki.chain().root.certificate
    (tmp_path / "root.cer").write_bytes(root.public_bytes(Encoding.DER))
    assert find_trust(tmp_path / "root.cer", folder=tmp_path).anchors == (root,)
