"""Chains of strangers are followed as far as their signatures go, and no further."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.inspection.chains import chain_of, resting, weak_digest
from tests.support import pki
from tests.support.pki import Issued

CHAIN = pki.chain()
ROOT, CA, LEAF = (i.certificate for i in (CHAIN.root, CHAIN.intermediate, CHAIN.leaf))
ISSUING = [pki.ca(), pki.usage(key_cert_sign=True)]


def names(leaf: Issued, *held: Issued) -> list[str]:
    found = chain_of(leaf.certificate, [one.certificate for one in held], at=pki.NOW)
    return [one.subject.rfc4514_string().removeprefix("CN=") for one in found]


def test_the_way_goes_up_to_the_root() -> None:
    assert chain_of(LEAF, [ROOT, LEAF, CA], at=pki.NOW) == (LEAF, CA, ROOT)
    assert chain_of(LEAF, [CA], at=pki.NOW) == (LEAF, CA)
    assert chain_of(LEAF, [ROOT], at=pki.NOW) == (LEAF,)
    assert chain_of(ROOT, [ROOT, CA], at=pki.NOW) == (ROOT,)


def test_of_renewed_certificates_the_one_in_force_comes_first() -> None:
    ended = pki.NOW - timedelta(days=1)
    old = pki.issue("CA", CHAIN.root, end=ended, extensions=ISSUING)
    new = pki.issue("CA", CHAIN.root, extensions=ISSUING)
    leaf = pki.issue("Leaf", old)
    for held in ([old, new], [new, old]):
        certificates = [one.certificate for one in held]
        found = chain_of(leaf.certificate, certificates, at=pki.NOW)
        assert found == (leaf.certificate, new.certificate)


def test_loops_of_cross_certificates_end() -> None:
    one = pki.issue("One", pki.issue("Two", extensions=ISSUING), extensions=ISSUING)
    two = pki.issue("Two", one, extensions=ISSUING)
    assert names(pki.issue("Leaf", one), one, two) == ["Leaf", "One", "Two"]


def test_long_chains_are_followed_in_part() -> None:
    chain = [pki.issue("0", extensions=ISSUING)]
    for number in range(1, 12):
        chain.append(pki.issue(str(number), chain[-1], extensions=ISSUING))
    assert names(chain[-1], *chain) == ["11", "10", "9", "8", "7", "6", "5"]


def test_certificates_signed_with_sha_1_are_followed_by_their_signatures() -> None:
    for kind in ("p256", "rsa-2048"):
        issuer = pki.issue("CA", kind=kind, extensions=ISSUING)
        leaf = pki.issue("Leaf", issuer, digest=pki.SHA1)
        impostor = pki.issue("CA", CHAIN.root, owner="impostor", kind=kind)
        assert weak_digest(leaf.certificate) == "SHA-1"
        assert names(leaf, impostor, issuer) == ["Leaf", "CA"]
        assert names(leaf, impostor) == ["Leaf"]
        assert names(leaf, pki.with_unknown_key(impostor)) == ["Leaf"]


def test_certificates_signed_in_an_unknown_way_lead_nowhere() -> None:
    der = LEAF.public_bytes(Encoding.DER)
    ecdsa = bytes.fromhex("06082a8648ce3d040302")
    assert ecdsa in der
    odd = x509.load_der_x509_certificate(der.replace(ecdsa, ecdsa[:-1] + b"\x7f"))
    assert weak_digest(odd) == ""
    assert chain_of(odd, [CA], at=pki.NOW) == (odd,)


def test_nothing_rests_on_a_root_but_its_own_signature() -> None:
    assert resting((LEAF, CA, ROOT)) == (LEAF, CA)
    assert resting((ROOT,)) == (ROOT,)
