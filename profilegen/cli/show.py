"""`profilegen show`: what a file holds and who signed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from profilegen.audit.document import (
    Declaration,
    Document,
    DocumentError,
    Profile,
    kind_of,
    read_document,
)
from profilegen.cli.inputs import read_bytes
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_bytes, emit_json, one_line
from profilegen.errors import InputError, VerificationError
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.message import SignedMessage, looks_signed, read_signed
from profilegen.signing.verify import check_integrity

SCHEMA = "profilegen.show/1"
_NO_DOCUMENT = "unknown"
_PAYLOAD_FIELDS = ("PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadDisplayName")


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--content", is_flag=True, help="Write the unsigned content, byte for byte.")
@output_options
def show(file: Path, *, content: bool, output_format: str, quiet: bool) -> None:
    """Show what a file holds and who signed it.

    The signature is checked against the certificate in the file only; whether anybody trusts that
    certificate is for `profilegen verify` to say.
    """
    del quiet
    data = read_bytes(file)
    message = _message(file, data)
    plain = _content(file, message) if message is not None and looks_signed(data) else data
    if content:
        emit_bytes(plain)
        if message is not None:
            # Whoever goes on with the content learns from the exit code that it was changed.
            check_integrity(message, content=plain)
        return
    document = _document(file, plain, signed=message is not None)
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


def _message(file: Path, data: bytes) -> SignedMessage | None:
    """Return the signature in the file or beside it, None where there is none."""
    if looks_signed(data):
        return read_signed(data)
    beside = file.with_name(f"{file.name}.p7s")
    signature = read_bytes(beside) if beside.is_file() else b""
    return read_signed(signature) if looks_signed(signature) else None


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


def _payload(content: Mapping[str, object]) -> dict[str, object]:
    return {key: str(content[key]) for key in _PAYLOAD_FIELDS if key in content}


def _lines(described: Mapping[str, object]) -> Iterator[str]:
    yield f"{described['file']}: {described['kind']}, {described['size']} bytes"
    signature = described["signature"]
    if isinstance(signature, Mapping):
        yield "signature"
        yield from (f"  {key:<13}{_shown(value)}" for key, value in signature.items() if value)
    else:
        yield "not signed"
    for name in ("profile", "declaration"):
        found = described.get(name)
        if isinstance(found, Mapping):
            yield name
            yield from (f"  {key:<20}{value}" for key, value in found.items())
    payloads = described.get("payloads")
    if isinstance(payloads, Sequence):
        yield f"{len(payloads)} payloads"
        for item in payloads:
            yield f"  {item.get('PayloadType', '?')}  {item.get('PayloadIdentifier', '?')}"
    fields = described.get("fields")
    if isinstance(fields, Sequence):
        yield f"{len(fields)} top-level fields"
        yield from (f"  {name}" for name in fields)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
