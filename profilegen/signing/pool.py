"""Read certificates and CRLs from files and folders that a person names, in PEM or DER."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cryptography import x509

from profilegen.errors import SigningError
from profilegen.signing.certificates import load_certificate
from profilegen.signing.files import MAX_FILE, read_small_file
from profilegen.signing.pem import blocks
from profilegen.signing.verification.revocation import Crl, load_crl

MAX_CRL = 32 * 1024 * 1024
"""Bytes; the lists of large public CAs have some MiB."""

_MAX_FILES = 1_000
_SEQUENCE = b"\x30"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Pool(Generic[_T]):
    """What was found, and a sentence for each file of a folder that was skipped."""

    found: tuple[_T, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_T]):
    """A kind of object in a file; `load` raises ValueError for bytes that are none."""

    name: str
    labels: frozenset[str]
    limit: int
    load: Callable[[bytes, str], _T]


_CERTIFICATES: _Kind[x509.Certificate] = _Kind(
    "certificate",
    frozenset({"CERTIFICATE", "X509 CERTIFICATE"}),
    MAX_FILE,
    lambda der, _where: load_certificate(der),
)
_CRLS: _Kind[Crl] = _Kind(
    "CRL", frozenset({"X509 CRL"}), MAX_CRL, lambda der, where: load_crl(der, where=where)
)


def read_certificate_pool(paths: Iterable[Path]) -> Pool[x509.Certificate]:
    """Return the certificates in files, and in the files of folders (not of folders in them).

    Raises SigningError for a file that is missing, or that holds none or a broken one; in a folder
    such a file is skipped, unless no file of it holds one.
    """
    return _read(paths, _CERTIFICATES)


def read_crls(paths: Iterable[Path]) -> Pool[Crl]:
    """Return the CRLs in files and folders; as `read_certificate_pool` in everything else."""
    return _read(paths, _CRLS)


def _read(paths: Iterable[Path], kind: _Kind[_T]) -> Pool[_T]:
    found: list[_T] = []
    skipped: list[str] = []
    for path in paths:
        if path.is_dir():
            pool = _in_folder(path, kind)
            found.extend(pool.found)
            skipped.extend(pool.skipped)
        else:
            found.extend(_in_file(path, kind))
    return Pool(tuple(found), tuple(skipped))


def _in_folder(folder: Path, kind: _Kind[_T]) -> Pool[_T]:
    found: list[_T] = []
    skipped: list[str] = []
    for path in _files(folder):
        try:
            found.extend(_in_file(path, kind))
        except SigningError as error:
            skipped.append(f"{error.message}: skipped")
    if not found:
        message = f"{folder}: no file in the folder holds a {kind.name}"
        raise SigningError(message, hint="Check the path.")
    return Pool(tuple(found), tuple(skipped))


def _files(folder: Path) -> list[Path]:
    try:
        # Others than files (a FIFO, say) could keep us waiting.
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        message = f"{folder}: cannot be read: {error.strerror}"
        raise SigningError(message, hint="Check the path and that you may read it.") from error
    if len(files) > _MAX_FILES:
        message = f"{folder}: {len(files)} files in the folder, more than {_MAX_FILES}"
        raise SigningError(message, hint="Name the files that are needed.")
    return files


def _in_file(path: Path, kind: _Kind[_T]) -> tuple[_T, ...]:
    data = read_small_file(path, limit=kind.limit)
    try:
        found = tuple(kind.load(der, str(path)) for der in _encodings(data, kind))
    except ValueError as error:
        fault = f"is no {kind.name}, or a damaged one"
        if not data.startswith(_SEQUENCE):
            fault = f"a {kind.name} in it cannot be read"
        message = f"{path}: {fault}"
        raise SigningError(message, hint=f"Name a {kind.name} in PEM or DER.") from error
    if not found:
        message = f"{path}: holds no {kind.name}"
        raise SigningError(message, hint=f"Name a {kind.name} in PEM or DER.")
    return found


def _encodings(data: bytes, kind: _Kind[_T]) -> Iterator[bytes]:
    if data.startswith(_SEQUENCE):
        yield data
        return
    for block in blocks(data):
        if block.label in kind.labels:
            yield block.der()
