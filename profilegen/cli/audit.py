"""`profilegen audit`: what anyone's profiles and policies leave open, signed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from profilegen.audit.document import (
    MAX_BYTES,
    Document,
    DocumentError,
    Profile,
    kind_of,
    read_document,
)
from profilegen.audit.flows import Context, flows
from profilegen.audit.rejection import rejected_payloads
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.cli.audit_output import Audited, Finding, Signature, as_json, as_text
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, note
from profilegen.errors import CheckError, ProfilegenError, VerificationError
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.message import SignedMessage, looks_signed, read_signed
from profilegen.signing.verify import check_integrity
from profilegen.versions import Version, parse_version

_SUFFIXES = frozenset({".json", ".mobileconfig", ".plist"})
_ENROLLMENT = Enrollment.DEVICE
_MODE = Mode.WORK_PROFILE
_ERROR, _WARNING = "error", "warning"


class _UnreadableFilesError(DocumentError):
    """Several of the named files are no documents."""

    def __init__(self, errors: Sequence[ProfilegenError]) -> None:
        super().__init__(f"{len(errors)} files cannot be read")
        self._errors = tuple(errors)

    def reports(self) -> tuple[tuple[str, str], ...]:
        return tuple(report for error in self._errors for report in error.reports())


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its document with what its signature says, or the error."""

    name: str
    document: Document | DocumentError
    signature: Signature | None = None
    findings: tuple[Finding, ...] = ()


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
    device = None
    if as_device:
        documents = [i.document for i in read if not isinstance(i.document, DocumentError)]
        device = flows(documents, context)
    if output_format == "json":
        emit_json(as_json(audited, device, assumed))
    else:
        emit(as_text(audited, device, assumed))
    errors = sum(finding.severity == _ERROR for item in audited for finding in item.findings)
    if errors:
        message = f"findings that are errors: {errors}"
        raise CheckError(message, hint="Each says in the output above what is wrong.")


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
    document = item.document
    if isinstance(document, DocumentError):
        finding = Finding("unreadable", _ERROR, "", document.message, document.hint)
        return Audited(item.name, "unknown", None, (finding,), ())
    findings = (*item.findings, *_hidden(document), *_rejected(document, context))
    return Audited(
        item.name, kind_of(document), item.signature, findings, flows((document,), context)
    )


def _hidden(document: Document) -> tuple[Finding, ...]:
    """Return what of the document could not be read: the content encrypted for one device."""
    if not isinstance(document, Profile) or "EncryptedPayloadContent" not in document.content:
        return ()
    return (
        Finding(
            "encrypted-content",
            _WARNING,
            "EncryptedPayloadContent",
            "The payloads are encrypted for a device, so these flows leave them out.",
            "Audit the profile before it is encrypted.",
        ),
    )


def _rejected(document: Document, context: Context) -> tuple[Finding, ...]:
    """Return that the device refuses the whole document, naming all payloads that are why."""
    payloads = rejected_payloads(document, context.enrollment)
    if not payloads:
        return ()
    kinds = ", ".join(dict.fromkeys(payload.kind for payload in payloads))
    return (
        Finding(
            "rejected-in-user-enrollment",
            _ERROR,
            ", ".join(f"PayloadContent[{payload.index}]" for payload in payloads),
            f"In User Enrollment iOS rejects this whole profile, because it holds {kinds}; "
            "these flows are those of a device without it.",
            "Take these payloads out, or into a profile for devices that are enrolled otherwise.",
        ),
    )


def _read_all(paths: Sequence[Path]) -> tuple[_Read, ...]:
    """Return every file of `paths`, those in folders too; only named ones must be documents.

    Raises DocumentError for named files that are none. In a folder they become findings, except
    JSON files: manifests and much else lie there.
    """
    read = [item for path in paths for item in _read_path(path)]
    named = {str(path) for path in paths}
    errors = [i.document for i in read if isinstance(i.document, DocumentError) and i.name in named]
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
        if isinstance(item.document, DocumentError) and file.suffix.lower() == ".json":
            note(f"Skipped {item.document.message}")
        else:
            yield item


def _read_file(path: Path) -> _Read:
    name = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(2 * MAX_BYTES)
        if looks_signed(data):
            return _read_signed_file(name, data)
        return _Read(name, read_document(name, data))
    except OSError as error:
        message = f"{name}: cannot read the file: {error.strerror}"
        hint = "Check the path and that you may read it."
        return _Read(name, DocumentError(message, hint=hint))
    except DocumentError as error:
        return _Read(name, error)


def _read_signed_file(name: str, data: bytes) -> _Read:
    """Return the document inside a CMS; whether the signature holds is told beside it."""
    try:
        message = read_signed(data)
    except VerificationError as error:
        text = f"{name}: {error.message}"
        raise DocumentError(text, hint=error.hint) from error
    if message.content is None:
        text = f"{name}: a detached signature without the file that it signs"
        raise DocumentError(text, hint="Give the signed file itself.")
    document = read_document(name, message.content)
    try:
        check_integrity(message)
    except VerificationError as error:
        finding = Finding("signature", _ERROR, "", error.message, error.hint)
        return _Read(name, document, _signature(message, "broken"), (finding,))
    return _Read(name, document, _signature(message, "intact"))


def _signature(message: SignedMessage, state: str) -> Signature:
    if message.signer is None:
        return Signature(state, "an unknown signer", "")
    return Signature(state, full_name(message.signer.subject), fingerprint(message.signer))
