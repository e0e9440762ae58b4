"""What a comparison takes of a file that was opened: its document, and who signed it."""

from __future__ import annotations

from profilegen.audit.diff.versions import SignedBy, Version
from profilegen.inspection.opening import Opened
from profilegen.signing.certificates import key_fingerprint
from profilegen.signing.signed_file import SignedFile


def version_of(opened: Opened, path: str) -> Version | None:
    """Return the file as a version, None where it has no document."""
    if opened.document is None:
        return None
    return Version(path, opened.document, _signer(opened.signed))


def _signer(signed: SignedFile | None) -> SignedBy | None:
    """Return the first signer, None where there is none; whether its signature holds is open."""
    if signed is None or not signed.signers:
        return None
    first = signed.signers[0]
    if first.certificate is None:
        return SignedBy("a signer whose certificate is not included", "")
    return SignedBy(first.name, first.fingerprint, key_fingerprint(first.certificate))
