"""An identity in plain values, for people and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from profilegen.signing.algorithms import key_name
from profilegen.signing.certificates import (
    fingerprint,
    full_name,
    is_self_signed,
    moment,
    short_name,
)
from profilegen.signing.identity import Identity
from profilegen.signing.identity_rules import SOON_DAYS


@dataclass(frozen=True, slots=True)
class CertificateDescription:
    """One certificate. `serial` and `fingerprint` (SHA-256) are lower-case hexadecimal."""

    subject: str
    issuer: str
    serial: str
    fingerprint: str
    key: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class IdentityDescription:
    """An identity at a time. `chain` goes from the signer upwards, the root last if it is known.

    `days_left` counts whole days until the first certificate of the chain expires, the root's too
    if that is known.
    """

    chain: tuple[CertificateDescription, ...]
    root_known: bool
    signature: str
    days_left: int
    warnings: tuple[str, ...]

    @property
    def signer(self) -> CertificateDescription:
        """Return the certificate of the signer."""
        return self.chain[0]


def describe(
    identity: Identity, *, at: datetime, soon_days: int = SOON_DAYS
) -> IdentityDescription:
    """Return what a person should know of `identity` at the time `at`.

    A certificate that expires within `soon_days` days of it is a warning.
    """
    root = () if identity.root is None else (identity.root,)
    chain = (identity.leaf, *identity.intermediates, *root)
    first_end = min(c.not_valid_after_utc for c in chain)
    return IdentityDescription(
        chain=tuple(_certificate(c) for c in chain),
        root_known=identity.root is not None,
        signature=_SIGNATURES[identity.scheme.signature],
        days_left=(first_end - at).days,
        warnings=(*_endings(chain, at, timedelta(days=soon_days)), *_doubts(identity, chain)),
    )


_SIGNATURES = {
    "rsassa_pkcs1v15": "RSA PKCS#1 v1.5 with SHA-256",
    "sha256_ecdsa": "ECDSA with SHA-256",
    "sha384_ecdsa": "ECDSA with SHA-384",
}


def _certificate(certificate: x509.Certificate) -> CertificateDescription:
    return CertificateDescription(
        subject=full_name(certificate.subject),
        issuer=full_name(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        fingerprint=fingerprint(certificate),
        key=key_name(certificate.public_key()),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _endings(chain: Sequence[x509.Certificate], at: datetime, soon: timedelta) -> Iterator[str]:
    for certificate in chain:
        left = certificate.not_valid_after_utc - at
        if left < soon:
            name, end = short_name(certificate.subject), moment(certificate.not_valid_after_utc)
            yield (
                f"'{name}' expires on {end} (days left: {left.days}):"
                " profiles show as unverified from then on"
            )


def _doubts(identity: Identity, chain: Sequence[x509.Certificate]) -> Iterator[str]:
    """Yield why devices may not accept the identity although nothing is wrong with it."""
    if is_self_signed(identity.leaf):
        yield "the signer is self-signed: devices trust it only where it is installed as a root"
    elif identity.root is None:
        name = short_name(chain[-1].issuer)
        yield f"the root was not given: make sure that devices trust '{name}'"
    if identity.scheme.signature != "rsassa_pkcs1v15":
        yield "no report shows that devices accept ECDSA signers; RSA 2048 or 3072 is safe"
