"""What `show` says of a file, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from profilegen.report.lines import counted
from profilegen.signing.certificates import moment
from profilegen.signing.enveloped import Recipient


def show_lines(described: Mapping[str, object]) -> Iterator[str]:
    """Yield the lines of what `show --format json` prints."""
    yield f"{described['file']}: {described['kind']}, {described['size']} bytes"
    signatures = _signatures(described)
    for number, signature in enumerate(signatures, start=1):
        yield "signature" if len(signatures) == 1 else f"signature {number} of {len(signatures)}"
        yield from (f"  {key:<13}{_shown(value)}" for key, value in _said(signature) if value)
    if not signatures:
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


def _signatures(described: Mapping[str, object]) -> list[Mapping[str, object]]:
    others = described["other_signatures"]
    found = (described["signature"], *(others if isinstance(others, list) else ()))
    return [signature for signature in found if isinstance(signature, Mapping)]


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
