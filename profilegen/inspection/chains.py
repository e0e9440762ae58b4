"""The chain that a signed file brings along for its signer, as far as it goes.

For saying what is wrong with it, also where it rests on SHA-1; whether it is to be trusted is
judged by `profilegen.signing.path` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from profilegen.signing.algorithms import WEAK_DIGESTS
from profilegen.signing.certificates import in_force, is_issued_by, is_self_signed
from profilegen.signing.chain import Chain
from profilegen.signing.integrity import State, Statement, signature_verdict

# Each step and each certificate of the name wanted costs the check of a signature, and who made
# the file chose how many there are. Real chains have three steps at most.
_MAX_STEPS = 6
_MAX_NAMESAKES = 4


def chain_of(
    certificate: x509.Certificate, held: Sequence[x509.Certificate], *, at: datetime
) -> Chain:
    """Return the chain from `certificate` upwards, made of certificates of `held`.

    Ends at a self-signed certificate, or where the issuer is not among `held`. Of several
    certificates of an issuer those in force at `at` come first, then the one that ends last.
    """
    chain = [certificate]
    while len(chain) <= _MAX_STEPS and not is_self_signed(chain[-1]):
        named = [c for c in held if c.subject == chain[-1].issuer and c not in chain]
        named.sort(key=lambda c: (not in_force(c, at), -c.not_valid_after_utc.timestamp()))
        issuer = next((c for c in named[:_MAX_NAMESAKES] if _issued(chain[-1], c)), None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(chain)


def resting(chain: Chain) -> Chain:
    """Return the part of a chain that a signature rests on: devices have the root themselves."""
    return tuple(c for depth, c in enumerate(chain) if depth == 0 or not is_self_signed(c))


def weak_digest(certificate: x509.Certificate) -> str:
    """Return the name of the digest that the certificate is signed with, "" for a strong one."""
    try:
        digest = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return "" if digest is None else WEAK_DIGESTS.get(digest.name, "")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if is_issued_by(certificate, issuer):
        return True
    digest = certificate.signature_hash_algorithm if weak_digest(certificate) else None
    if digest is None:
        return False
    # `cryptography` takes no SHA-1 in certificates, and so cannot tell who signed such a one.
    try:
        key = issuer.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return False
    algorithm = "ecdsa" if isinstance(key, ec.EllipticCurvePublicKey) else "rsassa_pkcs1v15"
    statement = Statement(digest.name, algorithm, None, certificate.signature, None)
    verdict = signature_verdict(statement, certificate.tbs_certificate_bytes, key)
    return verdict.state is State.INTACT
