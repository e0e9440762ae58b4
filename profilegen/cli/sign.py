"""`profilegen sign`: put a signature into a profile, or beside any other file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.identities import IdentityOptions, open_signer
from profilegen.cli.inputs import read_bytes
from profilegen.cli.options import identity_options, output_options
from profilegen.cli.output import emit, emit_json, note
from profilegen.errors import InputError, UsageError
from profilegen.plist import load_plist
from profilegen.release.build import Signer
from profilegen.release.staging import replace_file
from profilegen.signing.certificates import short_name
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.message import looks_signed, read_signed

SCHEMA = "profilegen.sign/1"
_PROFILE_SUFFIX = ".mobileconfig"


@dataclass(frozen=True, slots=True)
class _Signed:
    """One signed file: what it was made from, where it goes and its bytes."""

    source: Path
    path: Path
    content: bytes


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
    contents = {path: read_bytes(path) for path in files}
    places = {path: _place(path, contents[path], output, len(files), detached) for path in files}
    if len(set(places.values())) < len(places):
        message = f"{output}: two of the files would be written to the same place"
        raise UsageError(message, hint="Sign files of the same name one at a time.")
    options = IdentityOptions(identity, certificates, passphrase_file, passphrase_env)
    signer = open_signer(options, at=at)
    signed = [
        _Signed(
            path,
            places[path],
            sign_detached(content, signer.identity, signed_at=at)
            if _is_detached(content, detached)
            else sign_embedded(_plain(path, content), signer.identity, signed_at=at),
        )
        for path, content in contents.items()
    ]
    for item in signed:
        replace_file(item.path, item.content)
    _report(signed, signer, output_format)


def _is_detached(content: bytes, asked: bool) -> bool:  # noqa: FBT001  (the option's own value)
    return asked or not _is_profile(content)


def _place(path: Path, content: bytes, output: Path | None, count: int, detached: bool) -> Path:  # noqa: FBT001  (the option's own value)
    if output is not None and count == 1 and not output.is_dir():
        return output
    if output is not None and not output.is_dir():
        message = f"{output}: several files need a folder to go to"
        raise UsageError(message, hint="Make the folder first, or sign one file at a time.")
    folder = path.parent if output is None else output
    if _is_detached(content, detached):
        return folder / f"{path.name}.p7s"
    stem = path.name.removesuffix(_PROFILE_SUFFIX).removesuffix(".signed")
    return folder / f"{stem}.signed{_PROFILE_SUFFIX}"


def _is_profile(content: bytes) -> bool:
    """Whether `content` is a property list, or a CMS that may hold one."""
    if looks_signed(content):
        return True
    try:
        load_plist(content)
    except ValueError:
        return False
    return True


def _plain(path: Path, content: bytes) -> bytes:
    """Return the content to sign: of a signed profile, what its signature covers."""
    if not looks_signed(content):
        return content
    message = read_signed(content)
    if message.content is None:
        text = f"{path}: a detached signature holds nothing to sign"
        raise InputError(text, hint="Sign the file that it belongs to.")
    signer = "an unnamed signer" if message.signer is None else short_name(message.signer.subject)
    note(f"{path}: the signature by {signer} is replaced.")
    return message.content


def _report(signed: list[_Signed], signer: Signer, output_format: str) -> None:
    if output_format == "json":
        files = [{"file": str(item.source), "signed": str(item.path)} for item in signed]
        record = signer.record
        emit_json(
            {
                "schema": SCHEMA,
                "signer": {"subject": record.subject, "fingerprint": record.fingerprint},
                "files": files,
            }
        )
        return
    for item in signed:
        emit(f"{item.path}: signed by {signer.record.subject}")
