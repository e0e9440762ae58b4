"""Read the certificates of devices from files and folders."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from cryptography import x509

from profilegen.errors import SigningError
from profilegen.signing.encrypt import refuse_recipient
from profilegen.signing.pool import read_certificate_pool

SUFFIXES = (".pem", ".der", ".cer", ".crt")
"""Of the files in a folder that are read; the suffix does not say which form the file has."""


def read_recipients(path: Path, *, at: datetime) -> tuple[x509.Certificate, ...]:
    """Return the device certificates in a file, or in all files of a folder in the order of names.

    A file holds one certificate as DER, or any number as PEM. Raises SigningError for a file or a
    folder that cannot be read or holds none, and for a certificate that is not good for a device
    at `at`.
    """
    if not path.is_dir():
        return _read_file(path, at)
    files = [path / name for name in sorted(certificate_files(path))]
    if not files:
        message = f"{path}: the folder holds no file of certificates ({', '.join(SUFFIXES)})"
        raise SigningError(message, hint="Put the certificates of the devices there.")
    return tuple(certificate for file in files for certificate in _read_file(file, at))


def certificate_files(folder: Path) -> frozenset[str]:
    """Return the names of the files in `folder` that have a suffix of SUFFIXES, in lower case.

    Folders in it are not looked into. Raises SigningError when it cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            return frozenset(e.name for e in entries if e.name.endswith(SUFFIXES) and e.is_file())
    except OSError as error:
        message = f"{folder}: cannot be read: {error.strerror}"
        raise SigningError(message, hint="Name the folder of the device certificates.") from error


def _read_file(path: Path, at: datetime) -> tuple[x509.Certificate, ...]:
    found = read_certificate_pool([path]).found
    for certificate in found:
        refuse_recipient(certificate, at=at, where=str(path))
    return found
