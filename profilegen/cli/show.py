"""`profilegen show`: what a file holds and who signed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from profilegen.audit.document import (
    SEALED,
    Declaration,
    Document,
    DocumentError,
    Profile,
    kind_of,
    read_document,
)
from profilegen.cli.devices import device_key_of, device_key_options
from profilegen.cli.inputs import STREAM, InputPath, input_name, read_bytes, read_input
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_bytes, emit_json, one_line
from profilegen.errors import InputError, VerificationError
from profilegen.inspection.encrypted import decrypted_bytes, is_sealed, open_profile
from profilegen.report.lines import counted
from profilegen.signing.certificates import fingerprint, full_name, moment
from profilegen.signing.decrypt import DeviceKey
from profilegen.signing.enveloped import Recipient, read_envelope
from profilegen.signing.message import SignedMessage, looks_signed, read_signed
from profilegen.signing.verify import check_integrity

SCHEMA = "profilegen.show/1"
_NO_DOCUMENT = "unknown"
_PAYLOAD_FIELDS = ("PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadDisplayName")


@click.command()
@click.argument("file", metavar="FILE", type=InputPath())
@click.option(
    "--content",
    is_flag=True,
    help="Write the unsigned content, byte for byte; with --device-key the profile decrypted.",
)
@device_key_options
@output_options
def show(  # noqa: PLR0913  (one parameter for each option of the command)
    file: Path,
    *,
    content: bool,
    device_key: str | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Show what a file holds and who signed it.

    The signature is checked against the certificate in the file only; whether anybody trusts that
    certificate is for `profilegen verify` to say. Payloads that are encrypted for a device are
    shown with the key of that device. `-` reads standard input.
    """
    del quiet
    key = device_key_of(device_key, passphrase_file, passphrase_env)
    data = read_input(file)
    message = _message(file, data)
    file = input_name(file)
    plain = _content(file, message) if message is not None and looks_signed(data) else data
    if content:
        emit_bytes(plain if key is None else _decrypted(file, plain, key))
        if message is not None:
            # Whoever goes on with the content learns from the exit code that it was changed.
            _check(file, message, plain)
        return
    document = _document(file, plain, signed=message is not None)
    if key is not None and isinstance(document, Profile) and is_sealed(document):
        document = open_profile(str(file), document, key)
    described: dict[str, object] = {
        "schema": SCHEMA,
        "file": str(file),
        "kind": _NO_DOCUMENT if document is None else kind_of(document),
        "size": len(data),
        "signature": None if message is None else _signature(message, plain),
    }
    described |= _described(document)
    if output_format == "json":
        emit_json(described)
        return
    for line in _lines(described):
        emit(one_line(line))


def _decrypted(file: Path, plain: bytes, key: DeviceKey) -> bytes:
    """Return the profile `plain` with its payloads in place, or `plain` if none are encrypted."""
    document = read_document(file.name, plain)
    if not isinstance(document, Profile) or not is_sealed(document):
        return plain
    return decrypted_bytes(open_profile(str(file), document, key))


def _message(file: Path, data: bytes) -> SignedMessage | None:
    """Return the signature in the file or beside it, None where there is none."""
    signature = data
    if not looks_signed(data):
        beside = file.with_name(f"{file.name}.p7s")
        signature = read_bytes(beside) if file != STREAM and beside.is_file() else b""
    if not looks_signed(signature):
        return None
    try:
        return read_signed(signature)
    except VerificationError as error:
        raise _named(file, error) from error


def _check(file: Path, message: SignedMessage, content: bytes) -> None:
    try:
        check_integrity(message, content=content)
    except VerificationError as error:
        raise _named(file, error) from error


def _named(file: Path, error: VerificationError) -> VerificationError:
    return VerificationError(f"{input_name(file)}: {error.message}", hint=error.hint)


def _document(file: Path, plain: bytes, *, signed: bool) -> Document | None:
    """Return what `plain` holds; None for what devices do not take but somebody signed.

    Raises DocumentError for unsigned content that is no document: then there is nothing to show.
    """
    # An app configuration is known by its name, which a detached signature adds to.
    name = file.name.removesuffix(".p7s") if signed else file.name
    try:
        return read_document(name, plain)
    except DocumentError:
        if signed:
            return None
        raise


