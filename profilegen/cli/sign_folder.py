"""The files of a folder that `sign` signs: profiles, and JSON of any kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import NoReturn

from profilegen.audit.damage import DamageError
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    AppProtection,
    Declaration,
    DocumentError,
    Profile,
    read_document,
)
from profilegen.audit.json_text import read_json
from profilegen.cli.inputs import MAX_INPUT, read_bytes
from profilegen.errors import InputError, UsageError, VerificationError
from profilegen.release.verify import is_release
from profilegen.signing.signed_file import inspect_signed, seems_signed

PROFILE_SUFFIX = ".mobileconfig"
SIGNATURE_SUFFIX = ".p7s"
_JSON_SUFFIX = ".json"
_WRITTEN_FOR_DEVICES = (AndroidPolicy, AppConfiguration, AppProtection, Declaration)


class Form(Enum):
    """How a file is signed: inside its own CMS, or by a signature beside it."""

    EMBEDDED = auto()
    DETACHED = auto()


class Skip(StrEnum):
    """Why a file of a folder is not signed."""

    FOREIGN = "neither a profile nor JSON"
    LINK = "a link"


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder, with how it is to be signed or why it is not."""

    path: Path
    content: bytes
    answer: Form | Skip


def files_in(folder: Path, *, leave_out: Path | None) -> Iterator[Found]:
    """Yield the files of `folder` and its subfolders, in the order of their names.

    Left out without a word are hidden files and folders, detached signatures, and the folder
    `leave_out`, where the results go. Raises UsageError for a release, InputError for a folder or
    file that cannot be read and for one with the name of a profile or of JSON that is none.
    """
    results = None if leave_out is None else leave_out.resolve()
    for root, folders, names in os.walk(folder, onerror=_refuse_unreadable):
        here = Path(root)
        if is_release(here):
            message = f"{here}: is a release, whose manifest names every file as it is"
            raise UsageError(message, hint="Build it anew, or name the single files to sign.")
        visible = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [name for name in visible if (here / name).resolve() != results]
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted((*names, *links)):
            if not name.startswith(".") and not name.lower().endswith(SIGNATURE_SUFFIX):
                yield from _found(here / name)


def _refuse_unreadable(error: OSError) -> NoReturn:
    message = f"{os.fsdecode(error.filename)}: cannot read the folder: {error.strerror}"
    raise InputError(message, hint="Check that you may read it.") from error


def _found(path: Path) -> Iterator[Found]:
    if path.is_symlink():
        yield Found(path, b"", Skip.LINK)
    elif not path.is_file() or _is_too_large(path):
        yield Found(path, b"", Skip.FOREIGN)
    else:
        content = read_bytes(path)
        answer = _answer(path, content)
        if answer is not None:
            yield Found(path, content, answer)


def _is_too_large(path: Path) -> bool:
    """Say whether a file is larger than any that is signed, unless its name claims to be one."""
    claims = path.suffix.lower() in {PROFILE_SUFFIX, _JSON_SUFFIX}
    return path.stat().st_size > MAX_INPUT and not claims


def _answer(path: Path, content: bytes) -> Form | Skip | None:
    """Return None for a detached signature, whatever its name is."""
    if seems_signed(content):
        return _answer_of_signed(path, content)
    try:
        document = read_document(str(path), content)
    except DocumentError:
        if path.suffix.lower() == PROFILE_SUFFIX:
            raise
        return _answer_of_json(path, content)
    if isinstance(document, Profile):
        return Form.EMBEDDED
    return Form.DETACHED if isinstance(document, _WRITTEN_FOR_DEVICES) else Skip.FOREIGN


def _answer_of_signed(path: Path, content: bytes) -> Form | Skip | None:
    """Tell signed profiles from certificates, keys and the rest of what begins as they do."""
    try:
        inner = inspect_signed(content).content
    except VerificationError as error:
        if path.suffix.lower() != PROFILE_SUFFIX:
            return Skip.FOREIGN
        message = f"{path}: {error.message}"
        raise VerificationError(message, hint=error.hint) from error
    if inner is None:
        return None
    try:
        document = read_document(path.name, inner)
    except DocumentError:
        return Skip.FOREIGN
    return Form.EMBEDDED if isinstance(document, Profile) else Skip.FOREIGN


def _answer_of_json(path: Path, content: bytes) -> Form | Skip:
    if path.suffix.lower() != _JSON_SUFFIX:
        return Skip.FOREIGN
    try:
        read_json(content)
    except (DamageError, ValueError) as error:
        message = f"{path}: no JSON: {' '.join(str(error).split())}"
        raise InputError(message, hint="Mend it, or move it out of the folder.") from error
    return Form.DETACHED
