"""A signing identity: a key with the chain of certificates that devices will follow.

`open_identity` refuses at once whatever a device, an MDM server or `verify` would refuse later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509

from profilegen.errors import SigningError
from profilegen.signing.algorithms import (
    PublicKey,
    Scheme,
    key_name,
    scheme_of,
    signature_is_valid,
)
from profilegen.signing.certificates import (
    fingerprint,
    has_key,
    in_force,
    is_issued_by,
    is_self_signed,
    short_name,
)
from profilegen.signing.chain import build_chain
from profilegen.signing.keys.interface import KeyMaterial, Passphrase
from profilegen.signing.keys.opening import open_key
from profilegen.signing.pool import read_certificate_pool
from profilegen.signing.rules import chain_faults

_MAX_CERTIFICATES = 100


@dataclass(frozen=True, slots=True)
class Identity:
    """What signs: `intermediates` go from the issuer of the leaf upwards, without the root.

    `root` is None when it was not given, which is usual: it is never put into a signature.
    """

    leaf: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    root: x509.Certificate | None
    scheme: Scheme
    sign_bytes: Callable[[bytes], bytes] = field(repr=False)

    @property
    def key_kind(self) -> str:
        """Return the kind of key for people: `RSA 2048`, `ECDSA P-256`."""
        return key_name(self.leaf.public_key())

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the leaf, lower-case hexadecimal."""
        return fingerprint(self.leaf)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`: PKCS#1 v1.5, or ECDSA as DER.

        The same each time, but for ECDSA by a token or a service, which choose a random number.
        Raises SigningError and ServiceError where the key is in one of these.
        """
        return self.sign_bytes(data)


def open_identity(
    uri: str, *, passphrase: Passphrase | None, certificates: Path | None, at: datetime
) -> Identity:
    """Return the identity that `uri` names, ready to sign at the time `at`.

    Certificates that do not come with the key are in the file `certificates`. `passphrase` is
    called only if the key is encrypted or its token wants a PIN. The CA that issued the leaf must
    be among the certificates, unless the leaf is self-signed. If a root is given, the chain must
    reach it without a gap; without one, what the last certificate names as its issuer passes for
    the root, which is left out of signatures anyway (docs/signing.md).

    Raises SigningError for everything that is wrong with key, certificates and chain, and
    ServiceError when the service that has the key cannot be reached.
    """
    material = open_key(uri, passphrase=passphrase)
    pool = set(material.certificates)
    if certificates is not None:
        pool.update(read_certificate_pool([certificates]).found)
    if len(pool) > _MAX_CERTIFICATES:
        message = f"there are {len(pool)} certificates, more than {_MAX_CERTIFICATES}"
        raise SigningError(message, hint="Give those of the signer's own chain only.")
    leaf = _leaf(uri, material, pool, at)
    scheme = scheme_of(material.public_key, where=uri)
    _try_out(uri, material, scheme)
    chain = build_chain(leaf, pool | set(material.store), at=at)
    _refuse_faults(chain, at)
    _refuse_gap(chain, pool)
    has_root = len(chain) > 1 and is_self_signed(chain[-1])
    return Identity(
        leaf=leaf,
        intermediates=chain[1:-1] if has_root else chain[1:],
        root=chain[-1] if has_root else None,
        scheme=scheme,
        sign_bytes=material.sign,
    )


def _leaf(
    uri: str, material: KeyMaterial, pool: set[x509.Certificate], at: datetime
) -> x509.Certificate:
    """Return the certificate of the key; of several, the one that is in force."""
    if not pool:
        message = f"{uri}: there is no certificate"
        raise SigningError(message, hint="Add its file with --certificates.")
    own = [c for c in pool if has_key(c, material.public_key)]
    if not own:
        message = f"{uri}: no certificate belongs to the private key"
        raise SigningError(message, hint="Give the certificate that was issued for this key.")
    current = [c for c in own if in_force(c, at)]
    if len(current) > 1:
        message = f"{uri}: {len(current)} certificates in force belong to the private key"
        hint = "Give one of them only: devices want updates signed with the same certificate."
        raise SigningError(message, hint=hint)
    return current[0] if current else max(own, key=lambda c: c.not_valid_after_utc)


def _try_out(uri: str, material: KeyMaterial, scheme: Scheme) -> None:
    """Sign and verify once: a damaged key must not sign a release that nobody can verify."""
    sample = b"profilegen"
    key = material.public_key
    try:
        signature = material.sign(sample)
    except ValueError as error:
        message = f"{uri}: the private key is damaged"
        raise SigningError(message, hint="Export the key again.") from error
    if isinstance(key, PublicKey) and signature_is_valid(
        key, signature, sample, digest=scheme.digest
    ):
        return
    message = f"{uri}: the private key is damaged: its signature does not verify"
    raise SigningError(message, hint="Export the key again.")


def _refuse_faults(chain: Sequence[x509.Certificate], at: datetime) -> None:
    fault = next(chain_faults(chain, at=at), None)
    if fault is not None:
        raise SigningError(fault.message, hint=fault.hint)


def _refuse_gap(chain: Sequence[x509.Certificate], pool: set[x509.Certificate]) -> None:
    top = chain[-1]
    if is_self_signed(top):
        return
    roots = [c for c in pool if c.issuer == c.subject]
    if len(chain) > 1 and not roots:
        return
    impostors = [c for c in pool if c.subject == top.issuer and not is_issued_by(top, c)]
    issuer = short_name(top.issuer)
    message = f"missing intermediate: no certificate of '{issuer}' was given"
    if impostors:
        message += f" that signed '{short_name(top.subject)}', only another one of that name"
    hint = f"Add the certificate of '{issuer}' with --certificates; the CA publishes it."
    raise SigningError(message, hint=hint)
