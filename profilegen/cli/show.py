"""`profilegen show`: what a file holds and who signed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
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
from profilegen.cli.inputs import InputPath, input_name, read_bytes
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_bytes, emit_json, one_line
from profilegen.cli.shown import read_shown
from profilegen.errors import InputError, VerificationError
from profilegen.inspection.encrypted import decrypted_bytes, is_sealed, open_profile
from profilegen.report.show_text import show_lines
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.decrypt import DeviceKey
from profilegen.signing.enveloped import read_envelope
from profilegen.signing.message import SignedMessage, check_count, looks_signed, read_signers
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
    shown with the key of that device. `-` reads standard input; `ARCHIVE: MEMBER`, the name that
    audit and verify print, is a file in an archive of users' files.
    """
    del quiet
    key = device_key_of(device_key, passphrase_file, passphrase_env)
    data, beside = read_shown(file)
    messages = _messages(file, data, beside)
    file = input_name(file)
    plain = _content(file, messages[0]) if messages and looks_signed(data) else data
    if content:
        emit_bytes(plain if key is None else _decrypted(file, plain, key))
        for message in messages:
            # Whoever goes on with the content learns from the exit code that it was changed.
            _check(file, message, plain)
        return
    document = _document(file, plain, signed=bool(messages))
    if key is not None and isinstance(document, Profile) and is_sealed(document):
        document = open_profile(str(file), document, key)
    described: dict[str, object] = {
        "schema": SCHEMA,
        "file": str(file),
        "kind": _NO_DOCUMENT if document is None else kind_of(document),
        "size": len(data),
        "signature": _signature(messages[0], plain) if messages else None,
        "other_signatures": [_signature(message, plain) for message in messages[1:]],
    }
    described |= _described(document)
    if output_format == "json":
        emit_json(described)
        return
    for line in show_lines(described):
        emit(one_line(line))


def _decrypted(file: Path, plain: bytes, key: DeviceKey) -> bytes:
    """Return the profile `plain` with its payloads in place, or `plain` if none are encrypted."""
    document = read_document(file.name, plain)
    if not isinstance(document, Profile) or not is_sealed(document):
        return plain
    return decrypted_bytes(open_profile(str(file), document, key))


def _messages(file: Path, data: bytes, beside: bytes) -> tuple[SignedMessage, ...]:
    """Return what each signer in the file or `beside` it signed, () where there is none."""
    signature = data if looks_signed(data) else beside
    if not looks_signed(signature):
        return ()
    try:
        messages = read_signers(signature)
        if not messages:
            check_count(0)
    except VerificationError as error:
        raise _named(file, error) from error
    return messages


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
