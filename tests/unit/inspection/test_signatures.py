"""Every rule of signatures fires for what it is for, and a well signed file has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from profilegen.catalogue.rules import rules
from profilegen.errors import VerificationError
from profilegen.findings import Finding
from profilegen.inspection.model import Signature, Signer
from profilegen.inspection.signatures import signature_findings, signature_of
from profilegen.signing.signed_file import inspect_signed
from tests.support import pki
from tests.support.pki import Issued
from tests.support.signed import By, armoured, signed_data, streamed

CONTENT = b"<plist/>"
CHAIN = pki.chain("rsa-2048")
ROOT, CA, LEAF = CHAIN.root, CHAIN.intermediate, CHAIN.leaf
SIGNING = [pki.usage(digital_signature=True)]
DATA = signed_data(CONTENT, By(LEAF), certificates=[LEAF, CA])


def findings(data: bytes, *, at: datetime = pki.NOW, soon_days: int = 30) -> list[Finding]:
    return list(signature_findings(inspect_signed(data), at=at, soon_days=soon_days))


def messages(data: bytes, *, at: datetime = pki.NOW) -> dict[str, str]:
    found = findings(data, at=at)
    assert len({one.rule for one in found}) == len(found)
    assert all(one.where == "" and one.fix for one in found)
    return {one.rule: one.message for one in found}


def signed(leaf: Issued, *others: Issued) -> bytes:
    return signed_data(CONTENT, By(leaf), certificates=[leaf, *others])


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        streamed(DATA),
        signed(LEAF, CA, ROOT),
        signed(pki.chain("p256").leaf, pki.chain("p256").intermediate),
        signed_data(CONTENT, By(LEAF, attributes=False), certificates=[LEAF, CA]),
    ],
    ids=["der", "ber", "with-root", "ecdsa", "no-attributes"],
)
def test_what_is_well_signed_has_no_finding(data: bytes) -> None:
    assert not findings(data)


def test_broken() -> None:
    assert messages(DATA.replace(b"<plist/>", b"<plisT/>")) == {
        "signature-broken": "The signature of 'Test Signer': the content was changed after signing:"
        " its digest is not the signed one."
    }


def test_detached() -> None:
    data = signed_data(CONTENT, By(LEAF), certificates=[LEAF, CA], detached=True)
    assert messages(data) == {
        "signature-detached": "The signature is detached: what it signs is not in the file."
    }


def test_signer_missing() -> None:
    data = signed_data(CONTENT, By(LEAF, digest="sha1"), certificates=[CA])
    assert messages(data) == {
        "signature-signer-missing": "The certificate of the signer, which 'CN=Test CA'"
        " issued, is not in the file.",
        "signature-weak": "'(not included)' signed with SHA-1.",
    }
    by_key = By(pki.with_key_identifier(CHAIN), named_by_key=True)
    assert messages(signed_data(CONTENT, by_key, certificates=[CA])) == {
        "signature-signer-missing": "The certificate of the signer is not in the file.",
        "signature-key-identifier": "The signer '(not included)' is named by its key identifier,"
        " not by issuer and number.",
    }


def test_no_signer() -> None:
    assert messages(signed_data(CONTENT, certificates=[CA])) == {
        "signature-no-signer": "The form of a signed file, but nobody signed it."
    }


@pytest.mark.parametrize(
    ("by", "text"),
    [
        (By(LEAF, algorithm="rsassa_pss"), "RSASSA-PSS and sha256, the key is RSA 2048"),
        (By(LEAF, digest="sha3_256"), "RSA PKCS#1 v1.5 and sha3_256, the key is RSA 2048"),
        (By(LEAF, algorithm="sha256_ecdsa"), "ECDSA and sha256, the key is RSA 2048"),
    ],
)
def test_unsupported(by: By, text: str) -> None:
    data = signed_data(CONTENT, by, certificates=[LEAF, CA])
    assert messages(data) == {"signature-unsupported": f"'Test Signer' signed with {text}."}


def test_keys_that_devices_are_not_known_to_take() -> None:
    edward = pki.issue("Edward", CA, kind="ed25519", extensions=SIGNING)
    data = signed_data(CONTENT, By(edward, digest="sha512"), certificates=[edward, CA])
    text = "'Edward' signed with Ed25519 and sha512, the key is Ed25519."
    assert messages(data) == {"signature-unsupported": text}
    unknown = pki.with_unknown_key(pki.chain("p256").leaf)
    found = messages(signed(unknown, pki.chain("p256").intermediate))
    assert found["signature-unsupported"].endswith("the key is unknown.")
    missing = signed_data(CONTENT, By(LEAF, algorithm="rsassa_pss"), certificates=[])
    text = "'(not included)' signed with RSASSA-PSS and sha256."
    assert messages(missing)["signature-unsupported"] == text


def test_unchecked() -> None:
    usage = b"\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02"
    data = signed(LEAF).replace(usage, usage[:-2] + b"\x04\x02")
    assert messages(data) == {
        "signature-unchecked": "The certificate of the signer breaks the rules of X.509 and cannot"
        " be read."
    }


def test_key_identifier() -> None:
    named = pki.with_key_identifier(CHAIN)
    data = signed_data(CONTENT, By(named, named_by_key=True), certificates=[named, CA])
    assert messages(data) == {
        "signature-key-identifier": "The signer 'Test Signer' is named by its key identifier, not"
        " by issuer and number."
    }


@pytest.mark.parametrize(("digest", "name"), [("sha1", "SHA-1"), ("md5", "MD5")])
def test_weak_digest(digest: str, name: str) -> None:
    data = signed_data(CONTENT, By(LEAF, digest=digest), certificates=[LEAF, CA])
    assert messages(data) == {"signature-weak": f"'Test Signer' signed with {name}."}


def test_weak_certificates() -> None:
    sha1 = pki.issue("Old Signer", CA, digest=pki.SHA1, extensions=SIGNING)
    assert messages(signed(sha1, CA)) == {
        "signature-weak": "The certificate 'Old Signer' is signed with SHA-1."
    }
    small = pki.issue("Small Signer", CA, kind="rsa-1024", extensions=SIGNING)
    assert messages(signed(small, CA)) == {
        "signature-weak": "The certificate 'Small Signer' has the key RSA 1024."
    }


def test_a_curve_may_be_too_small() -> None:
    small = pki.issue("Curve", CA, kind="p192", extensions=SIGNING)
    assert messages(signed(small, CA))["signature-weak"] == (
        "The certificate 'Curve' has the key ECDSA secp192r1."
    )


def test_a_chain_is_as_weak_as_its_weakest_certificate() -> None:
    middle = pki.issue(
        "Old CA", ROOT, digest=pki.SHA1, extensions=[pki.ca(0), pki.usage(key_cert_sign=True)]
    )
    leaf = pki.issue("Signer", middle, extensions=SIGNING)
    assert messages(signed(leaf, middle)) == {
        "signature-weak": "The certificate 'Old CA' is signed with SHA-1."
    }


def test_the_signature_of_a_root_is_no_matter() -> None:
    old = pki.issue(
        "Old Root", digest=pki.SHA1, extensions=[pki.ca(), pki.usage(key_cert_sign=True)]
    )
    leaf = pki.issue("Signer", old, extensions=SIGNING)
    assert not messages(signed(leaf, old))


def test_expired_at_the_time_that_is_asked_for() -> None:
    end = pki.END
    text = "The signer's certificate 'Test Signer' expired on 2028-01-01 00:00:00 UTC."
    assert messages(DATA, at=end + timedelta(seconds=1)) == {"signature-expired": text}
    soon = "The signer's certificate 'Test Signer' expires on 2028-01-01 00:00:00 UTC."
    assert messages(DATA, at=end) == {"signature-expiring": soon}
    assert messages(DATA, at=end - timedelta(days=30)) == {"signature-expiring": soon}
    assert not messages(DATA, at=end - timedelta(days=30, seconds=1))
    assert findings(DATA, at=end - timedelta(days=60), soon_days=60)
    assert not findings(DATA, at=end - timedelta(days=8), soon_days=7)


def test_an_intermediate_may_expire_first() -> None:
    middle = pki.issue(
        "Short CA",
        ROOT,
        end=pki.NOW + timedelta(days=10),
        extensions=[pki.ca(0), pki.usage(key_cert_sign=True)],
    )
    data = signed(pki.issue("Signer", middle, extensions=SIGNING), middle)
    role = "The certificate 'Short CA' above the signer 'Signer'"
    end = "2026-06-11 12:00:00 UTC"
    assert messages(data) == {"signature-expiring": f"{role} expires on {end}."}
    later = pki.NOW + timedelta(days=11)
    assert messages(data, at=later) == {"signature-expired": f"{role} expired on {end}."}


def test_an_expired_root_is_no_matter() -> None:
    old = pki.issue(
        "Root",
        end=pki.NOW - timedelta(days=1),
        extensions=[pki.ca(), pki.usage(key_cert_sign=True)],
    )
    assert not messages(signed(pki.issue("Signer", old, extensions=SIGNING), old))


def test_not_yet_valid() -> None:
    future = pki.issue("Future", CA, start=pki.NOW + timedelta(days=1), extensions=SIGNING)
    assert messages(signed(future, CA)) == {
        "signature-not-yet-valid": "The signer's certificate 'Future' is not valid before"
        " 2026-06-02 12:00:00 UTC."
    }


def test_incomplete_chain() -> None:
    text = "The certificate of 'Test CA', issuer of 'Test Signer', is not in the file."
    assert messages(signed(LEAF)) == {"signature-incomplete-chain": text}
    assert messages(signed(LEAF, ROOT)) == {"signature-incomplete-chain": text}
    impostor = pki.issue("Test CA", ROOT, owner="impostor")
    assert messages(signed(LEAF, impostor)) == {
        "signature-incomplete-chain": f"{text[:-1]}, only another one of that name."
    }


def test_the_right_one_of_two_certificates_of_a_name_is_found() -> None:
    impostor = pki.issue("Test CA", ROOT, owner="impostor")
    assert not messages(signed(LEAF, impostor, CA))


def test_self_signed() -> None:
    alone = pki.issue("Alone", kind="rsa-2048", extensions=SIGNING)
    assert messages(signed(alone)) == {
        "signature-self-signed": "The signer 'Alone' has signed its own certificate."
    }


def test_wrong_purpose() -> None:
    sealing = pki.issue("Sealing", CA, extensions=[pki.usage(key_encipherment=True)])
    found = findings(signed(sealing, CA))
    assert [(one.rule, one.message, one.fix) for one in found] == [
        (
            "signature-wrong-purpose",
            "The certificate 'Sealing' may not sign data.",
            "Get one whose key usage has digitalSignature.",
        )
    ]
    other = pki.leaf(ROOT, "Other")
    below = pki.issue("Below", other, extensions=SIGNING)
    assert messages(signed(below, other)) == {
        "signature-wrong-purpose": "The certificate 'Other' issued another one but is not a CA."
    }


def test_several_signers() -> None:
    other = pki.chain("p384")
    data = signed_data(
        CONTENT, By(LEAF), By(other.leaf, digest="sha384"), certificates=[LEAF, other.leaf, CA]
    )
    found = {one.rule: one.message for one in findings(data)}
    assert found["signature-several-signers"] == "2 signers: 'Test Signer', 'Test Signer'."


def test_trailing_bytes() -> None:
    text = "behind the signature, signed by none"
    assert messages(DATA + b"\n") == {"signature-trailing-bytes": f"1 byte {text}."}
    assert messages(DATA + b"\0" * 12) == {"signature-trailing-bytes": f"12 bytes {text}."}


def test_armoured() -> None:
    assert messages(armoured(DATA)) == {
        "signature-armoured": "The signed file is in PEM armour, not in DER."
    }


def test_the_signature_as_reports_print_it() -> None:
    fingerprint = LEAF.certificate.fingerprint(pki.SHA256).hex()
    signer = Signer(
        name="CN=Test Signer",
        issuer="CN=Test CA",
        fingerprint=fingerprint,
        key="RSA 2048",
        digest="sha256",
        algorithm="RSA PKCS#1 v1.5",
        not_before="2026-01-01T00:00:00Z",
        not_after="2028-01-01T00:00:00Z",
        signed_at="2026-06-01T12:00:00Z",
        state="intact",
        reason="",
    )
    found = signature_of(inspect_signed(DATA))
    assert found == Signature("intact", "CN=Test Signer", fingerprint, (signer,))


def test_a_signature_without_certificate_or_signer() -> None:
    data = signed_data(CONTENT, By(LEAF, attributes=False), certificates=[])
    found = signature_of(inspect_signed(data))
    assert (found.state, found.signer, found.fingerprint) == ("unchecked", "(not included)", "")
    (signer,) = found.signers
    assert (signer.not_before, signer.not_after, signer.signed_at) == (None, None, None)
    assert signer.reason == "the certificate of the signer is not in the file"
    nobody = signature_of(inspect_signed(signed_data(CONTENT, certificates=[CA])))
    assert nobody == Signature("unchecked", "(nobody)", "")


def test_the_worst_signer_decides() -> None:
    wrong = By(Issued(CA.certificate, pki.chain("p384").leaf.key))
    signers = [By(LEAF), wrong, By(LEAF, algorithm="sha256_ecdsa")]
    for count, state in ((1, "intact"), (2, "broken"), (3, "broken")):
        data = signed_data(CONTENT, *signers[:count], certificates=[LEAF, CA])
        assert signature_of(inspect_signed(data)).state == state
    unchecked = signed_data(CONTENT, signers[0], signers[2], certificates=[LEAF, CA])
    assert signature_of(inspect_signed(unchecked)).state == "unchecked"


def test_chains_of_namesakes_end() -> None:
    # Each issued the next and all have one name, which makes a search for issuers square.
    chain = [pki.issue("Same", owner="0", extensions=[pki.ca()])]
    for number in range(1, 20):
        chain.append(pki.issue("Same", chain[-1], owner=str(number), extensions=[pki.ca()]))
    found = {one.rule for one in findings(signed(chain[-1], *chain))}
    assert found <= {"signature-incomplete-chain", "signature-self-signed"}


def test_every_rule_has_a_page() -> None:
    own = [rule for rule in rules().values() if rule.family == "signature"]
    assert len(own) == 17
    for rule in own:
        assert 3 <= rule.about.count(". ") <= 12, rule.code
        assert rule.fix != rule.title
        assert rule.sources


SAMPLES: Sequence[bytes] = (DATA, signed(LEAF, CA, ROOT), streamed(signed(LEAF, ROOT)))


@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_files_have_findings_or_are_refused(sample: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sample) - 1))
    damaged = sample[:at] + data.draw(st.binary(max_size=3)) + sample[at + 1 :]
    try:
        found = inspect_signed(damaged)
    except VerificationError:
        return
    when = datetime(2029, 1, 1, tzinfo=UTC)
    assert all(one.message.isprintable() for one in signature_findings(found, at=when))
    assert signature_of(found).state in {"intact", "broken", "unchecked"}


def test_extended_purposes_do_not_matter() -> None:
    server = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
    tls = pki.issue("mdm.example.org", CA, extensions=[*SIGNING, server])
    assert not messages(signed(tls, CA))