def _content(file: Path, message: SignedMessage) -> bytes:
    """Return what the signature covers, from the file itself or from beside it."""
    if message.content is not None:
        return message.content
    beside = file.with_suffix("")
    if file.suffix == ".p7s" and beside.is_file():
        return read_bytes(beside)
    text = f"{file}: a detached signature without the file it belongs to"
    raise InputError(text, hint=f"Put the file beside it as {beside.name}.")


def _signature(message: SignedMessage, content: bytes) -> dict[str, object]:
    try:
        check_integrity(message, content=content)
        state = "intact"
    except VerificationError as error:
        state = f"broken: {error.message}"
    signer = message.signer
    return {
        "state": state,
        "signer": None if signer is None else full_name(signer.subject),
        "issuer": None if signer is None else full_name(signer.issuer),
        "fingerprint": None if signer is None else fingerprint(signer),
        "digest": message.digest,
        "signed_at": None if message.signed_at is None else message.signed_at.isoformat(),
        "certificates": [full_name(certificate.subject) for certificate in message.others],
    }


def _described(document: Document | None) -> dict[str, object]:
    if document is None:
        return {}
    if isinstance(document, Profile):
        payloads = document.content.get("PayloadContent", ())
        return {
            "profile": _payload(document.content),
            "encryption": _encryption(document),
            "payloads": [
                _payload(item)
                for item in (payloads if isinstance(payloads, Sequence) else ())
                if isinstance(item, Mapping)
            ],
        }
    if isinstance(document, Declaration):
        return {
            "declaration": {key: document.content.get(key) for key in ("Type", "Identifier")},
        }
    return {"fields": sorted(document.content)}


def _encryption(profile: Profile) -> dict[str, object] | None:
    """Return how and for whom the payloads are encrypted, None where they are not."""
    if not is_sealed(profile):
        return None
    state = "opened" if profile.opened else "sealed"
    sealed = profile.content[SEALED]
    try:
        envelope = read_envelope(sealed if isinstance(sealed, bytes) else b"")
    except InputError as error:
        return {"state": f"damaged: {error.message}", "cipher": None, "recipients": []}
    recipients = [asdict(recipient) for recipient in envelope.recipients]
    return {"state": state, "cipher": envelope.cipher, "recipients": recipients}


def _payload(content: Mapping[str, object]) -> dict[str, object]:
    return {key: str(content[key]) for key in _PAYLOAD_FIELDS if key in content}


def _lines(described: Mapping[str, object]) -> Iterator[str]:
    yield f"{described['file']}: {described['kind']}, {described['size']} bytes"
    signature = described["signature"]
    if isinstance(signature, Mapping):
        yield "signature"
        yield from (f"  {key:<13}{_shown(value)}" for key, value in _said(signature) if value)
    else:
        yield "not signed"
    for name in ("profile", "declaration"):
        found = described.get(name)
        if isinstance(found, Mapping):
            yield name
            yield from (f"  {key:<20}{value}" for key, value in found.items())
    encryption = described.get("encryption")
    if isinstance(encryption, Mapping):
        yield from _encryption_lines(encryption)
    payloads = described.get("payloads")
    if isinstance(payloads, Sequence) and not (_is_sealed(encryption) and not payloads):
        yield counted(len(payloads), "payload")
        for item in payloads:
            yield f"  {item.get('PayloadType', '?')}  {item.get('PayloadIdentifier', '?')}"
    fields = described.get("fields")
    if isinstance(fields, Sequence):
        yield counted(len(fields), "top-level field")
        yield from (f"  {name}" for name in fields)


def _said(signature: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield what JSON says of a signature, in words."""
    for key, value in signature.items():
        if key == "signed_at" and isinstance(value, str):
            yield "signed at", f"{moment(datetime.fromisoformat(value))} (as the signer says)"
        else:
            yield key, value


def _is_sealed(encryption: object) -> bool:
    return isinstance(encryption, Mapping) and encryption["state"] != "opened"


def _encryption_lines(encryption: Mapping[str, object]) -> Iterator[str]:
    yield "encrypted payloads"
    yield f"  {'state':<13}{encryption['state']}"
    if encryption["cipher"]:
        yield f"  {'cipher':<13}{encryption['cipher']}"
    recipients = encryption["recipients"]
    for recipient in recipients if isinstance(recipients, list) else ():
        yield f"  {'for':<13}{Recipient(**recipient)}"
    if _is_sealed(encryption):
        yield "  What they are and set cannot be known without a device's key: --device-key."


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
