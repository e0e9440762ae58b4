"""`profilegen sign`: put a signature into a profile, or beside any other file."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from profilegen import clock
from profilegen.audit.document import DocumentError, Profile, read_document
from profilegen.cli.identities import IdentityOptions, open_signer
from profilegen.cli.inputs import read_bytes
from profilegen.cli.options import identity_options, output_options
from profilegen.cli.output import emit, emit_json, note
from profilegen.errors import InputError, UsageError, VerificationError
from profilegen.release.sealing import Signer
from profilegen.release.staging import replace_file
from profilegen.signing.certificates import short_name
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.message import looks_signed, read_signed
from profilegen.signing.verify import check_integrity

SCHEMA = "profilegen.sign/1"
_PROFILE_SUFFIX = ".mobileconfig"


@dataclass(frozen=True, slots=True)
class _Task:
    """One file to sign, and where to: `detached` puts a signature beside it."""

    source: Path
    content: bytes
    detached: bool
    place: Path


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="File, or for several files the folder, to write to.",
)
@click.option("--detached", is_flag=True, help="Sign beside the file, also for a profile.")
@identity_options
@output_options
def sign(  # noqa: PLR0913  (one parameter for each option of the command)
    files: tuple[Path, ...],
    *,
    output: Path | None,
    detached: bool,
    identity: str | None,
    certificates: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Sign profiles and other files.

    A profile is signed inside its own CMS and written to NAME.signed.mobileconfig; any other file
    gets a detached signature NAME.p7s. A signature that a profile already has is replaced.
    """
    del quiet
    at = clock.now(os.environ)
    tasks = [
        _task(path, output, several=len(files) > 1, detached=detached)
        for path in dict.fromkeys(files)
    ]
    _refuse_overwriting(tasks)
    options = IdentityOptions(identity, certificates, passphrase_file, passphrase_env)
    signer = open_signer(options, at=at)
    signed = [_sign(task, signer, at) for task in tasks]
    for task, content in zip(tasks, signed, strict=True):
        replace_file(task.place, content)
    _report(tasks, signer, output_format)


def _task(path: Path, output: Path | None, *, several: bool, detached: bool) -> _Task:
    content = read_bytes(path)
    beside = detached or not _is_profile(path, content)
    if output is not None and not output.is_dir():
        if several:
            message = f"{output}: several files need a folder to go to"
            raise UsageError(message, hint="Make the folder first, or sign one file at a time.")
        return _Task(path, content, beside, output)
    folder = path.parent if output is None else output
    stem = path.name.removesuffix(_PROFILE_SUFFIX).removesuffix(".signed")
    name = f"{path.name}.p7s" if beside else f"{stem}.signed{_PROFILE_SUFFIX}"
    return _Task(path, content, beside, folder / name)


def _is_profile(path: Path, content: bytes) -> bool:
    """Whether `content` is a profile, or a CMS that may hold one.

    Raises DocumentError for a file that has a profile's name and is none.
    """
    if looks_signed(content):
        return True
    try:
        return isinstance(read_document(path.name, content), Profile)
    except DocumentError:
        if path.suffix == _PROFILE_SUFFIX:
            raise
        return False


def _refuse_overwriting(tasks: list[_Task]) -> None:
    """Raise UsageError when two files have one place, or a signature would replace its file."""
    places = Counter(task.place for task in tasks)
    for task in tasks:
        if places[task.place] > 1:
            message = f"{task.place}: two of the files would be written to this place"
            raise UsageError(message, hint="Sign these files one at a time, with -o.")
        if task.detached and task.place.exists() and task.place.samefile(task.source):
            message = f"{task.source}: the signature would be written over the file"
            raise UsageError(message, hint="Name another file with -o.")


def _sign(task: _Task, signer: Signer, at: datetime) -> bytes:
    if task.detached:
        return sign_detached(task.content, signer.identity, signed_at=at)
    return sign_embedded(_plain(task.source, task.content), signer.identity, signed_at=at)


def _plain(path: Path, content: bytes) -> bytes:
    """Return the content to sign: of a signed profile, what its signature covers.

    Raises VerificationError when the file was changed after it was signed: a new signature shall
    not make that look right.
    """
    if not looks_signed(content):
        return content
    message = read_signed(content)
    if message.content is None:
        text = f"{path}: a detached signature holds nothing to sign"
        raise InputError(text, hint="Sign the file that it belongs to.")
    try:
        plain = check_integrity(message)
    except VerificationError as error:
        text = f"{path}: {error.message}"
        raise VerificationError(text, hint="Get the file again, or sign its source.") from error
    signer = "an unnamed signer" if message.signer is None else short_name(message.signer.subject)
    note(f"{path}: the signature by {signer} is replaced.")
    return plain


def _report(tasks: list[_Task], signer: Signer, output_format: str) -> None:
    if output_format == "json":
        files = [{"file": str(task.source), "signed": str(task.place)} for task in tasks]
        record = signer.record
        emit_json(
            {
                "schema": SCHEMA,
                "signer": {"subject": record.subject, "fingerprint": record.fingerprint},
                "files": files,
            }
        )
        return
    for task in tasks:
        emit(f"{task.place}: signed by {signer.record.subject}")
