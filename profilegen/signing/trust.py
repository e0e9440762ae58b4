"""Which certificates a verification trusts, and who said so. Never taken from the file itself."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from profilegen.errors import SigningError
from profilegen.signing.certificates import full_name, load_certificate
from profilegen.signing.development import ROOT
from profilegen.signing.files import read_small_file
from profilegen.signing.pem import blocks
from profilegen.signing.pool import read_certificate_pool

_HINT = "Name the root certificate with --trust FILE."


@dataclass(frozen=True, slots=True)
class Trust:
    """Trusted certificates and, for people, where they come from.

    `skipped` has a sentence for each file of a folder that holds none.
    """

    anchors: tuple[x509.Certificate, ...]
    origin: str
    skipped: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return in words what is trusted: `certs/root.pem (CN=...)`."""
        if len(self.anchors) == 1:
            return f"{self.origin} ({full_name(self.anchors[0].subject)})"
        return f"{self.origin} ({len(self.anchors)} certificates)"


def find_trust(given: Path | None, *, folder: Path) -> Trust:
    """Return what a verification trusts.

    That is `given`, a file or a folder, else the development root of `folder` if there is one, else
    the system's store. Raises SigningError when that cannot be read or holds no certificate.
    """
    if given is not None:
        return trust_in(given)
    root = folder / ROOT
    return trust_in(root) if root.exists() else system_trust()


def trust_in(path: Path) -> Trust:
    """Return the trust in every certificate of a file or of the files of a folder, PEM or DER.

    Raises SigningError as `read_certificate_pool` does.
    """
    pool = read_certificate_pool([path])
    return Trust(pool.found, str(path), pool.skipped)


def system_trust() -> Trust:
    """Return the trust in the roots of the operating system, as OpenSSL finds them.

    SSL_CERT_FILE names another file. Certificates that RFC 5280 forbids are left out. Raises
    SigningError when there is no store.
    """
    store = ssl.get_default_verify_paths().cafile
    if not store:
        message = "this system has no store of trusted certificates"
        raise SigningError(message, hint=_HINT)
    anchors = []
    for block in blocks(read_small_file(Path(store))):
        try:
            anchors.append(load_certificate(block.der()))
        except ValueError:
            continue
    if not anchors:
        message = f"{store}: the system's store holds no certificate"
        raise SigningError(message, hint=_HINT)
    return Trust(tuple(anchors), "the system's store")
