"""Read the members of an archive of users' files, one at a time, without unpacking it to disk."""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from profilegen.audit.document import MAX_BYTES

_ZIP_SUFFIX, _TAR_SUFFIX, _GZIP_SUFFIX = ".zip", ".tar", ".tar.gz"
_PLAIN = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})
_ENCRYPTED = 1
# What the modules raise for bytes that are no archive, found by trying damaged ones.
_DAMAGED = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


class ArchiveError(ValueError):
    """An archive cannot be read, or holds something that is no plain file."""


def read_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each member of the archive at `path`, in their order.

    Names are as they stand there: whoever makes paths of them has to check them. The suffix, .tar,
    .tar.gz or .zip, says what it is. Raises ArchiveError for what is damaged, for links, folders
    and other things that are no plain file, and for members of more than 32 MiB; OSError when the
    file cannot be opened.
    """
    name = path.name
    with path.open("rb") as stream, _damage():
        if name.endswith(_ZIP_SUFFIX):
            yield from _zip_members(stream)
        elif name.endswith((_TAR_SUFFIX, _GZIP_SUFFIX)):
            yield from _tar_members(stream, "r:gz" if name.endswith(_GZIP_SUFFIX) else "r:")
        else:
            message = f"its name does not end with {_TAR_SUFFIX}, {_GZIP_SUFFIX} or {_ZIP_SUFFIX}"
            raise ArchiveError(message)


def _tar_members(stream: BinaryIO, mode: Literal["r:gz", "r:"]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(mode=mode, fileobj=stream) as archive:
        for member in archive:
            _check(member.name, member.size, plain=member.type in _PLAIN)
            data = archive.extractfile(member)
            content = b"" if data is None else data.read(member.size)
            if len(content) < member.size:
                message = f"it ends in the middle of {member.name!a}"
                raise ArchiveError(message)
            yield member.name, content


def _zip_members(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            plain = kind in {0, stat.S_IFREG} and not member.is_dir()
            _check(
                member.filename,
                member.file_size,
                plain=plain and not member.flag_bits & _ENCRYPTED,
            )
            yield member.filename, archive.read(member)


def _check(name: str, size: int, *, plain: bool) -> None:
    if not plain:
        message = f"{name!a} is no plain file"
        raise ArchiveError(message)
    if size > MAX_BYTES:
        message = f"{name!a} is larger than any file of a release"
        raise ArchiveError(message)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except ArchiveError:
        raise
    except _DAMAGED as error:
        message = f"no whole archive: {error}"
        raise ArchiveError(message) from error
