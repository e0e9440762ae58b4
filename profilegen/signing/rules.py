"""What each certificate of a signer's chain must be: RFC 5280 section 6.1, and our strength.

Gives faults as values: signing turns the first into exit code 4, verifying into exit code 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from profilegen.signing.algorithms import MIN_RSA_BITS, STRONG_DIGESTS
from profilegen.signing.certificates import find_extension, is_self_signed, moment, short_name

_RENEW = "Renew it, and use the new one."
_DIGEST_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha224": "SHA-224"}


class FaultKind(Enum):
    """What a fault is about."""

    TIME = auto()
    STRENGTH = auto()
    ROLE = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a chain, in words, and what to do about it."""

    kind: FaultKind
    message: str
    hint: str


def chain_faults(chain: Sequence[x509.Certificate], *, at: datetime) -> Iterator[Fault]:
    """Yield what is wrong at the time `at` with a chain of leaf, intermediates and root."""
    for depth, certificate in enumerate(chain):
        yield from _time_faults(certificate, at)
        # A root is trusted for its key: nothing rests on the signature that it gave itself.
        if depth == 0 or not is_self_signed(certificate):
            yield from _digest_faults(certificate)
        yield from _key_faults(certificate)
        if depth == 0:
            yield from _signer_faults(certificate)
        else:
            yield from _issuer_faults(certificate, chain[1:depth])


def may_issue(certificate: x509.Certificate) -> bool:
    """Say whether the certificate is one of a CA that may sign certificates."""
    constraints = find_extension(certificate, x509.BasicConstraints)
    usage = find_extension(certificate, x509.KeyUsage)
    return constraints is not None and constraints.ca and (usage is None or usage.key_cert_sign)


def _time_faults(certificate: x509.Certificate, at: datetime) -> Iterator[Fault]:
    name = short_name(certificate.subject)
    if at > certificate.not_valid_after_utc:
        end = moment(certificate.not_valid_after_utc)
        yield Fault(FaultKind.TIME, f"the certificate '{name}' expired on {end}", _RENEW)
    if at < certificate.not_valid_before_utc:
        start = moment(certificate.not_valid_before_utc)
        message = (
            f"the certificate '{name}' is not valid before {start}, and the time is {moment(at)}"
        )
        yield Fault(FaultKind.TIME, message, "Check the clock and SOURCE_DATE_EPOCH.")


def _digest_faults(certificate: x509.Certificate) -> Iterator[Fault]:
    digest = _signature_digest(certificate)
    if digest in STRONG_DIGESTS:
        return
    message = (
        f"the certificate '{short_name(certificate.subject)}' is signed with"
        f" {_DIGEST_NAMES.get(digest, digest)}"
    )
    hint = "Get one that is signed with SHA-256 or stronger: devices refuse weaker ones."
    yield Fault(FaultKind.STRENGTH, message, hint)


def _key_faults(certificate: x509.Certificate) -> Iterator[Fault]:
    name = short_name(certificate.subject)
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        message = f"the key of the certificate '{name}' is of an unknown kind"
        yield Fault(FaultKind.STRENGTH, message, "Get a certificate with an RSA or ECDSA key.")
        return
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        message = f"the certificate '{name}' has an RSA key of only {key.key_size} bits"
        hint = f"Get one with at least {MIN_RSA_BITS} bits."
        yield Fault(FaultKind.STRENGTH, message, hint)


def _signature_digest(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "an unknown digest"
    return "an unknown digest" if algorithm is None else algorithm.name


def _signer_faults(certificate: x509.Certificate) -> Iterator[Fault]:
    usage = find_extension(certificate, x509.KeyUsage)
    # RFC 5652 names no usage; verifiers take either of these two for a signature over data.
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        message = f"the certificate '{short_name(certificate.subject)}' may not sign data"
        hint = "Get one whose key usage has digitalSignature."
        yield Fault(FaultKind.ROLE, message, hint)


def _issuer_faults(
    certificate: x509.Certificate, below: Sequence[x509.Certificate]
) -> Iterator[Fault]:
    """Judge a certificate that issued another; `below` are the CAs between it and the leaf."""
    name = short_name(certificate.subject)
    constraints = find_extension(certificate, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        message = f"the certificate '{name}' issued another one but is not a CA"
        yield Fault(FaultKind.ROLE, message, "Get a certificate that a CA issued.")
        return
    usage = find_extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        message = f"the CA certificate '{name}' has no key usage keyCertSign"
        yield Fault(FaultKind.ROLE, message, "Get a certificate from a CA that may issue.")
    # Self-issued certificates do not count (RFC 5280 section 4.2.1.9).
    depth = sum(1 for c in below if c.subject != c.issuer)
    if constraints.path_length is not None and depth > constraints.path_length:
        message = (
            f"the CA certificate '{name}' allows {constraints.path_length} CAs below it,"
            f" and there are {depth}"
        )
        yield Fault(FaultKind.ROLE, message, "Get a certificate from a CA higher up.")
