"""Find the way from a signer's certificate up to a root, by signatures.

Knows which certificate signed which; whether they may is for `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509

from profilegen.signing.certificates import fingerprint, in_force, is_issued_by, is_self_signed
from profilegen.signing.rules import may_issue

Chain = tuple[x509.Certificate, ...]


def build_chain(leaf: x509.Certificate, pool: Iterable[x509.Certificate], *, at: datetime) -> Chain:
    """Return the chain from `leaf` upwards, made of certificates of `pool`.

    The shortest way to a self-signed certificate; where there is none, the longest way that there
    is. Does not depend on the order of `pool`: of several certificates of the same issuer, those
    that are in force at `at` and may issue come first, then the one that expires last. A chain
    through others is returned only when there is no better one, so that the rules can say what is
    wrong with it.
    """
    candidates = sorted(set(pool) - {leaf}, key=_preference)
    sound = [c for c in candidates if in_force(c, at) and may_issue(c)]
    best = _climb(leaf, sound)
    if is_self_signed(best[-1]):
        return best
    any_way = _climb(leaf, candidates)
    return any_way if is_self_signed(any_way[-1]) or len(best) == 1 else best


def _preference(certificate: x509.Certificate) -> tuple[float, str]:
    return -certificate.not_valid_after_utc.timestamp(), fingerprint(certificate)


def _climb(leaf: x509.Certificate, candidates: list[x509.Certificate]) -> Chain:
    """Search breadth first, each certificate once: loops of cross-certificates end too."""
    waiting: list[Chain] = [(leaf,)]
    unused = list(candidates)
    longest: Chain = (leaf,)
    while waiting:
        longest = waiting[0] if len(waiting[0]) > len(longest) else longest
        chain = waiting.pop(0)
        if is_self_signed(chain[-1]):
            return chain
        issuers = [c for c in unused if is_issued_by(chain[-1], c)]
        unused = [c for c in unused if c not in issuers]
        waiting.extend((*chain, issuer) for issuer in issuers)
    return longest
