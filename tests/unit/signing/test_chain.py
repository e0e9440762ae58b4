"""The way up is found by signatures, whatever lies about."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.signing.certificates import is_issued_by, short_name
from profilegen.signing.chain import build_chain, chains_to
from profilegen.signing.path import find_path
from profilegen.signing.rules import chain_faults
from profilegen.signing.trust import Trust
from tests.support import pki


def _up(*issued: pki.Issued) -> tuple[str, ...]:
    pool = [i.certificate for i in issued]
    return tuple(
        c.fingerprint(pki.SHA256).hex() for c in build_chain(pool[0], pool[1:], at=pki.NOW)
    )


def _expected(*issued: pki.Issued) -> tuple[str, ...]:
    return tuple(i.certificate.fingerprint(pki.SHA256).hex() for i in issued)


def test_order_does_not_matter() -> None:
    good, other = pki.chain(), pki.chain(name="Other")
    pool = (good.intermediate, good.root, other.intermediate, other.root)
    expected = _expected(good.leaf, good.intermediate, good.root)
    for order in permutations(pool):
        assert _up(good.leaf, *order) == expected


def test_of_two_issuers_of_one_name_the_one_that_signed_is_taken() -> None:
    good = pki.chain()
    impostor = pki.issue("Test CA", good.root, owner="impostor", extensions=[pki.ca()])
    expected = _expected(good.leaf, good.intermediate, good.root)
    for order in permutations((good.intermediate, impostor, good.root)):
        assert _up(good.leaf, *order) == expected


def test_of_two_certificates_of_one_issuer_the_later_is_taken() -> None:
    good = pki.chain()
    later = pki.issue(
        "Test CA", good.root, end=datetime(2029, 1, 1, tzinfo=UTC), extensions=[pki.ca()]
    )
    expired = pki.issue(
        "Test CA", good.root, end=datetime(2026, 5, 1, tzinfo=UTC), extensions=[pki.ca()]
    )
    for order in permutations((good.intermediate, later, expired, good.root)):
        assert _up(good.leaf, *order) == _expected(good.leaf, later, good.root)


def test_the_way_to_a_root_wins_over_the_way_to_nowhere() -> None:
    good, other = pki.chain(), pki.chain(name="Other")
    crossed = pki.issue(
        "Test CA",
        other.intermediate,
        end=datetime(2030, 1, 1, tzinfo=UTC),
        extensions=[pki.ca()],
    )
    for order in permutations((good.intermediate, crossed, good.root)):
        assert _up(good.leaf, *order) == _expected(good.leaf, good.intermediate, good.root)


def test_loops_of_cross_certificates_end() -> None:
    one, two = pki.root("One"), pki.root("Two")
    one_by_two = pki.issue("One", two, extensions=[pki.ca()])
    two_by_one = pki.issue("Two", one, extensions=[pki.ca()])
    signer = pki.leaf(one_by_two)
    assert _up(signer, one_by_two, two_by_one) == _expected(signer, one_by_two, two_by_one)


def test_an_expired_root_is_reached_so_that_it_can_be_named() -> None:
    top = pki.issue("Old Root", end=datetime(2026, 5, 1, tzinfo=UTC), extensions=[pki.ca()])
    middle = pki.intermediate(top)
    signer = pki.leaf(middle)
    assert _up(signer, top, middle) == _expected(signer, middle, top)


def test_self_issued_certificates_do_not_count_for_the_path_length() -> None:
    top = pki.root()
    old = pki.issue("Test CA", top, extensions=[pki.ca(0)])
    renewed = pki.issue("Test CA", old, owner="renewed", extensions=[pki.ca(0)])
    chain = [pki.leaf(renewed), renewed, old, top]
    assert not list(chain_faults([i.certificate for i in chain], at=pki.NOW))


def test_a_key_of_an_unknown_kind_is_a_fault() -> None:
    good = pki.chain()
    strange = pki.with_unknown_key(good.intermediate)
    faults = chain_faults([good.leaf.certificate, strange.certificate], at=pki.NOW)
    assert [fault.message for fault in faults] == [
        "the key of the certificate 'Test CA' is of an unknown kind"
    ]


def test_a_signature_of_an_unknown_kind_is_a_fault() -> None:
    good = pki.chain()
    ecdsa, unknown = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")
    der = good.leaf.certificate.public_bytes(Encoding.DER).replace(ecdsa, unknown)
    faults = chain_faults([x509.load_der_x509_certificate(der)], at=pki.NOW)
    assert [fault.message for fault in faults] == [
        "the certificate 'Test Signer' is signed with an unknown digest"
    ]


def test_chains_to_a_trusted_certificate_come_the_shortest_first() -> None:
    good = pki.chain()
    crossed = pki.issue("Test Root", pki.root("Other"), owner="Test Root", extensions=[pki.ca()])
    other = pki.root("Other")
    pool = [one.certificate for one in (crossed, good.intermediate)]
    anchors = [one.certificate for one in (other, good.root)]
    found = list(chains_to(good.leaf.certificate, pool, anchors, at=pki.NOW))
    assert [[short_name(one.subject) for one in chain] for chain in found] == [
        ["Test Signer", "Test CA", "Test Root"],
        ["Test Signer", "Test CA", "Test Root", "Other"],
    ]


def test_a_pool_of_loops_does_not_hide_the_way() -> None:
    anchor = pki.root("Anchor")
    way = pki.issue("Loop", anchor, extensions=[pki.ca()])
    loops = [pki.issue("Loop", way, extensions=[pki.ca()]) for _ in range(98)]
    leaf = pki.leaf(loops[0])
    pool = [one.certificate for one in (*loops, way)]
    path = find_path(
        leaf.certificate, pool, trust=Trust((anchor.certificate,), "anchor"), at=pki.NOW
    )
    assert (path.faults, path.chain) == (
        (),
        (leaf.certificate, way.certificate, anchor.certificate),
    )


def test_a_pool_that_is_crossed_everywhere_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten CAs of one name, each of which issued all others: some million ways that lead nowhere."""
    keys = [pki.issue("Cross", owner=f"key {number}") for number in range(10)]
    pool = [
        pki.issue("Cross", issuer, owner=f"key {number}", extensions=[pki.ca()])
        for number in range(10)
        for issuer in keys
    ]
    checks = []

    def counted(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        checks.append(issuer)
        return is_issued_by(certificate, issuer)

    monkeypatch.setattr(f"{chains_to.__module__}.is_issued_by", counted)
    leaf = pki.leaf(pool[0])
    anchor = pki.root("Anchor").certificate
    assert not list(
        chains_to(leaf.certificate, [one.certificate for one in pool], [anchor], at=pki.NOW)
    )
    assert len(checks) <= 2_000
