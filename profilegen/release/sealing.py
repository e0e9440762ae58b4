"""The files that seal a release: its manifest, and what vouches for the manifest.

They come last, when every other file is written and its digest known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from profilegen.release.manifest import (
    MANIFEST,
    MANIFEST_SIGNATURE,
    MANIFEST_STAMP,
    STATEMENT,
    Contents,
    SignerRecord,
    manifest_bytes,
)
from profilegen.release.statement import statement_bytes
from profilegen.signing.cms import sign_detached
from profilegen.signing.identity import Identity

Stamp = Callable[[bytes], bytes]
"""Gets bytes time-stamped: the DER of the answer of an authority (RFC 3161)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An opened identity and how the manifest names it; `stamp` proves when it signed."""

    identity: Identity
    record: SignerRecord
    stamp: Stamp | None = None


def seal(contents: Contents, signer: Signer | None) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file that seals a release, the manifest first.

    SHA256SUMS, which lists them too, is left. Raises what signing does, and ServiceError where the
    authority of time stamps fails.
    """
    names = () if signer is None else tuple(_names(signer))
    record = None if signer is None else signer.record
    manifest = manifest_bytes(contents, signer=record, seals=names)
    yield MANIFEST, manifest
    if signer is None:
        return
    signature = sign_detached(manifest, signer.identity, signed_at=contents.created)
    yield MANIFEST_SIGNATURE, signature
    yield STATEMENT, statement_bytes(contents, manifest, signer.identity)
    if signer.stamp is not None:
        # Over the whole signature, the signer's certificate in it included, which its own signed
        # attributes do not bind.
        yield MANIFEST_STAMP, signer.stamp(signature)


def _names(signer: Signer) -> Iterable[str]:
    yield MANIFEST_SIGNATURE
    yield STATEMENT
    if signer.stamp is not None:
        yield MANIFEST_STAMP
