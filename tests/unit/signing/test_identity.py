"""Identities that can sign, whatever the form and order they come in."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from profilegen.errors import SigningError
from profilegen.secrets import Secret
from profilegen.signing.algorithms import P256_SHA256, P384_SHA384, RSA_SHA256, Scheme
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.keys import opening
from profilegen.signing.keys.interface import KeyMaterial, Passphrase
from tests.support import pki


def _open(uri: str, *, certificates: Path | None = None) -> Identity:
    return open_identity(uri, passphrase=_passphrase, certificates=certificates, at=pki.NOW)


def _passphrase() -> Secret:
    return Secret(pki.PASSPHRASE)


@pytest.mark.parametrize(
    ("kind", "scheme", "name"),
    [
        ("rsa-2048", RSA_SHA256, "RSA 2048"),
        ("p256", P256_SHA256, "ECDSA P-256"),
        ("p384", P384_SHA384, "ECDSA P-384"),
    ],
)
def test_a_key_signs_as_its_kind_demands(
    kind: str, scheme: Scheme, name: str, tmp_path: Path
) -> None:
    identity = _open(pki.chain(kind).write(tmp_path))
    assert identity.scheme == scheme
    assert identity.key_kind == name
    signature = identity.sign(b"data")
    assert signature == identity.sign(b"data")
    digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}[scheme.digest]
    key = identity.leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, b"data", padding.PKCS1v15(), digest)
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, b"data", ec.ECDSA(digest))


def test_order_and_number_of_files_do_not_matter(tmp_path: Path) -> None:
    good = pki.chain()
    parts = {
        "key": good.leaf.key_pem,
        "leaf": b"Bag Attributes\n    friendlyName: signer\n" + good.leaf.pem,
        "ca": good.intermediate.pem,
        "root": good.root.pem,
    }
    for name, text in parts.items():
        (tmp_path / name).write_bytes(text)
    found = set()
    for order in permutations(parts):
        together = tmp_path / "together.pem"
        together.write_bytes(b"".join(parts[name] for name in order))
        for uri in (f"pem:{together}", "pem:" + ",".join(str(tmp_path / n) for n in order)):
            identity = _open(uri)
            found.add((identity.leaf, identity.intermediates, identity.root))
    assert found == {
        (good.leaf.certificate, (good.intermediate.certificate,), good.root.certificate)
    }


def test_pkcs12_gives_the_same_identity(tmp_path: Path) -> None:
    good = pki.chain()
    for passphrase in (pki.PASSPHRASE, None):
        bundle = tmp_path / "id.p12"
        bundle.write_bytes(
            pki.p12(good.leaf, [good.root, good.intermediate], passphrase=passphrase)
        )
        identity = _open(f"p12:{bundle}")
        assert identity.leaf == good.leaf.certificate
        assert identity.intermediates == (good.intermediate.certificate,)
        assert identity.root == good.root.certificate


def test_pkcs12_without_a_key_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "id.p12"
    certificates = pki.chain()
    data = pki.p12_of_certificates(certificates.leaf)
    bundle.write_bytes(data)
    with pytest.raises(SigningError, match="there is no private key"):
        _open(f"p12:{bundle}")


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_asks_for_its_passphrase(form: PrivateFormat, tmp_path: Path) -> None:
    good = pki.chain()
    encryption = BestAvailableEncryption(pki.PASSPHRASE.encode())
    key = good.leaf.key.private_bytes(Encoding.PEM, form, encryption)
    bundle = tmp_path / "id.pem"
    bundle.write_bytes(key + good.leaf.pem + good.intermediate.pem)
    assert _open(f"pem:{bundle}").leaf == good.leaf.certificate


def test_an_open_key_asks_for_nothing(tmp_path: Path) -> None:
    def refuse() -> Secret:
        raise AssertionError

    uri = pki.chain().write(tmp_path)
    identity = open_identity(uri, passphrase=refuse, certificates=None, at=pki.NOW)
    assert identity.sign(b"data")


def test_a_key_given_twice_is_one_key(tmp_path: Path) -> None:
    good = pki.chain()
    bundle = tmp_path / "id.pem"
    bundle.write_bytes(good.leaf.key_pem * 2 + good.leaf.pem * 2 + good.intermediate.pem)
    assert _open(f"pem:{bundle}").leaf == good.leaf.certificate


def test_the_chain_may_come_from_elsewhere(tmp_path: Path) -> None:
    good = pki.chain()
    (tmp_path / "id.pem").write_bytes(good.leaf.key_pem + good.leaf.pem)
    more = tmp_path / "chain.pem"
    more.write_bytes(pki.chain(name="Stray").intermediate.pem + good.intermediate.pem)
    identity = _open(f"pem:{tmp_path / 'id.pem'}", certificates=more)
    assert identity.intermediates == (good.intermediate.certificate,)
    assert identity.root is None


def test_the_renewed_one_of_two_certificates_is_taken(tmp_path: Path) -> None:
    good = pki.chain()
    old = pki.issue("Test Signer", good.intermediate, end=datetime(2026, 5, 1, tzinfo=UTC))
    bundle = tmp_path / "id.pem"
    bundle.write_bytes(old.pem + good.leaf.key_pem + good.leaf.pem + good.intermediate.pem)
    assert _open(f"pem:{bundle}").leaf == good.leaf.certificate


def test_a_signer_below_the_root_needs_no_intermediate(tmp_path: Path) -> None:
    top = pki.root()
    signer = pki.leaf(top)
    bundle = tmp_path / "id.pem"
    bundle.write_bytes(signer.key_pem + signer.pem + top.pem)
    identity = _open(f"pem:{bundle}")
    assert identity.intermediates == ()
    assert identity.root == top.certificate


def test_a_self_signed_signer_stands_alone(tmp_path: Path) -> None:
    alone = pki.issue("Alone")
    bundle = tmp_path / "id.pem"
    bundle.write_bytes(alone.key_pem + alone.pem)
    identity = _open(f"pem:{bundle}")
    assert (identity.intermediates, identity.root) == ((), None)


def test_an_old_root_may_be_signed_with_sha1(tmp_path: Path) -> None:
    plain = pki.issue("Old Root", digest=pki.SHA1, extensions=[pki.ca()])
    key = plain.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    identifiers = [
        x509.SubjectKeyIdentifier.from_public_key(key),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key),
    ]
    named = pki.issue("Old Root", digest=pki.SHA1, extensions=[pki.ca(), *identifiers])
    for top in (plain, named):
        middle = pki.intermediate(top)
        signer = pki.leaf(middle)
        bundle = tmp_path / "id.pem"
        bundle.write_bytes(signer.key_pem + signer.pem + middle.pem + top.pem)
        assert _open(f"pem:{bundle}").root == top.certificate


def test_certificates_of_unknown_keys_are_passed_over(tmp_path: Path) -> None:
    good = pki.chain()
    strange = pki.with_unknown_key(pki.issue("Strange", good.root))
    more = tmp_path / "more.pem"
    more.write_bytes(strange.pem)
    assert _open(good.write(tmp_path), certificates=more).leaf == good.leaf.certificate


def test_a_key_that_signs_wrongly_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = pki.chain()

    def damaged(_: bytes) -> bytes:
        raise ValueError

    for sign in (lambda _: b"wrong", damaged):

        def opener(place: str, passphrase: Passphrase | None) -> KeyMaterial:
            del place, passphrase
            key = good.leaf.certificate.public_key()
            return KeyMaterial(key, sign, (good.leaf.certificate,))  # noqa: B023 - called in the loop

        monkeypatch.setattr(opening, "_BUILT_IN", {"token": opener})
        with pytest.raises(SigningError, match="token:1: the private key is damaged"):
            _open("token:1")


def test_nothing_of_a_key_is_shown(tmp_path: Path) -> None:
    uri = pki.chain().write(tmp_path)
    assert "sign_bytes" not in repr(_open(uri))
    assert "sign=" not in repr(opening.open_key(uri, passphrase=None))


def test_the_fingerprint_is_that_of_the_leaf(tmp_path: Path) -> None:
    good = pki.chain()
    expected = good.leaf.certificate.fingerprint(hashes.SHA256()).hex()
    assert _open(good.write(tmp_path)).fingerprint == expected
