"""Open one file of anyone: unwrap its signature, read what is in it, say what stands in the way.

Never raises for what a file holds: whatever is wrong with it is a finding of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from profilegen.audit.document import (
    SEALED,
    Document,
    DocumentError,
    NoDocumentError,
    Profile,
    kind_of,
    read_document,
)
from profilegen.audit.model import Context
from profilegen.catalogue.rules import found
from profilegen.errors import InputError, SigningError, VerificationError
from profilegen.findings import Finding
from profilegen.inspection.encrypted import opened_profile
from profilegen.inspection.files import (
    DOCUMENT_SUFFIXES,
    SIGNATURE_SUFFIX,
    Source,
    Unread,
    read_source,
    signature_beside,
    signed_beside,
    signed_by,
)
from profilegen.inspection.model import NOWHERE, OTHER, SIGNATURE, TWIN, UNKNOWN, Origin
from profilegen.signing.decrypt import DeviceKey, decrypt_payloads
from profilegen.signing.signed_file import SignedFile, inspect_signed, seems_signed

_GIVE_SIGNED_FILE = "Give the signed file itself."


@dataclass(frozen=True, slots=True)
class Opened:
    """One file: its document, or the error that says why there is none.

    `signed` is its signature taken apart, None for an unsigned file. `content` are the bytes that
    the document was read from, without signature and encryption, b"" where there is none.
    `findings` are those of reading, but for the signature's and the document's own. A detached
    signature beside the file that it signs, and an unsigned twin of a signed file, have neither
    document nor error. `context` is what the manifest of a release says of the file's devices, None
    where no manifest does.
    """

    name: str
    kind: str
    document: Document | None = None
    error: InputError | None = None
    signed: SignedFile | None = None
    content: bytes = b""
    findings: tuple[Finding, ...] = ()
    origin: Origin = NOWHERE
    context: Context | None = None


def open_source(source: Source, *, key: DeviceKey | None = None) -> Opened:
    """Return what the file of `source` holds; a detached signature beside it counts as its own.

    `key` opens payloads that are encrypted for its device.
    """
    data = read_source(source)
    if isinstance(data, Unread):
        error = DocumentError(f"{source.name}: {data.message}", hint=data.hint)
        return closed(source.name, OTHER if data.foreign else UNKNOWN, error)
    signature = b""
    if _is_twin(source, data):
        return Opened(source.name, TWIN)
    if not seems_signed(data):
        beside = signature_beside(source.path)
        read = b"" if beside is None else read_source(Source(beside, named=False))
        signature = b"" if isinstance(read, Unread) or not seems_signed(read) else read
    opened = open_bytes(source.name, data, signature=signature, key=key)
    if opened.kind == SIGNATURE and signed_by(source.path) is not None:
        return Opened(source.name, SIGNATURE)
    return opened


def _is_twin(source: Source, data: bytes) -> bool:
    """Say whether the signed file beside holds just what `data` is, so that it stands for both."""
    path = signed_beside(source)
    signed = b"" if path is None else read_source(Source(path, named=False))
    if isinstance(signed, Unread) or not seems_signed(signed):
        return False
    try:
        return inspect_signed(signed).content == data
    except VerificationError:
        return False


def open_bytes(
    name: str, data: bytes, *, signature: bytes = b"", key: DeviceKey | None = None
) -> Opened:
    """Return what `data`, the content of the file `name`, holds.

    `signature` is a detached signature of it, b"" if there is none.
    """
    if signature:
        return _open_signed(name, signature, data, key)
    if seems_signed(data):
        return _open_signed(name, data, None, key)
    return _open_plain(name, data, key)


def _open_signed(name: str, data: bytes, content: bytes | None, key: DeviceKey | None) -> Opened:
    try:
        signed = inspect_signed(data, content=content)
    except VerificationError as error:
        if content is not None:
            # What lies beside the file is no signature of it, or not one that can be read.
            return _open_plain(name, content, key)
        # Any file may begin like ASN.1, which is a digit of text.
        kind = UNKNOWN if name.lower().endswith(DOCUMENT_SUFFIXES) else OTHER
        return closed(name, kind, DocumentError(f"{name}: {error.message}", hint=error.hint))
    if signed.content is None:
        message = f"{name}: a detached signature without the file that it signs"
        alone = DocumentError(message, hint=_GIVE_SIGNED_FILE)
        return Opened(name, SIGNATURE, error=alone, signed=signed)
    inner = _open_plain(name.removesuffix(SIGNATURE_SUFFIX), signed.content, key)
    return replace(inner, name=name, signed=signed)


def _open_plain(name: str, content: bytes, key: DeviceKey | None) -> Opened:
    try:
        document = read_document(name, content)
    except NoDocumentError as error:
        return closed(name, OTHER, error)
    except DocumentError as error:
        return closed(name, UNKNOWN, error)
    decrypted, findings = _decrypted(document, key)
    return Opened(name, kind_of(document), decrypted, content=content, findings=findings)


def closed(name: str, kind: str, error: InputError) -> Opened:
    """Return a file without a document, OTHER or UNKNOWN, with the finding that says why."""
    message = error.message.removeprefix(f"{name}: ")
    rule = "no-document" if kind == OTHER else "unreadable"
    finding = found(rule, "", f"{message[:1].upper()}{message[1:]}.", fix=error.hint)
    return Opened(name, kind, error=error, findings=(finding,))


def _decrypted(document: Document, key: DeviceKey | None) -> tuple[Document, tuple[Finding, ...]]:
    """Return `document` with its encrypted payloads opened, or as it is with a finding."""
    if not isinstance(document, Profile) or SEALED not in document.content:
        return document, ()
    sealed = document.content[SEALED]
    why = "they are encrypted for a device."
    if key is not None and isinstance(sealed, bytes):
        try:
            return opened_profile(document, decrypt_payloads(sealed, key)), ()
        except (InputError, SigningError) as error:
            why = f"{error.message.removeprefix(f'{document.name}: ')}."
    message = f"The payloads cannot be judged: {why}"
    return document, (found("encrypted-content", SEALED, message),)
