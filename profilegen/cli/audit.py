"""`profilegen audit`: what anyone's profiles and policies leave open, signed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from profilegen.audit.document import (
    MAX_BYTES,
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    DocumentError,
    Profile,
    read_document,
)
from profilegen.audit.flows import Context, flows
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.cli.audit_output import Audited, Finding, as_json, as_text
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, note
from profilegen.errors import CheckError, ProfilegenError, VerificationError
from profilegen.signing.certificates import short_name
from profilegen.signing.message import looks_signed, read_signed
from profilegen.versions import Version, parse_version

_SUFFIXES = frozenset({".json", ".mobileconfig", ".plist"})
_ENROLLMENT = Enrollment.DEVICE
_MODE = Mode.WORK_PROFILE


class _UnreadableFilesError(DocumentError):
    """Several of the named files are no documents."""

    def __init__(self, errors: Sequence[ProfilegenError]) -> None:
        super().__init__(f"{len(errors)} files cannot be read")
        self._errors = tuple(errors)

    def reports(self) -> tuple[tuple[str, str], ...]:
        return tuple(report for error in self._errors for report in error.reports())


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its document, or the error, and who signed it."""

    name: str
    document: Document | None
    signer: str | None
    error: DocumentError | None = None


def _version(ctx: click.Context, param: click.Parameter, value: str | None) -> Version | None:
    try:
        return None if value is None else parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option("--as-device", is_flag=True, help="Also judge all files as one device gets them.")
@click.option(
    "--enrollment",
    type=click.Choice([item.value for item in Enrollment]),
    help=f"How iOS devices are managed; {_ENROLLMENT} if not given.",
)
@click.option(
    "--mode",
    type=click.Choice([item.value for item in Mode]),
    help=f"How Android devices are managed; {_MODE} if not given.",
)
@click.option(
    "--os",
    "oldest",
    callback=_version,
    metavar="V",
    help="Oldest OS version in use; the newest known if not given.",
)
@output_options
def audit(  # noqa: PLR0913  (one parameter for each option of the command)
    files: tuple[Path, ...],
    *,
    as_device: bool,
    enrollment: str | None,
    mode: str | None,
    oldest: Version | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Say which channels FILE... leave open, for which account.

    Takes profiles, Android policies, declarations and iOS app configurations, signed or not, and
    folders of them.
    """
    del quiet  # read by `note`
    context = Context(
        Enrollment(enrollment or _ENROLLMENT),
        Mode(mode or _MODE),
        oldest or newest_version(Platform.IOS),
        oldest or newest_version(Platform.ANDROID),
    )
    assumed = _assumed(context, enrollment=enrollment, mode=mode, oldest=oldest)
    read = _read_all(files)
    audited = tuple(_audited(item, context) for item in read)
    documents = [item.document for item in read if item.document is not None]
    device = flows(documents, context) if as_device else None
    if output_format == "json":
        emit_json(as_json(audited, device, assumed))
    else:
        emit(as_text(audited, device, assumed))
    unreadable = sum(item.error is not None for item in read)
    if unreadable:
        message = f"{unreadable} of {len(read)} files cannot be read"
        raise CheckError(message, hint="The findings above say why.")


def _assumed(
    context: Context, *, enrollment: str | None, mode: str | None, oldest: Version | None
) -> dict[str, str]:
    """Return the options that were not given, each with what was taken instead."""
    assumed: dict[str, str] = {}
    if enrollment is None:
        assumed["--enrollment"] = context.enrollment
    if mode is None:
        assumed["--mode"] = context.mode
    if oldest is None:
        assumed["--os"] = f"iOS {context.ios}, Android {context.android}"
    return assumed


def _audited(item: _Read, context: Context) -> Audited:
    if item.document is None:
        message = "" if item.error is None else item.error.message
        hint = "" if item.error is None else item.error.hint
        finding = Finding("unreadable", "error", "", message, hint)
        return Audited(item.name, "unknown", item.signer, (finding,), ())
    found = flows((item.document,), context)
    return Audited(item.name, _kind(item.document), item.signer, _hidden(item.document), found)


def _hidden(document: Document) -> tuple[Finding, ...]:
    """Return what of the document could not be read: the content encrypted for one device."""
    if not isinstance(document, Profile) or "EncryptedPayloadContent" not in document.content:
        return ()
    return (
        Finding(
            "encrypted-content",
            "warning",
            "EncryptedPayloadContent",
            "The payloads are encrypted for a device, so these flows leave them out.",
            "Audit the profile before it is encrypted.",
        ),
    )


def _kind(document: Document) -> str:
    match document:
        case Profile():
            return "profile"
        case AndroidPolicy():
            return "android-policy"
        case Declaration():
            return "declaration"
        case AppConfiguration():
            return "app-configuration"


def _read_all(paths: Sequence[Path]) -> tuple[_Read, ...]:
    """Return every file of `paths`, those in folders too; only named ones must be documents.

    Raises DocumentError for named files that are none. In a folder they become findings, except
    JSON files: manifests and much else lie there.
    """
    read = [item for path in paths for item in _read_path(path)]
    named = {str(path) for path in paths}
    errors = [item.error for item in read if item.error is not None and item.name in named]
    if len(errors) > 1:
        raise _UnreadableFilesError(errors)
    if errors:
        raise errors[0]
    return tuple(read)


def _read_path(path: Path) -> Iterator[_Read]:
    if not path.is_dir():
        yield _read_file(path)
        return
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() not in _SUFFIXES or not file.is_file():
            continue
        item = _read_file(file)
        if item.error is not None and file.suffix.lower() == ".json":
            note(f"Skipped {item.error.message}")
        else:
            yield item


def _read_file(path: Path) -> _Read:
    name = str(path)
    try:
        with path.open("rb") as stream:
            content, signer = _unwrapped(name, stream.read(2 * MAX_BYTES))
        return _Read(name, read_document(name, content), signer)
    except OSError as error:
        message = f"{name}: cannot read the file: {error.strerror}"
        hint = "Check the path and that you may read it."
        return _Read(name, None, None, DocumentError(message, hint=hint))
    except DocumentError as error:
        return _Read(name, None, None, error)


def _unwrapped(name: str, data: bytes) -> tuple[bytes, str | None]:
    """Return the content of `data` and who signed it, None when nobody did."""
    if not looks_signed(data):
        return data, None
    try:
        message = read_signed(data)
    except VerificationError as error:
        text = f"{name}: {error.message}"
        raise DocumentError(text, hint=error.hint) from error
    if message.content is None:
        text = f"{name}: a detached signature without the file that it signs"
        raise DocumentError(text, hint="Give the signed file itself.")
    signer = "unknown signer" if message.signer is None else short_name(message.signer.subject)
    return message.content, signer
