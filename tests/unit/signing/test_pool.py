"""Certificates and CRLs come from files and folders, in PEM or DER."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import SigningError
from profilegen.signing import pool
from profilegen.signing.pool import read_certificate_pool, read_crls
from profilegen.signing.trust import find_trust
from tests.support import pki
from tests.support.adversarial_pki import ROOT, revocation_list

CHAIN = pki.chain()
DER = CHAIN.intermediate.certificate.public_bytes(Encoding.DER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with three certificates, and with what is none."""
    (tmp_path / "a.pem").write_bytes(b"a comment\n" + CHAIN.root.pem + CHAIN.leaf.pem)
    (tmp_path / "b.cer").write_bytes(DER)
    (tmp_path / "c.pem").write_bytes(CHAIN.leaf.key_pem)
    (tmp_path / "d.der").write_bytes(DER[:-1])
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "e.pem").write_bytes(pki.chain(name="Other").root.pem)
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


def test_a_folder_gives_what_is_of_use_and_says_what_is_not(folder: Path) -> None:
    found = read_certificate_pool([folder])
    assert found.found == tuple(
        one.certificate for one in (CHAIN.root, CHAIN.leaf, CHAIN.intermediate)
    )
    assert found.skipped == (
        f"{folder}/c.pem: holds no certificate: skipped",
        f"{folder}/d.der: is no certificate, or a damaged one: skipped",
    )
    trust = find_trust(folder, folder=folder)
    assert (trust.anchors, trust.skipped) == (found.found, found.skipped)


def test_files_and_folders_add_up(folder: Path) -> None:
    found = read_certificate_pool([folder / "b.cer", folder / "inner"]).found
    assert [one.subject for one in found] == [pki.name_of("Test CA"), pki.name_of("Other Root")]
    assert read_certificate_pool([]).found == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "{d}/none: no such file"),
        ("c.pem", "{d}/c.pem: holds no certificate"),
        ("d.der", "{d}/d.der: is no certificate, or a damaged one"),
        ("empty", "{d}/empty: no file in the folder holds a certificate"),
    ],
)
def test_a_file_that_is_named_has_to_be_of_use(folder: Path, name: str, message: str) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(SigningError) as refused:
        read_certificate_pool([folder / name])
    assert refused.value.message == message.replace("{d}", str(folder))
    assert refused.value.hint


def test_a_folder_has_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_MAX_FILES", 3)
    with pytest.raises(SigningError, match="4 files in the folder, more than 3"):
        read_certificate_pool([folder])


def test_lists_remember_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.crl").write_bytes(revocation_list(ROOT))
    (found,) = read_crls([tmp_path]).found
    assert (found.where, found.unknown) == (f"{tmp_path}/a.crl", "")
    with pytest.raises(SigningError, match="is no certificate, or a damaged one"):
        read_certificate_pool([tmp_path / "a.crl"])
