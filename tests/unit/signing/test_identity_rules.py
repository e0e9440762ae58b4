"""An organization's own rules for identities: what breaks them, and what is said then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from profilegen.signing.algorithms import KeyKind
from profilegen.signing.development import (
    ensure_development_identity,
    open_development_identity,
)
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.identity_rules import (
    DIGESTS,
    KEYS,
    NO_RULES,
    USES,
    IdentityRules,
    IdentityRulesError,
    broken_rules,
    refuse_broken_rules,
    refuse_development,
)
from tests.support import pki
from tests.support.pki import Issued

SOURCE = "profilegen.toml"


def opened(folder: Path, signer: Issued, *others: Issued) -> Identity:
    bundle = folder / "id.pem"
    bundle.write_bytes(signer.key_pem + signer.pem + b"".join(one.pem for one in others))
    return open_identity(f"pem:{bundle}", passphrase=None, certificates=None, at=pki.NOW)


def usual(folder: Path, kind: str = "rsa-2048") -> Identity:
    """Return an identity whose CA and root have P-256 keys and sign with SHA-256."""
    chain = pki.chain(kind)
    return opened(folder, chain.leaf, chain.intermediate, chain.root)


def for_uses(folder: Path, *uses: x509.ObjectIdentifier) -> Identity:
    chain = pki.chain()
    extensions: list[x509.ExtensionType] = [pki.usage(digital_signature=True)]
    if uses:
        extensions.append(x509.ExtendedKeyUsage(uses))
    signer = pki.issue("Test Signer", chain.intermediate, extensions=extensions)
    return opened(folder, signer, chain.intermediate)


def told(identity: Identity, rules: IdentityRules) -> list[tuple[str, str]]:
    return [
        (one.message.removeprefix(f"{SOURCE}: "), one.hint)
        for one in broken_rules(identity, rules, at=pki.NOW)
    ]


def test_no_rules_accept_any_identity(tmp_path: Path) -> None:
    assert broken_rules(usual(tmp_path), NO_RULES, at=pki.NOW) == ()


def test_rules_that_hold(tmp_path: Path) -> None:
    rules = IdentityRules(SOURCE, DIGESTS, KEYS, min_days=578, development=False)
    refuse_broken_rules(usual(tmp_path), rules, at=pki.NOW)


def test_the_digest_of_the_signature(tmp_path: Path) -> None:
    chain = pki.chain()
    middle = pki.issue(
        "Wide CA",
        chain.root,
        digest=hashes.SHA384(),
        extensions=[pki.ca(0), pki.usage(key_cert_sign=True)],
    )
    signer = pki.issue("Test Signer", middle, digest=hashes.SHA384())
    rules = IdentityRules(SOURCE, digests=("sha384",))
    assert told(opened(tmp_path, signer, middle), rules) == [
        (
            "signing.digests: 'Test Signer' signs with sha256; accepted: sha384",
            "RSA and P-256 keys sign with sha256, P-384 keys with sha384.",
        )
    ]


def test_the_digests_of_the_chain_below_the_root(tmp_path: Path) -> None:
    chain = pki.chain()
    signer = pki.issue("Test Signer", chain.intermediate, kind="p384", digest=hashes.SHA384())
    identity = opened(tmp_path, signer, chain.intermediate, chain.root)
    assert told(identity, IdentityRules(SOURCE, digests=("sha384",))) == [
        (
            "signing.digests: the certificate 'Test CA' is signed with sha256; accepted: sha384",
            "Get one that 'Test Root' signs with one of these.",
        )
    ]


def test_the_keys_of_the_chain_below_the_root(tmp_path: Path) -> None:
    hint = "Get a certificate and a CA with such keys."
    assert told(usual(tmp_path), IdentityRules(SOURCE, keys=("rsa-3072", "rsa-4096"))) == [
        (
            (
                f"signing.keys: the certificate '{name}' has the key {key};"
                " accepted: rsa-3072, rsa-4096"
            ),
            hint,
        )
        for name, key in (("Test Signer", "rsa-2048"), ("Test CA", "p256"))
    ]
    assert told(usual(tmp_path), IdentityRules(SOURCE, keys=("rsa-2048", "p256"))) == []


def test_a_key_that_no_rule_can_name_is_not_accepted(tmp_path: Path) -> None:
    top = pki.root("Old Root")
    middle = pki.intermediate(top, "Old CA", kind="p192")
    ((message, _),) = told(
        opened(tmp_path, pki.leaf(middle, "New Signer"), middle), IdentityRules(SOURCE, keys=KEYS)
    )
    assert "'Old CA' has the key secp192r1" in message


def test_the_uses_of_the_signer(tmp_path: Path) -> None:
    code = IdentityRules(SOURCE, uses=(USES["codeSigning"], "1.2.3"))
    hint = "Get a certificate for one of these uses."
    accepted = "accepted: codeSigning, 1.2.3"
    mail = for_uses(tmp_path, ExtendedKeyUsageOID.EMAIL_PROTECTION, x509.ObjectIdentifier("1.9"))
    assert told(mail, code) == [
        (
            (
                "signing.extended-key-usage: the certificate 'Test Signer' is for emailProtection,"
                f" 1.9; {accepted}"
            ),
            hint,
        )
    ]
    assert told(for_uses(tmp_path), code) == [
        (
            (
                "signing.extended-key-usage: the certificate 'Test Signer' says no extended key"
                f" usage; {accepted}"
            ),
            hint,
        )
    ]
    own = for_uses(tmp_path, ExtendedKeyUsageOID.CLIENT_AUTH, x509.ObjectIdentifier("1.2.3"))
    assert told(own, code) == []


def test_a_use_for_anything_is_not_the_use_that_is_asked_for(tmp_path: Path) -> None:
    anything = for_uses(tmp_path, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    assert len(told(anything, IdentityRules(SOURCE, uses=(USES["codeSigning"],)))) == 1


def test_a_certificate_that_ends_too_soon(tmp_path: Path) -> None:
    chain = pki.chain("rsa-2048")
    end = pki.NOW + timedelta(days=14) - timedelta(seconds=1)
    extensions = [pki.ca(0), pki.usage(key_cert_sign=True)]
    middle = pki.issue("Brief CA", chain.root, end=end, extensions=extensions)
    identity = opened(tmp_path, pki.leaf(middle), middle)
    assert told(identity, IdentityRules(SOURCE, min_days=14)) == [
        (
            (
                "signing.min-days: the certificate 'Brief CA' expires on 2026-06-15 11:59:59 UTC"
                " (days left: 13); accepted: 14 or more"
            ),
            "Renew it, and use the new one.",
        )
    ]
    assert told(identity, IdentityRules(SOURCE, min_days=13)) == []


def test_a_root_that_ends_too_soon_ends_the_chain(tmp_path: Path) -> None:
    rules = IdentityRules(SOURCE, min_days=600)
    assert [message.split("'")[1] for message, _ in told(usual(tmp_path), rules)] == [
        "Test Signer",
        "Test CA",
        "Test Root",
    ]


def test_the_development_identity(tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    ensure_development_identity(folder, now=pki.NOW, key=KeyKind.P256)
    identity = open_development_identity(folder, at=pki.NOW)
    assert told(identity, IdentityRules(SOURCE)) == []
    refused = [
        (
            "signing.development: the development identity is not accepted",
            "Name another one with --identity.",
        )
    ]
    assert told(identity, IdentityRules(SOURCE, development=False)) == refused
    with pytest.raises(IdentityRulesError, match="development identity is not accepted"):
        refuse_development(IdentityRules(SOURCE, development=False))
    refuse_development(IdentityRules(SOURCE))


def test_every_broken_rule_is_reported(tmp_path: Path) -> None:
    rules = IdentityRules(SOURCE, keys=("rsa-4096",), uses=(USES["codeSigning"],), min_days=1000)
    with pytest.raises(IdentityRulesError) as caught:
        refuse_broken_rules(usual(tmp_path), rules, at=pki.NOW)
    assert caught.value.exit_code == 4
    assert [message.split(": ")[1] for message, _ in caught.value.reports()] == [
        *["signing.keys"] * 2,
        "signing.extended-key-usage",
        *["signing.min-days"] * 3,
    ]
    assert caught.value.message == caught.value.reports()[0][0]
