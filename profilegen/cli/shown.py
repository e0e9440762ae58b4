"""Read what `show` is given: a file, standard input, or a member of an archive of users' files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from profilegen.cli.inputs import STREAM, read_bytes, read_input
from profilegen.errors import InputError
from profilegen.inspection.archive_members import ArchiveError, read_members
from profilegen.inspection.archived_documents import is_archive, member_name, split_name
from profilegen.inspection.files import SIGNATURE_SUFFIX
from profilegen.inspection.user_index import INDEX_NAME


def read_shown(file: Path) -> tuple[bytes, bytes]:
    """Return the content of a file and of the detached signature beside it, b"" where none is.

    A name like `users/00000.tar: anna.json` is a member of an archive, unless a file has it. Raises
    InputError as `read_input`, for an archive itself and for members that are not there.
    """
    named = None if os.path.lexists(file) else split_name(str(file))
    if named is not None:
        return _read_member(*named)
    if file != STREAM and is_archive(file):
        _refuse_archive(file)
    data = read_input(file)
    beside = file.with_name(f"{file.name}{SIGNATURE_SUFFIX}")
    return data, read_bytes(beside) if file != STREAM and beside.is_file() else b""


def _read_member(archive: str, member: str) -> tuple[bytes, bytes]:
    path = Path(archive)
    if member.endswith(SIGNATURE_SUFFIX):
        message = f"{member_name(archive, member)}: a detached signature"
        signed = member_name(archive, member.removesuffix(SIGNATURE_SUFFIX))
        raise InputError(message, hint=f"Show the file that it signs: {signed!r}.")
    found: dict[str, bytes] = {}
    for name, content in _members(path):
        if name in {member, f"{member}{SIGNATURE_SUFFIX}"}:
            found[name] = content
        elif member in found:
            break  # a signature stands behind the file that it signs
    if member not in found:
        message = f"{path}: the archive has no member {member!a}"
        hint = f"{path.parent / INDEX_NAME} says which user's file lies where."
        raise InputError(message, hint=hint)
    return found[member], found.get(f"{member}{SIGNATURE_SUFFIX}", b"")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        yield from read_members(path)
    except (ArchiveError, OSError) as error:
        message = f"{path}: {error}"
        hint = "`profilegen verify` says what is wrong with the release."
        raise InputError(message, hint=hint) from error


def _refuse_archive(path: Path) -> NoReturn:
    """Raise InputError with a name that shows something in the archive."""
    first = next((name for name, _ in _members(path)), "")
    message = f"{path}: an archive of users' files"
    example = (
        f"Name one of them, such as {member_name(str(path), first)!r}" if first else "Name one"
    )
    raise InputError(message, hint=f"{example}; {path.parent / INDEX_NAME} lists them.")
