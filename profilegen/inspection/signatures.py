"""What a signature says of a file, and what is wrong with it for devices and MDM servers.

Whether anybody trusts the signer is not asked here: that is for `profilegen verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.inspection.chains import chain_of, resting, weak_digest
from profilegen.inspection.model import Signature, Signer
from profilegen.signing.algorithms import MIN_RSA_BITS, WEAK_DIGESTS, key_name
from profilegen.signing.certificates import is_self_signed, moment, short_name
from profilegen.signing.chain import Chain
from profilegen.signing.identity_rules import SOON_DAYS
from profilegen.signing.integrity import Obstacle, State
from profilegen.signing.rules import FaultKind, chain_faults
from profilegen.signing.signed_file import Encoding, FileSigner, SignedFile

_ALGORITHMS = frozenset({"RSA PKCS#1 v1.5", "ECDSA"})
_DIGESTS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
_MIN_EC_BITS = 224


def signature_of(signed: SignedFile) -> Signature:
    """Return the signature of a file as reports print it."""
    signers = tuple(_printed(signer) for signer in signed.signers)
    states = {signer.state for signer in signers}
    state = next((s for s in (State.BROKEN, State.UNCHECKED) if s in states), State.INTACT)
    if not signers:
        return Signature(State.UNCHECKED.value, "(nobody)", "")
    return Signature(state.value, signers[0].name, signers[0].fingerprint, signers)


def signature_findings(
    signed: SignedFile, *, at: datetime, soon_days: int = SOON_DAYS
) -> Iterator[Finding]:
    """Yield what is wrong with the signature of a file at the time `at`.

    A certificate that expires within `soon_days` days of it expires soon. All findings are of the
    whole file.
    """
    yield from _container_findings(signed)
    for signer in signed.signers:
        yield from _signature_findings(signer)
        if signer.certificate is not None:
            chain = chain_of(signer.certificate, signed.certificates, at=at)
            yield from _weak_findings(signer, chain)
            yield from _time_findings(chain, at, timedelta(days=soon_days))
            yield from _chain_findings(chain, signed.certificates, at)
        else:
            yield from _weak_findings(signer, ())


def _printed(signer: FileSigner) -> Signer:
    certificate = signer.certificate
    return Signer(
        name=signer.name or "(not included)",
        issuer=signer.issuer,
        fingerprint=signer.fingerprint,
        key=signer.key,
        digest=signer.digest,
        algorithm=signer.algorithm,
        not_before=None if certificate is None else _iso(certificate.not_valid_before_utc),
        not_after=None if certificate is None else _iso(certificate.not_valid_after_utc),
        signed_at=None if signer.signed_at is None else _iso(signer.signed_at),
        state=signer.verdict.state.value,
        reason=signer.verdict.reason,
    )


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _container_findings(signed: SignedFile) -> Iterator[Finding]:
    if signed.encoding is Encoding.PEM:
        yield _told("signature-armoured", "the signed file is in PEM armour, not in DER")
    if signed.trailing:
        count = f"{signed.trailing} byte" + ("s" if signed.trailing > 1 else "")
        yield _told("signature-trailing-bytes", f"{count} behind the signature, signed by none")
    if signed.content is None:
        message = "the signature is detached: what it signs is not in the file"
        yield _told("signature-detached", message)
    if not signed.signers:
        yield _told("signature-no-signer", "the form of a signed file, but nobody signed it")
    if len(signed.signers) > 1:
        names = ", ".join(f"'{_name(signer)}'" for signer in signed.signers)
        yield _told("signature-several-signers", f"{len(signed.signers)} signers: {names}")


def _signature_findings(signer: FileSigner) -> Iterator[Finding]:
    name, verdict = _name(signer), signer.verdict
    if verdict.state is State.BROKEN:
        yield _told("signature-broken", f"the signature of '{name}': {verdict.reason}")
    if verdict.obstacle is Obstacle.NO_CERTIFICATE:
        issuer = f", which '{signer.issuer}' issued," if signer.issuer else ""
        message = f"the certificate of the signer{issuer} is not in the file"
        yield _told("signature-signer-missing", message)
    if verdict.obstacle is Obstacle.UNREADABLE_CERTIFICATE:
        message = "the certificate of the signer breaks the rules of X.509 and cannot be read"
        yield _told("signature-unchecked", message)
    if _is_unsupported(signer):
        message = f"'{name}' signed with {signer.algorithm} and {signer.digest}"
        message += f", the key is {signer.key}" if signer.key else ""
        yield _told("signature-unsupported", message)
    if signer.named_by_key:
        message = f"the signer '{name}' is named by its key identifier, not by issuer and number"
        yield _told("signature-key-identifier", message)


def _name(signer: FileSigner) -> str:
    if signer.certificate is None:
        return "(not included)"
    return short_name(signer.certificate.subject)


def _is_unsupported(signer: FileSigner) -> bool:
    return (
        signer.algorithm not in _ALGORITHMS
        or signer.digest not in _DIGESTS
        or signer.verdict.obstacle is Obstacle.ALGORITHM
    )


def _weak_findings(signer: FileSigner, chain: Chain) -> Iterator[Finding]:
    parts = [
        f"'{_name(signer)}' signed with {WEAK_DIGESTS[digest]}"
        for digest in dict.fromkeys((signer.digest, signer.signature_digest))
        if digest in WEAK_DIGESTS
    ]
    for certificate in resting(chain):
        parts.extend(_weaknesses(certificate))
    if parts:
        yield _told("signature-weak", "; ".join(parts))


def _weaknesses(certificate: x509.Certificate) -> Iterator[str]:
    name = short_name(certificate.subject)
    digest = weak_digest(certificate)
    if digest:
        yield f"the certificate '{name}' is signed with {digest}"
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return
    small_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS
    small_curve = isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < _MIN_EC_BITS
    if small_rsa or small_curve:
        yield f"the certificate '{name}' has the key {key_name(key)}"


def _time_findings(chain: Chain, at: datetime, soon: timedelta) -> Iterator[Finding]:
    """Yield at most one finding of each kind: the first certificate from the signer upwards."""
    certificates = resting(chain)
    for certificate in certificates:
        if at < certificate.not_valid_before_utc:
            start = moment(certificate.not_valid_before_utc)
            message = f"{_role(certificate, chain)} is not valid before {start}"
            yield _told("signature-not-yet-valid", message)
            break
    expired = next((c for c in certificates if at > c.not_valid_after_utc), None)
    if expired is not None:
        end = moment(expired.not_valid_after_utc)
        yield _told("signature-expired", f"{_role(expired, chain)} expired on {end}")
        return
    first = min(certificates, key=lambda c: c.not_valid_after_utc)
    if first.not_valid_after_utc - at <= soon:
        end = moment(first.not_valid_after_utc)
        yield _told("signature-expiring", f"{_role(first, chain)} expires on {end}")


def _role(certificate: x509.Certificate, chain: Chain) -> str:
    name = short_name(certificate.subject)
    if certificate == chain[0]:
        return f"the signer's certificate '{name}'"
    return f"the certificate '{name}' above the signer '{short_name(chain[0].subject)}'"


def _chain_findings(
    chain: Chain, held: Sequence[x509.Certificate], at: datetime
) -> Iterator[Finding]:
    for fault in chain_faults(resting(chain), at=at):
        if fault.kind is FaultKind.ROLE:
            yield _told("signature-wrong-purpose", fault.message, fix=fault.hint)
    leaf = chain[0]
    if is_self_signed(leaf):
        message = f"the signer '{short_name(leaf.subject)}' has signed its own certificate"
        yield _told("signature-self-signed", message)
    elif len(chain) == 1:
        issuer = short_name(leaf.issuer)
        message = f"the certificate of '{issuer}', issuer of '{short_name(leaf.subject)}', is not"
        message += " in the file"
        if any(other.subject == leaf.issuer for other in held):
            message += ", only another one of that name"
        yield _told("signature-incomplete-chain", message)


def _told(code: str, message: str, *, fix: str = "") -> Finding:
    """Return the finding with its message as a sentence, as those of all other rules are."""
    sentence = f"{message[0].upper()}{message[1:].removesuffix('.')}."
    return found(code, "", sentence, fix=fix)
