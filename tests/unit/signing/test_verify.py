"""Every check of a verification refuses what it is for, and says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from asn1crypto import cms as asn1
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from profilegen.errors import VerificationError
from profilegen.signing import failures
from profilegen.signing.algorithms import P256_SHA256, signer
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.identity import Identity
from profilegen.signing.message import read_signed
from profilegen.signing.path import trusted_chain
from profilegen.signing.trust import Trust
from profilegen.signing.verification.steps import StepName, Verdict, not_checked, passed, verdict_of
from profilegen.signing.verify import check_integrity, verify
from tests.support import pki
from tests.support.pki import Issued

CONTENT = b"<plist/>"
LATER = datetime(2029, 1, 1, tzinfo=UTC)


def _identity(leaf: Issued, intermediates: Sequence[Issued]) -> Identity:
    """Return an identity that `open_identity` would refuse where it is bad."""
    return Identity(
        leaf=leaf.certificate,
        intermediates=tuple(i.certificate for i in intermediates),
        root=None,
        scheme=P256_SHA256,
        sign_bytes=signer(leaf.key, where="test"),
    )


def _signed(leaf: Issued, *intermediates: Issued) -> bytes:
    return sign_embedded(CONTENT, _identity(leaf, intermediates), signed_at=pki.NOW)


def _trust(*issued: Issued) -> Trust:
    return Trust(tuple(i.certificate for i in issued), "roots.pem")


GOOD = pki.chain()
ROOT, CA, LEAF = GOOD.root, GOOD.intermediate, GOOD.leaf
DATA = _signed(LEAF, CA)


def _changed(change: Callable[[asn1.SignedData], None], data: bytes = DATA) -> bytes:
    info = asn1.ContentInfo.load(data)
    change(info["content"])
    encoded: bytes = info.dump(force=True)
    return encoded


def test_what_holds_comes_back() -> None:
    verified = verify(DATA, trust=_trust(ROOT), at=pki.NOW)
    assert verified.content == CONTENT
    assert verified.chain == (LEAF.certificate, CA.certificate, ROOT.certificate)
    assert verified.signer == LEAF.certificate
    assert verified.fingerprint == LEAF.certificate.fingerprint(hashes.SHA256()).hex()
    assert verified.signed_at == pki.NOW
    assert verified.digest == "sha256"
    assert verified.trusted_by == "roots.pem (CN=Test Root)"
    assert verified.warnings == ()


def test_a_detached_signature_needs_its_content() -> None:
    data = sign_detached(CONTENT, _identity(LEAF, [CA]), signed_at=pki.NOW)
    assert verify(data, trust=_trust(ROOT), content=CONTENT, at=pki.NOW).content == CONTENT
    with pytest.raises(failures.ContentChangedError):
        verify(data, trust=_trust(ROOT), content=CONTENT + b"\n", at=pki.NOW)
    with pytest.raises(failures.ContentMissingError) as refused:
        verify(data, trust=_trust(ROOT), at=pki.NOW)
    assert refused.value.message == "the signature is detached, and what it signs was not given"


def test_content_given_beside_an_embedded_one_is_compared() -> None:
    verified = verify(DATA, trust=_trust(ROOT), content=CONTENT, at=pki.NOW)
    assert verified.content == CONTENT
    with pytest.raises(failures.ContentChangedError) as refused:
        verify(DATA, trust=_trust(ROOT), content=b"", at=pki.NOW)
    assert refused.value.message == "the content in the signed file is not the content given"


def test_an_intermediate_may_be_trusted() -> None:
    verified = verify(DATA, trust=_trust(CA), at=pki.NOW)
    assert verified.chain == (LEAF.certificate, CA.certificate)


def test_a_signer_may_be_trusted_itself() -> None:
    alone = pki.issue("Alone")
    assert verify(_signed(alone), trust=_trust(alone), at=pki.NOW).signer == alone.certificate


def test_other_usages_and_names_do_not_matter() -> None:
    tls = pki.issue(
        "TLS",
        CA,
        extensions=[
            pki.usage(content_commitment=True),
            x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]),
            x509.SubjectAlternativeName([x509.DNSName("mdm.example")]),
        ],
    )
    assert verify(_signed(tls, CA), trust=_trust(ROOT), at=pki.NOW).signer == tls.certificate


@dataclass(frozen=True, slots=True)
class Broken:
    """A signed file that is changed, and why it is refused."""

    name: str
    change: Callable[[asn1.SignedData], None]
    kind: type[VerificationError]
    message: str


def _signer_info(data: asn1.SignedData) -> asn1.SignerInfo:
    return data["signer_infos"][0]


def _content(data: asn1.SignedData) -> None:
    data["encap_content_info"]["content"] = core.OctetString(b"<plist>")


def _signature(data: asn1.SignedData) -> None:
    value = bytearray(_signer_info(data)["signature"].native)
    value[-1] ^= 1
    _signer_info(data)["signature"] = bytes(value)


def _time(data: asn1.SignedData) -> None:
    attributes = _signer_info(data)["signed_attrs"]
    attributes[1]["values"] = [asn1.Time("utc_time", core.UTCTime(LATER))]


def _no_digest(data: asn1.SignedData) -> None:
    attributes = _signer_info(data)["signed_attrs"]
    _signer_info(data)["signed_attrs"] = [attributes[0], attributes[1]]


def _no_type(data: asn1.SignedData) -> None:
    attributes = _signer_info(data)["signed_attrs"]
    _signer_info(data)["signed_attrs"] = [attributes[1], attributes[2]]


def _other_type(data: asn1.SignedData) -> None:
    attributes = _signer_info(data)["signed_attrs"]
    attributes[0]["values"] = ["signed_data"]


def _no_attributes(data: asn1.SignedData) -> None:
    del _signer_info(data)["signed_attrs"]


def _no_certificate(data: asn1.SignedData) -> None:
    data["certificates"] = [
        c for c in data["certificates"] if c.chosen.subject.native["common_name"] != "Test Signer"
    ]


def _digest(name: str) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        data["digest_algorithms"] = [{"algorithm": name}]
        _signer_info(data)["digest_algorithm"] = {"algorithm": name}

    return change


def _algorithm(name: str) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        _signer_info(data)["signature_algorithm"] = {"algorithm": name}

    return change


def _pss(data: asn1.SignedData) -> None:
    digest = {"algorithm": "sha256"}
    parameters = {
        "hash_algorithm": digest,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
        "salt_length": 32,
    }
    _signer_info(data)["signature_algorithm"] = {
        "algorithm": "rsassa_pss",
        "parameters": parameters,
    }


_REFUSED = "which devices or MDM servers refuse"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(one, id=one.name)
        for one in (
            Broken(
                "content",
                _content,
                failures.ContentChangedError,
                "the content was changed after signing: its digest is not the signed one",
            ),
            Broken(
                "signature",
                _signature,
                failures.BadSignatureError,
                "the signature does not verify with the key of 'Test Signer'",
            ),
            Broken(
                "signing time",
                _time,
                failures.BadSignatureError,
                "the signature does not verify with the key of 'Test Signer'",
            ),
            Broken(
                "no digest",
                _no_digest,
                failures.MalformedError,
                "the digest of the content is not among the signed attributes",
            ),
            Broken(
                "no content type",
                _no_type,
                failures.MalformedError,
                "the signed content type is missing, expected data",
            ),
            Broken(
                "another content type",
                _other_type,
                failures.MalformedError,
                "the signed content type is signed_data, expected data",
            ),
            Broken(
                "attributes taken away",
                _no_attributes,
                failures.BadSignatureError,
                "the signature does not verify with the key of 'Test Signer'",
            ),
            Broken(
                "no signer certificate",
                _no_certificate,
                failures.SignerMissingError,
                "the certificate of the signer is not in the file",
            ),
            Broken(
                "SHA-1",
                _digest("sha1"),
                failures.WeakAlgorithmError,
                "signed with SHA-1, which can be forged",
            ),
            Broken(
                "MD5",
                _digest("md5"),
                failures.WeakAlgorithmError,
                "signed with MD5, which can be forged",
            ),
            Broken(
                "SHA-1 by the name of the signature",
                _algorithm("sha1_ecdsa"),
                failures.WeakAlgorithmError,
                "signed with SHA-1, which can be forged",
            ),
            Broken(
                "SHA-224",
                _digest("sha224"),
                failures.UnsupportedAlgorithmError,
                f"signed with ECDSA and SHA-224, {_REFUSED}",
            ),
            Broken(
                "RSASSA-PSS by an ECDSA key",
                _pss,
                failures.MalformedError,
                "the signature algorithm rsassa_pss does not fit ECDSA P-256 and sha256",
            ),
            Broken(
                "RSASSA-PSS that leaves its digest to SHA-1",
                _algorithm("rsassa_pss"),
                failures.WeakAlgorithmError,
                "signed with SHA-1, which can be forged",
            ),
            Broken(
                "Ed25519",
                _algorithm("ed25519"),
                failures.UnsupportedAlgorithmError,
                f"signed with Ed25519, {_REFUSED}",
            ),
            Broken(
                "RSA by an ECDSA key",
                _algorithm("rsassa_pkcs1v15"),
                failures.MalformedError,
                "the signature algorithm rsassa_pkcs1v15 does not fit ECDSA P-256 and sha256",
            ),
            Broken(
                "another digest by name",
                _algorithm("sha384_ecdsa"),
                failures.MalformedError,
                "the signature algorithm sha384_ecdsa does not fit ECDSA P-256 and sha256",
            ),
        )
    ],
)
def test_a_changed_file_is_refused(broken: Broken) -> None:
    with pytest.raises(broken.kind) as refused:
        verify(_changed(broken.change), trust=_trust(ROOT), at=pki.NOW)
    assert refused.value.message == broken.message
    assert refused.value.hint
    assert refused.value.exit_code == 5


def _by_key_identifier() -> bytes:
    key = LEAF.certificate.public_key()
    named = pki.issue(
        "Named",
        CA,
        owner="Test Signer",
        extensions=[x509.SubjectKeyIdentifier.from_public_key(key)],
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key).digest

    def change(data: asn1.SignedData) -> None:
        data["version"] = "v3"
        _signer_info(data)["version"] = "v3"
        _signer_info(data)["sid"] = asn1.SignerIdentifier("subject_key_identifier", identifier)

    return _changed(change, _signed(named, CA))


def test_a_signer_named_by_key_identifier_is_a_warning() -> None:
    verified = verify(_by_key_identifier(), trust=_trust(ROOT), at=pki.NOW)
    (warning,) = verified.warnings
    assert "subjectKeyIdentifier" in warning


def test_without_attributes_the_content_itself_is_signed() -> None:
    def change(data: asn1.SignedData) -> None:
        _no_attributes(data)
        _signer_info(data)["signature"] = signer(LEAF.key, where="test")(CONTENT)

    verified = verify(_changed(change), trust=_trust(ROOT), at=pki.NOW)
    assert verified.signed_at is None
    (warning,) = verified.warnings
    assert "time of signing is not known" in warning


def test_integrity_asks_nothing_of_the_chain() -> None:
    assert check_integrity(read_signed(_signed(LEAF))) == CONTENT


def test_a_signer_with_an_unknown_key_is_refused() -> None:
    strange = pki.with_unknown_key(LEAF)
    data = _signed(strange, CA)
    with pytest.raises(failures.UnsupportedAlgorithmError) as refused:
        verify(data, trust=_trust(ROOT), at=pki.NOW)
    assert refused.value.message == "the key of 'Test Signer' is of an unknown kind"


# --- The chain


@dataclass(frozen=True, slots=True)
class Untrusted:
    """A file whose signature holds and whose chain does not."""

    name: str
    data: bytes
    trust: Trust
    kind: type[VerificationError]
    message: str
    at: datetime = pki.NOW


def _directory(common: str) -> x509.DirectoryName:
    return x509.DirectoryName(pki.name_of(common))


_TRUST = _trust(ROOT)
_OTHER = pki.chain(name="Other")
_NAMESAKE = pki.root("Test Root", owner="another")
_EXPIRED_CA = pki.issue("Old CA", ROOT, end=datetime(2026, 5, 1, tzinfo=UTC), extensions=[pki.ca()])
_NOT_A_CA = pki.issue("Plain", ROOT)
_NO_CERT_SIGN = pki.issue("CRL CA", ROOT, extensions=[pki.ca(), pki.usage(crl_sign=True)])
_NARROW = pki.issue("Narrow CA", ROOT, extensions=[pki.ca(0)])
_BELOW = pki.issue("Lower CA", _NARROW, extensions=[pki.ca()])
_SHA1_CA = pki.issue("SHA-1 CA", ROOT, digest=pki.SHA1, extensions=[pki.ca()])
_MAIL_CA = pki.issue(
    "Mail CA",
    ROOT,
    extensions=[pki.ca(), x509.NameConstraints([x509.DNSName("mail.example")], None)],
)
_NAMED_CA = pki.issue(
    "Named CA", ROOT, extensions=[pki.ca(), x509.NameConstraints([_directory("Nobody")], None)]
)
_ELSEWHERE = pki.issue(
    "Elsewhere",
    _MAIL_CA,
    extensions=[x509.SubjectAlternativeName([x509.DNSName("other.example")])],
)
_POLICY = pki.issue(
    "Strict",
    CA,
    extensions=[
        x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)])
    ],
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(one, id=one.name)
        for one in (
            Untrusted(
                "another root",
                DATA,
                _trust(_OTHER.root),
                failures.UntrustedError,
                "the chain ends at 'Test CA', and its issuer 'Test Root' is not in"
                " roots.pem (CN=Other Root)",
            ),
            Untrusted(
                "another root of the same name",
                DATA,
                _trust(_NAMESAKE),
                failures.UntrustedError,
                "the chain ends at 'Test CA', and its issuer 'Test Root' is not in"
                " roots.pem (CN=Test Root); the one of that name there has another key",
            ),
            Untrusted(
                "a root in the file is not trusted for being there",
                _signed(LEAF, CA, ROOT),
                _trust(_OTHER.root, _OTHER.intermediate),
                failures.UntrustedError,
                "the chain ends at 'Test Root', which is not in roots.pem (2 certificates)",
            ),
            Untrusted(
                "no intermediate",
                _signed(LEAF),
                _TRUST,
                failures.UntrustedError,
                "the chain ends at 'Test Signer', and its issuer 'Test CA' is not in"
                " roots.pem (CN=Test Root)",
            ),
            Untrusted(
                "expired",
                DATA,
                _TRUST,
                failures.NotInForceError,
                "the certificate 'Test Signer' expired on 2028-01-01 00:00:00 UTC",
                at=LATER,
            ),
            Untrusted(
                "not yet valid",
                DATA,
                _TRUST,
                failures.NotInForceError,
                "the certificate 'Test Signer' is not valid before 2026-01-01 00:00:00 UTC,"
                " and the time is 2025-01-01 00:00:00 UTC",
                at=datetime(2025, 1, 1, tzinfo=UTC),
            ),
            Untrusted(
                "expired intermediate",
                _signed(pki.leaf(_EXPIRED_CA), _EXPIRED_CA),
                _TRUST,
                failures.NotInForceError,
                "the certificate 'Old CA' expired on 2026-05-01 00:00:00 UTC",
            ),
            Untrusted(
                "SHA-1 intermediate",
                _signed(pki.leaf(_SHA1_CA), _SHA1_CA),
                _TRUST,
                failures.WeakAlgorithmError,
                "the certificate 'SHA-1 CA' is signed with SHA-1",
            ),
            Untrusted(
                "issuer is no CA",
                _signed(pki.leaf(_NOT_A_CA), _NOT_A_CA),
                _TRUST,
                failures.ChainError,
                "the certificate 'Plain' issued another one but is not a CA",
            ),
            Untrusted(
                "CA without keyCertSign",
                _signed(pki.leaf(_NO_CERT_SIGN), _NO_CERT_SIGN),
                _TRUST,
                failures.ChainError,
                "the CA certificate 'CRL CA' has no key usage keyCertSign",
            ),
            Untrusted(
                "path too long",
                _signed(pki.leaf(_BELOW), _BELOW, _NARROW),
                _TRUST,
                failures.ChainError,
                "the CA certificate 'Narrow CA' allows 0 CAs below it, and there are 1",
            ),
            Untrusted(
                "signer may not sign data",
                _signed(pki.issue("TLS", CA, extensions=[pki.usage(key_encipherment=True)]), CA),
                _TRUST,
                failures.ChainError,
                "the certificate 'TLS' may not sign data",
            ),
            Untrusted(
                "outside the names of the CA",
                _signed(_ELSEWHERE, _MAIL_CA),
                _TRUST,
                failures.NameConstraintsError,
                "the CA 'Mail CA' limits the names of its certificates, and 'Elsewhere' is"
                " outside, or the limit cannot be checked",
            ),
            Untrusted(
                "limits that cannot be checked",
                _signed(pki.leaf(_NAMED_CA), _NAMED_CA),
                _TRUST,
                failures.NameConstraintsError,
                "the CA 'Named CA' limits the names of its certificates, and 'Test Signer' is"
                " outside, or the limit cannot be checked",
            ),
        )
    ],
)
def test_a_chain_that_does_not_hold(case: Untrusted) -> None:
    assert check_integrity(read_signed(case.data)) == CONTENT
    with pytest.raises(case.kind) as refused:
        verify(case.data, trust=case.trust, at=case.at)
    assert refused.value.message == case.message
    assert refused.value.hint
    assert refused.value.exit_code == 5


def test_what_only_the_library_sees_is_told_in_its_words() -> None:
    with pytest.raises(failures.ChainError) as refused:
        verify(_signed(_POLICY, CA), trust=_TRUST, at=pki.NOW)
    assert refused.value.message.startswith("the chain of 'Strict' is not valid: ")


def test_a_weak_key_that_is_trusted_itself_is_refused() -> None:
    weak = pki.issue("Weak", kind="rsa-1024")
    with pytest.raises(failures.WeakAlgorithmError):
        trusted_chain(weak.certificate, (), trust=_trust(weak), at=pki.NOW)


def test_names_of_strangers_cannot_steer_a_terminal() -> None:
    rude = pki.issue("\x1b[2Jrude\n" + "x" * 40, CA)
    with pytest.raises(failures.NotInForceError) as refused:
        verify(_signed(rude, CA), trust=_TRUST, at=LATER)
    assert "'?[2Jrude?x" in refused.value.message


def test_every_failure_has_a_slug_of_its_own() -> None:
    kinds = [
        kind
        for kind in vars(failures).values()
        if isinstance(kind, type) and issubclass(kind, VerificationError)
    ]
    assert len({kind.slug for kind in kinds}) == len(kinds)
    assert {kind.exit_code for kind in kinds} == {5}


@pytest.mark.parametrize("name", StepName)
def test_what_a_signature_rests_on_has_to_be_checked(name: StepName) -> None:
    """Whatever else passed: content that nobody signed must not end in exit code 0."""
    others = [passed(other, "good") for other in StepName if other is not name]
    spare = name in {"time-stamp", "revocation", "files", "statement"}
    expected = Verdict.INCOMPLETE if spare else Verdict.INVALID
    assert verdict_of([*others, not_checked(name, "who knows")]) is expected
