"""Certificates of devices come from files and folders in the forms that people have them in."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import SigningError
from profilegen.signing.recipients import certificate_files, read_recipients
from tests.support import pki
from tests.support.devices import device

ANNA, BO = device("anna"), device("bo", "rsa-3072")


@pytest.mark.parametrize("suffix", [".pem", ".der", ".cer", ".crt", ".txt"])
@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_the_suffix_does_not_matter(suffix: str, encoding: Encoding, tmp_path: Path) -> None:
    path = tmp_path / f"phone{suffix}"
    path.write_bytes(ANNA.certificate.public_bytes(encoding))
    assert read_recipients(path, at=pki.NOW) == (ANNA.certificate,)


def test_several_in_a_file_with_text_between_them(tmp_path: Path) -> None:
    path = tmp_path / "phones.pem"
    path.write_bytes(b"Anna's phone:\n" + ANNA.pem + b"Bo's phone:\n" + BO.pem)
    assert read_recipients(path, at=pki.NOW) == (ANNA.certificate, BO.certificate)


def test_a_folder_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b.pem").write_bytes(ANNA.pem)
    (tmp_path / "a.crt").write_bytes(BO.pem)
    (tmp_path / "README.md").write_bytes(b"The phones of the board.")
    (tmp_path / "old.pem").mkdir()
    assert certificate_files(tmp_path) == {"a.crt", "b.pem"}
    assert read_recipients(tmp_path, at=pki.NOW) == (BO.certificate, ANNA.certificate)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no certificate"),
        (b"hello", "holds no certificate"),
        (ANNA.key_pem, "holds no certificate"),
        (ANNA.pem.replace(b"MII", b"MIJ", 1), "a certificate in it cannot be read"),
        (ANNA.certificate.public_bytes(Encoding.DER)[:-1], "is no certificate, or a damaged one"),
        (ANNA.pem + device("curve", "p256").pem, "its key is ECDSA P-256"),
        (b"x" * (1024 * 1024 + 1), "larger than 1024 KiB"),
    ],
    ids=["empty", "text", "key", "damaged-pem", "damaged-der", "one-of-two", "large"],
)
def test_files_that_will_not_do(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "phone.pem"
    path.write_bytes(content)
    for given in (path, tmp_path):
        with pytest.raises(SigningError, match=message) as refused:
            read_recipients(given, at=pki.NOW)
        assert refused.value.message.startswith(f"{path}: ")
        assert refused.value.exit_code == 4


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="the folder holds no file of certificates"):
        read_recipients(tmp_path, at=pki.NOW)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SigningError, match="no such file"):
        read_recipients(tmp_path / "phones", at=pki.NOW)
    with pytest.raises(SigningError, match="phones: cannot be read: No such file"):
        certificate_files(tmp_path / "phones")
