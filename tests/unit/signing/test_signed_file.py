"""Signed files of any form are taken apart, and what is known of each signature is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest
from asn1crypto import cms as asn1
from asn1crypto import core
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.errors import VerificationError
from profilegen.signing import signed_file
from profilegen.signing.failures import NotSignedError, SignerCountError
from profilegen.signing.integrity import Obstacle, State
from profilegen.signing.signed_file import (
    Encoding,
    FileSigner,
    SignedFile,
    inspect_signed,
    seems_signed,
)
from tests.support import pki
from tests.support.pki import Issued
from tests.support.signed import By, armoured, changed, signed_data, streamed

CONTENT = b"<plist>\r\n</plist>\n"
CHAIN = pki.chain("rsa-2048")
LEAF, CA = CHAIN.leaf, CHAIN.intermediate
DATA = signed_data(CONTENT, By(LEAF), certificates=[LEAF, CA])
BROKEN = "the signature is not one of the signer's key over this content"


def only(found: SignedFile) -> FileSigner:
    (signer,) = found.signers
    return signer


def signer_of(data: bytes) -> FileSigner:
    return only(inspect_signed(data))


def test_the_parts_come_back() -> None:
    found = inspect_signed(DATA)
    signer = only(found)
    assert found.content == CONTENT
    assert set(found.certificates) == {LEAF.certificate, CA.certificate}
    assert (found.encoding, found.trailing) == (Encoding.DER, 0)
    assert signer.certificate == LEAF.certificate
    assert (signer.name, signer.issuer) == ("CN=Test Signer", "CN=Test CA")
    assert signer.fingerprint == LEAF.certificate.fingerprint(pki.SHA256).hex()
    assert (signer.key, signer.digest) == ("RSA 2048", "sha256")
    assert signer.algorithm == "RSA PKCS#1 v1.5"
    assert signer.signed_at == pki.NOW
    assert not signer.named_by_key
    assert (signer.verdict.state, signer.verdict.reason) == (State.INTACT, "")


def ed25519() -> Issued:
    return pki.issue("Edward", kind="ed25519", issuer=CA)


@pytest.mark.parametrize(
    ("by", "algorithm"),
    [
        (By(LEAF, digest="sha1"), "RSA PKCS#1 v1.5"),
        (By(LEAF, digest="md5"), "RSA PKCS#1 v1.5"),
        (By(LEAF, digest="sha3_256"), "RSA PKCS#1 v1.5"),
        (By(LEAF, algorithm="sha256_rsa"), "RSA PKCS#1 v1.5"),
        (By(LEAF, algorithm="rsassa_pss"), "RSASSA-PSS"),
        (By(LEAF, attributes=False), "RSA PKCS#1 v1.5"),
        (By(LEAF, digest="sha1", attributes=False), "RSA PKCS#1 v1.5"),
        (By(pki.chain("p256").leaf), "ECDSA"),
        (By(pki.chain("p384").leaf, digest="sha384"), "ECDSA"),
        (By(pki.chain("p256").leaf, algorithm="ecdsa"), "ECDSA"),
        (By(pki.chain("p256").leaf, algorithm="1.2.840.10045.3.1.7"), "ECDSA"),
        (By(pki.issue("Diana", CA, kind="dsa")), "DSA"),
        (By(pki.issue("Edward", CA, kind="ed25519"), digest="sha512"), "Ed25519"),
        (By(pki.with_key_identifier(CHAIN), named_by_key=True), "RSA PKCS#1 v1.5"),
    ],
)
def test_what_holds_is_intact_whatever_the_algorithm(by: By, algorithm: str) -> None:
    for data in (signed_data(CONTENT, by), streamed(signed_data(CONTENT, by))):
        signer = signer_of(data)
        assert signer.verdict.state is State.INTACT, signer.verdict
        assert signer.algorithm == algorithm
        assert signer.digest == by.digest
        assert signer.named_by_key == by.named_by_key
        assert signer.signed_at == (pki.NOW if by.attributes else None)
        other = data.replace(b"<plist>", b"<plisT>").replace(b"<plis\x04\x05t>", b"<plis\x04\x05T>")
        assert signer_of(other).verdict.state is State.BROKEN


def test_ber_is_read_as_der() -> None:
    ber = streamed(DATA)
    found = inspect_signed(ber)
    assert found.encoding is Encoding.BER
    assert found.content == CONTENT
    assert found.signers == inspect_signed(DATA).signers


@pytest.mark.parametrize(
    "label", ["CMS", "PKCS7", "PKCS #7 SIGNED DATA", "PKCS7 SIGNED DATA", "CMS SIGNED DATA"]
)
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n", "Explanation:\n"])
def test_armour_is_taken_off(label: str, before: str) -> None:
    data = before.encode() + armoured(DATA, label)
    for text in (data, data.replace(b"\n", b"\r\n"), data.rstrip()):
        found = inspect_signed(text)
        assert (found.encoding, found.trailing) == (Encoding.PEM, 0)
        assert found.signers == inspect_signed(DATA).signers


@pytest.mark.parametrize("behind", [b"\n", b"\r\n", b"\0" * 7, b"x" * 1000, DATA])
def test_bytes_behind_the_signature_are_counted(behind: bytes) -> None:
    for data in (DATA, streamed(DATA)):
        found = inspect_signed(data + behind)
        assert found.trailing == len(behind)
        assert only(found).verdict.state is State.INTACT
    assert inspect_signed(armoured(DATA) + behind).trailing == len(behind)
    assert inspect_signed(armoured(DATA + behind)).trailing == len(behind)


def test_each_signer_has_a_verdict() -> None:
    ecdsa = pki.chain("p384").leaf
    data = signed_data(CONTENT, By(LEAF), By(ecdsa, digest="sha384"))
    found = inspect_signed(data)
    assert {signer.key for signer in found.signers} == {"RSA 2048", "ECDSA P-384"}
    assert {signer.verdict.state for signer in found.signers} == {State.INTACT}
    wrong = signed_data(CONTENT, By(LEAF), By(Issued(CA.certificate, ecdsa.key)))
    states = {s.name: s.verdict.state for s in inspect_signed(wrong).signers}
    assert states == {"CN=Test Signer": State.INTACT, "CN=Test CA": State.BROKEN}


def test_a_signer_that_is_not_in_the_file() -> None:
    for others in ([], [CA]):
        data = signed_data(CONTENT, By(LEAF), certificates=others)
        signer = signer_of(data)
        assert (signer.certificate, signer.name, signer.fingerprint, signer.key) == (
            None,
            "",
            "",
            "",
        )
        assert signer.issuer == "CN=Test CA"
        assert signer.verdict.obstacle is Obstacle.NO_CERTIFICATE
        assert signer.verdict.state is State.UNCHECKED
        tampered = signer_of(data.replace(b"<plist>", b"<plisT>"))
        assert tampered.verdict.state is State.BROKEN


def test_a_signer_named_by_key_that_is_not_in_the_file() -> None:
    issued = pki.with_key_identifier(CHAIN)
    signer = signer_of(signed_data(CONTENT, By(issued, named_by_key=True), certificates=[CA]))
    assert (signer.named_by_key, signer.issuer) == (True, "")
    assert signer.verdict.obstacle is Obstacle.NO_CERTIFICATE


def test_without_a_set_of_certificates() -> None:
    def strip(data: asn1.SignedData) -> None:
        del data["certificates"]

    found = inspect_signed(changed(DATA, strip))
    assert found.certificates == ()
    assert only(found).verdict.obstacle is Obstacle.NO_CERTIFICATE


def test_detached_signatures_hold_for_their_content() -> None:
    for by in (By(LEAF), By(LEAF, attributes=False)):
        data = signed_data(CONTENT, by, detached=True)
        found = inspect_signed(data)
        assert found.content is None
        assert only(found).verdict.obstacle is Obstacle.DETACHED
        assert only(found).verdict.reason == "what it signs is not in the file"
        assert only(inspect_signed(data, content=CONTENT)).verdict.state is State.INTACT
        assert only(inspect_signed(data, content=b"other")).verdict.state is State.BROKEN


def test_content_of_any_kind() -> None:
    for content in (b"", b"bplist00\0\0", DATA, b"\0" * 100_000):
        found = inspect_signed(signed_data(content, By(LEAF)))
        assert found.content == content
        assert only(found).verdict.state is State.INTACT


def test_nobody_may_have_signed() -> None:
    found = inspect_signed(signed_data(CONTENT, certificates=[CA]))
    assert (found.signers, found.certificates) == ((), (CA.certificate,))


def test_more_signers_than_anybody_needs() -> None:
    with pytest.raises(SignerCountError, match="signed by 9, more than 8"):
        inspect_signed(signed_data(CONTENT, *[By(LEAF)] * 9))


def _attributes(data: asn1.SignedData) -> asn1.CMSAttributes:
    return data["signer_infos"][0]["signed_attrs"]


def _keep(*kinds: str) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        kept = [a for a in _attributes(data) if a["type"].native in kinds]
        data["signer_infos"][0]["signed_attrs"] = kept

    return change


def _other_content_type(data: asn1.SignedData) -> None:
    data["encap_content_info"]["content_type"] = "1.2.3.4"


def _twice(data: asn1.SignedData) -> None:
    kept = [*_attributes(data)]
    data["signer_infos"][0]["signed_attrs"] = kept + kept[:1] + kept[1:2] + kept[2:]


def _other_signature(data: asn1.SignedData) -> None:
    data["signer_infos"][0]["signature"] = b"short"


NOT_ONCE = "the type or the digest of the content is not signed, or not just once"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_keep("content_type", "signing_time"), NOT_ONCE),
        (_keep("message_digest"), NOT_ONCE),
        (_keep(), NOT_ONCE),
        (_twice, NOT_ONCE),
        (_keep("content_type", "message_digest"), BROKEN),
        (_other_signature, BROKEN),
        (_other_content_type, "signed as data, but the content is 1.2.3.4"),
    ],
    ids=["no-digest", "only-digest", "nothing", "twice", "no-time", "signature", "content-type"],
)
def test_what_is_broken(change: Callable[[asn1.SignedData], None], reason: str) -> None:
    verdict = signer_of(changed(DATA, change)).verdict
    assert (verdict.state, verdict.reason) == (State.BROKEN, reason)


def test_changed_content_is_told_from_a_changed_signature() -> None:
    verdict = signer_of(DATA.replace(b"<plist>", b"<plisT>")).verdict
    assert verdict.reason.startswith("the content was changed after signing")


def _algorithm(name: str) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        data["signer_infos"][0]["signature_algorithm"] = {"algorithm": name}

    return change


def _digest(name: str) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        data["signer_infos"][0]["digest_algorithm"] = {"algorithm": name}

    return change


def _pss(**parameters: object) -> Callable[[asn1.SignedData], None]:
    def change(data: asn1.SignedData) -> None:
        algorithm = {"algorithm": "rsassa_pss", "parameters": parameters}
        data["signer_infos"][0]["signature_algorithm"] = algorithm

    return change


def _pss_without_parameters(data: asn1.SignedData) -> None:
    algorithm = data["signer_infos"][0]["signature_algorithm"]
    algorithm["algorithm"] = "rsassa_pss"
    del algorithm["parameters"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_algorithm("1.2.3.4"), "1.2.3.4 with RSA 2048 cannot be checked here"),
        (_algorithm("md2_rsa"), "RSA PKCS#1 v1.5 with md2 cannot be checked here"),
        (_algorithm("sha256_ecdsa"), "ECDSA with RSA 2048 cannot be checked here"),
        (_algorithm("ed448"), "Ed448 with RSA 2048 cannot be checked here"),
        (_digest("1.2.3.4"), "the digest 1.2.3.4 cannot be checked here"),
        (_pss(salt_length=513), "RSASSA-PSS with RSA 2048 cannot be checked here"),
        (_pss(salt_length=-1), "RSASSA-PSS with RSA 2048 cannot be checked here"),
        (
            _pss(hash_algorithm={"algorithm": "1.2.3"}),
            "RSASSA-PSS with 1.2.3 cannot be checked here",
        ),
        (
            _pss(mask_gen_algorithm={"algorithm": "1.2.3"}),
            "RSASSA-PSS with RSA 2048 cannot be checked here",
        ),
        (_pss_without_parameters, "RSASSA-PSS with RSA 2048 cannot be checked here"),
    ],
    ids=[
        "unknown",
        "md2",
        "ecdsa",
        "ed448",
        "digest",
        "long-salt",
        "negative-salt",
        "pss-digest",
        "pss-mask",
        "no-pss-parameters",
    ],
)
def test_what_cannot_be_checked(change: Callable[[asn1.SignedData], None], reason: str) -> None:
    verdict = signer_of(changed(DATA, change)).verdict
    assert (verdict.state, verdict.reason) == (State.UNCHECKED, reason)
    assert verdict.obstacle is Obstacle.ALGORITHM


def test_a_digest_that_only_signs_is_unknown_too() -> None:
    data = signed_data(CONTENT, By(LEAF, attributes=False))
    verdict = signer_of(changed(data, _digest("1.2.3.4"))).verdict
    assert verdict.reason == "RSA PKCS#1 v1.5 with 1.2.3.4 cannot be checked here"


def test_a_key_of_an_unknown_kind() -> None:
    issued = pki.with_unknown_key(pki.chain("p256").leaf)
    signer = signer_of(signed_data(CONTENT, By(issued)))
    assert (signer.key, signer.verdict.obstacle) == ("unknown", Obstacle.ALGORITHM)
    assert signer.verdict.reason == "the key of the signer is of an unknown kind"


def test_a_certificate_that_cannot_be_read() -> None:
    constraints = b"\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02"
    assert DATA.count(constraints) == 2
    data = DATA.replace(constraints, constraints[:-2] + b"\x04\x02")
    found = inspect_signed(data)
    assert found.certificates == ()
    assert only(found).certificate is None
    assert only(found).verdict.obstacle is Obstacle.UNREADABLE_CERTIFICATE


def test_a_certificate_that_names_nobody_is_passed_over() -> None:
    # The names of asn1crypto are read when they are compared, and may fail only then.
    ski = pki.with_key_identifier(CHAIN)
    good = signed_data(CONTENT, By(ski, named_by_key=True), certificates=[LEAF])
    usage = b"\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02"
    assert usage in good
    broken = good.replace(usage, usage[:-2] + b"\x05\x02", 1)
    assert signer_of(broken).verdict.state is State.UNCHECKED


def test_serial_number_0_is_read(recwarn: pytest.WarningsRecorder) -> None:
    def zero(data: asn1.SignedData) -> None:
        number = data["signer_infos"][0]["sid"].chosen
        number["serial_number"] = 0
        data["certificates"][0].chosen["tbs_certificate"]["serial_number"] = 0

    signer = signer_of(changed(signed_data(CONTENT, By(LEAF)), zero))
    assert signer.certificate is not None
    assert signer.verdict.state is State.INTACT
    assert not recwarn.list


@pytest.mark.parametrize("time", [b"\x17\x0d26060112000!Z", b"\x18\x0d2026060112.50"])
def test_a_signing_time_that_is_none(time: bytes) -> None:
    good = b"\x17\x0d260601120000Z"
    assert good in DATA
    signer = signer_of(DATA.replace(good, time))
    assert (signer.signed_at, signer.verdict.state) == (None, State.BROKEN)


def test_other_kinds_of_certificates_are_passed_over() -> None:
    def add(data: asn1.SignedData) -> None:
        other = asn1.OtherCertificateFormat(
            {"other_cert_format": "1.2.3", "other_cert": core.Null()}
        )
        data["certificates"].append(asn1.CertificateChoices("other", other))

    assert inspect_signed(changed(DATA, add)).certificates != ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'<?xml version="1.0"?><plist/>', "not signed"),
        (b"\xef\xbb\xbf\n <plist/>", "not signed"),
        (b"bplist00", "not signed"),
        (b' {"a": 1}', "not signed"),
        (b"<p/>" + armoured(DATA), "not signed"),
        (b"", "not a signed file, or a damaged one"),
        (b"0", "not a signed file, or a damaged one"),
        (b"plain text", "not a signed file, or a damaged one"),
        (DATA[:-1], "not a signed file, or a damaged one"),
        (armoured(DATA)[:-10], "not a signed file, or a damaged one"),
        (armoured(DATA, "CERTIFICATE"), "not a signed file, or a damaged one"),
        (b"-----BEGIN CMS-----\n!\n-----END CMS-----\n", "damaged PEM armour"),
        (
            asn1.ContentInfo({"content_type": "data", "content": b"x"}).dump(),
            "CMS of the kind data, not signed data",
        ),
    ],
)
def test_what_is_not_signed(data: bytes, text: str) -> None:
    with pytest.raises(NotSignedError) as refused:
        inspect_signed(data)
    assert refused.value.message == text


def test_size_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_file, "MAX_SIGNED", len(DATA) - 1)
    with pytest.raises(NotSignedError, match="larger than"):
        inspect_signed(DATA)


def test_looks_are_the_first_bytes() -> None:
    assert seems_signed(DATA)
    assert seems_signed(b"\xef\xbb\xbf\r\n" + armoured(DATA))
    assert not any(map(seems_signed, (b"", CONTENT, b"bplist00", b" " * 10_000)))


@pytest.mark.parametrize(
    "data",
    [
        b"0" * 5_000_000,
        b"\x30\x80" * 2_500_000,
        b" " * 5_000_000,
        b"-----BEGIN CMS-----" * 250_000,
        b"-----BEGIN CMS-----" + b"A\n" * 2_500_000,
        armoured(b"\x30\x80" + b"\x05\0" * 1_000_000),
    ],
)
def test_hostile_files_are_refused_quickly(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(NotSignedError):
        inspect_signed(data)
    assert time.process_time() - started < 2


SAMPLES: Sequence[bytes] = (
    DATA,
    streamed(DATA),
    armoured(DATA),
    signed_data(CONTENT, By(LEAF, algorithm="rsassa_pss"), By(pki.chain("p256").leaf)),
    signed_data(CONTENT, By(pki.with_key_identifier(CHAIN), named_by_key=True), detached=True),
    signed_data(CONTENT, By(LEAF, attributes=False), certificates=[]),
)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(0, 4))
        data[at : at + length] = draw(st.binary(max_size=4))
    return bytes(data)


@given(mutations() | st.binary(max_size=300).map(lambda more: b"\x30" + more))
@settings(max_examples=500)
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    try:
        found = inspect_signed(data)
    except VerificationError:
        return
    for signer in found.signers:
        assert (signer.verdict.state is State.INTACT) == (not signer.verdict.reason)
        assert signer.name.isprintable()
        assert signer.issuer.isprintable()
        assert signer.verdict.reason.isprintable()


def test_names_are_those_of_the_certificate() -> None:
    steering = pki.issue("A\x1b[2JB", CA)
    signer = signer_of(signed_data(CONTENT, By(steering)))
    assert signer.name == "CN=A?[2JB"
    assert isinstance(signer.certificate, x509.Certificate)
