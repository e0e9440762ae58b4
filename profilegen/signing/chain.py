"""Find the way from a signer's certificate up to a root, by signatures.

Knows which certificate signed which; whether they may is for `rules`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from profilegen.signing.certificates import (
    fingerprint,
    in_force,
    is_issued_by,
    is_self_signed,
)
from profilegen.signing.rules import may_issue

Chain = tuple[x509.Certificate, ...]
_Owner = tuple[bytes, bytes]  # name and key

MAX_CHAIN = 10
"""Certificates, the signer and the anchor included; real chains have three or four."""

# Who made a file chose what is in it: each step costs the check of a signature, about 0.1 ms.
_MAX_STEPS = 2_000


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


def chains_to(
    leaf: x509.Certificate,
    pool: Iterable[x509.Certificate],
    anchors: Iterable[x509.Certificate],
    *,
    at: datetime,
) -> Iterator[Chain]:
    """Yield the chains from `leaf` through `pool` to a certificate of `anchors`, shortest first.

    Of equally long ones those come first whose certificates are in force at `at` and may issue. A
    chain never holds two certificates of one name and key, so that loops of cross-certificates end
    (RFC 4158 section 5.2), and the search is bounded: of a pool made to have endless chains only
    the first are found.
    """
    trusted = frozenset(anchors)
    issuers = _by_subject({*pool, *trusted} - {leaf}, at)
    waiting: deque[tuple[Chain, frozenset[_Owner]]] = deque([((leaf,), frozenset({_owner(leaf)}))])
    steps = _MAX_STEPS
    while waiting and steps > 0:
        chain, owners = waiting.popleft()
        if chain[-1] in trusted:
            yield chain
        if len(chain) == MAX_CHAIN:
            continue
        for owner, issuer in issuers[chain[-1].issuer.public_bytes()]:
            if owner in owners or steps == 0:
                continue
            steps -= 1
            if is_issued_by(chain[-1], issuer):
                waiting.append(((*chain, issuer), owners | {owner}))


def _by_subject(
    certificates: Iterable[x509.Certificate], at: datetime
) -> defaultdict[bytes, list[tuple[_Owner, x509.Certificate]]]:
    found: defaultdict[bytes, list[tuple[_Owner, x509.Certificate]]] = defaultdict(list)
    ordered = sorted(
        certificates, key=lambda c: (not (in_force(c, at) and may_issue(c)), *_preference(c))
    )
    for certificate in ordered:
        owner = _owner(certificate)
        found[owner[0]].append((owner, certificate))
    return found


def _owner(certificate: x509.Certificate) -> _Owner:
    try:
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (UnsupportedAlgorithm, ValueError):
        key = certificate.public_bytes(Encoding.DER)
    return certificate.subject.public_bytes(), key


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
