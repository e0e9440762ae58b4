"""What a time stamp proves, and each way in which it proves nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from profilegen.signing.time_stamp import (
    InvalidStampError,
    TimeStamp,
    TimeStampError,
    UntrustedAuthorityError,
    check_time_stamp,
    check_token,
)
from profilegen.signing.time_stamp_query import granted_token, kept_answer
from profilegen.signing.trust import Trust
from tests.support import authority as authorities
from tests.support import der, pki, stamps
from tests.support.authority import Authority
from tests.support.pki import NOW, Issued
from tests.support.stamps import Fields, Recipe

DATA = b"the signature of a manifest"
AUTHORITY = authorities.authority()
CA, STAMPER = AUTHORITY.ca, AUTHORITY.stamper
OTHER = authorities.authority(name="Other")
TRUST = Trust((AUTHORITY.root.certificate,), "roots.pem")
HINT = "Build the release again, or get it again from where it was built."


def check(
    token: bytes, *, data: bytes = DATA, trust: Trust = TRUST, at: datetime = NOW
) -> TimeStamp:
    return check_token(token, data=data, trust=trust, at=at)


def openssl_token(by: Authority, *, ess: str, whole_chain: bool, digest: str = "sha256") -> bytes:
    query = authorities.query_for(hashlib.sha256(DATA).digest())
    reply = authorities.openssl_reply(query, by=by, ess=ess, whole_chain=whole_chain, digest=digest)
    return granted_token(reply, where="openssl")


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-4096", "p256", "p384"])
@pytest.mark.parametrize("ess", ["sha1", "sha256", "sha384"])
def test_what_openssl_stamps_holds(kind: str, ess: str) -> None:
    by = authorities.authority(kind)
    before = datetime.now(UTC).replace(microsecond=0)
    token = openssl_token(by, ess=ess, whole_chain=ess == "sha384", digest="sha512")
    after = datetime.now(UTC)
    trust = Trust((by.root.certificate,), "roots.pem")
    stamp = check(token, trust=trust, at=after)
    assert before <= stamp.time <= after
    assert list(stamp.chain) == [issued.certificate for issued in (by.stamper, by.ca, by.root)]
    assert stamp.accuracy == timedelta(seconds=1, milliseconds=500, microseconds=100)
    assert (stamp.policy, stamp.authority) == ("1.2.3.4.1", "CN=Time Authority")
    assert stamp.trusted_by == "roots.pem (CN=Time Root)"
    assert check_time_stamp(kept_answer(token), data=DATA, trust=trust, at=after) == stamp


@dataclass(frozen=True, slots=True)
class Stamped:
    """A token of openssl over DATA, and how to check it."""

    token: bytes
    trust: Trust
    at: datetime

    def is_refused(self, token: bytes) -> bool:
        try:
            check(token, trust=self.trust, at=self.at)
        except TimeStampError:
            return True
        return False

    def is_refused_as_kept(self, response: bytes) -> bool:
        try:
            check_time_stamp(response, data=DATA, trust=self.trust, at=self.at)
        except TimeStampError:
            return True
        return False


@pytest.fixture(
    scope="module",
    params=[("p256", "sha256", False), ("rsa-2048", "sha1", True)],
    ids=["p256", "rsa-whole-chain"],
)
def stamped(request: pytest.FixtureRequest) -> Stamped:
    kind, ess, whole_chain = request.param
    by = authorities.authority(kind)
    token = openssl_token(by, ess=ess, whole_chain=whole_chain)
    found = Stamped(token, Trust((by.root.certificate,), "roots.pem"), datetime.now(UTC))
    assert not found.is_refused(token)
    assert not found.is_refused_as_kept(kept_answer(token))
    return found


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# Ten thousand checks of the same lines, which the other tests here count.
@pytest.mark.no_cover
def test_every_changed_bit_is_noticed(stamped: Stamped) -> None:
    """Left out is what `telling_bits` leaves out: seven bits of a byte in the midst of numbers."""
    token = stamped.token
    tried = der.telling_bits(token)
    assert len(tried) > 4 * len(token)
    assert {bit // 8 for bit in tried} == set(range(len(token)))
    assert [bit for bit in tried if not stamped.is_refused(flipped(token, bit))] == []


def test_every_changed_bit_around_a_token_is_noticed(stamped: Stamped) -> None:
    """Every bit of what is kept around a token, and one of each eight bytes of the token.

    The token is handed on as it stands, and the test above tries all of its bytes.
    """
    kept = kept_answer(stamped.token)
    around = 8 * (len(kept) - len(stamped.token))
    assert around >= 8 * 7
    tried = [*range(around), *range(around, 8 * len(kept), 65)]
    assert [bit for bit in tried if not stamped.is_refused_as_kept(flipped(kept, bit))] == []


def test_a_token_is_cut_anywhere() -> None:
    token = stamps.token(DATA)
    for end in range(len(token)):
        with pytest.raises(InvalidStampError):
            check(token[:end])


def test_what_nobody_signs_is_what_the_chain_does_not_need() -> None:
    # A copy of the root may be in a token. It is no part of the chain, which ends at the caller's.
    recipe = Recipe(certificates=(STAMPER, CA, AUTHORITY.root, OTHER.ca))
    stamp = check(stamps.token(DATA, recipe))
    assert stamp == check(stamps.token(DATA))


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(Recipe(), id="plain"),
        pytest.param(Recipe(imprint="sha512"), id="sha512-imprint"),
        pytest.param(Recipe(info={"accuracy": {"millis": 5}}), id="accuracy"),
        pytest.param(
            Recipe(info={"extensions": [{"extn_id": "1.2.3", "extn_value": b"\5\0"}]}),
            id="extension-that-may-be-ignored",
        ),
        pytest.param(
            Recipe(attributes=lambda a: a | {"signing_certificate": [stamps.ess_v1(_own())]}),
            id="both-attributes",
        ),
        pytest.param(
            Recipe(
                attributes=lambda a: (
                    a | {"signing_certificate_v2": [stamps.ess(_own(), CA.certificate)]}
                )
            ),
            id="chain-named",
        ),
    ],
)
def test_tokens_of_other_authorities_hold(recipe: Recipe) -> None:
    stamp = check(stamps.token(DATA, recipe))
    assert (stamp.time, stamp.serial) == (NOW, 7)


@pytest.mark.parametrize("pss", [False, True])
def test_both_signatures_of_rsa_hold(pss: bool) -> None:  # noqa: FBT001 - a case
    recipe = Recipe(stamper=authorities.authority("rsa-2048").stamper, pss=pss)
    assert check(stamps.token(DATA, recipe)).time == NOW


def test_ber_holds_as_der_does() -> None:
    token = stamps.token(DATA)
    pieces = stamps.in_pieces(token)
    assert pieces != token
    assert check(pieces) == check(token)


def test_clocks_may_differ_a_little() -> None:
    token = stamps.token(DATA)
    assert check(token, at=NOW - timedelta(minutes=5)).time == NOW
    with pytest.raises(InvalidStampError) as caught:
        check(token, at=NOW - timedelta(minutes=5, seconds=1))
    assert caught.value.message == (
        "the time stamp is of the future: 2026-06-01 12:00:00 UTC, and it is"
        " 2026-06-01 11:54:59 UTC"
    )
    assert caught.value.hint == "Check the clock and SOURCE_DATE_EPOCH."


def test_other_data() -> None:
    with pytest.raises(InvalidStampError) as caught:
        check(stamps.token(DATA), data=DATA + b"\n")
    assert (caught.value.message, caught.value.hint) == ("the time stamp is for other data", HINT)


def _own() -> x509.Certificate:
    return STAMPER.certificate


def _attribute(name: str, *values: object) -> Recipe:
    """Return a recipe whose signed attribute `name` has just these values."""
    return Recipe(attributes=lambda signed: signed | {name: list(values)})


def _without(name: str) -> Recipe:
    return Recipe(attributes=lambda signed: {k: v for k, v in signed.items() if k != name})


def _named(**changes: object) -> Recipe:
    """Return a recipe that names its certificate with these fields changed."""
    own = stamps.ess(STAMPER.certificate)
    for name, value in changes.items():
        own["certs"][0][name] = value
    return _attribute("signing_certificate_v2", own)


def _set(name: str, value: object) -> Callable[[cms.SignedData], None]:
    def spoil(signed: cms.SignedData) -> None:
        signed[name] = value

    return spoil


def _set_signer(name: str, value: object) -> Callable[[cms.SignedData], None]:
    def spoil(signed: cms.SignedData) -> None:
        signed["signer_infos"][0][name] = value

    return spoil


def _signers(count: int) -> Callable[[cms.SignedData], None]:
    def spoil(signed: cms.SignedData) -> None:
        signed["signer_infos"] = [signed["signer_infos"][0]] * count

    return spoil


def _content(kind: str, content: object) -> Callable[[cms.SignedData], None]:
    return _set("encap_content_info", {"content_type": kind, "content": content})


def _changed_content(signed: cms.SignedData) -> None:
    content = bytes(signed["encap_content_info"]["content"]).replace(b"20260601", b"20250601")
    _content("tst_info", core.ParsableOctetString(content))(signed)


def _changed_signature(signed: cms.SignedData) -> None:
    other = cms.ContentInfo.load(stamps.token(DATA))["content"]["signer_infos"][0]["signature"]
    signed["signer_infos"][0]["signature"] = other.native


NAME = asn1_x509.GeneralName("directory_name", asn1_x509.Name.build({"common_name": "Somebody"}))
UNSIGNED = "the signature of the time stamp does not hold: "
UNNAMED = "the time stamp was not signed with the certificate 'Time Authority' that is in it"
CONTRADICTION = "the algorithms of the time stamp contradict each other"


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        pytest.param(
            Recipe(spoil=_content("data", b"abc")),
            "the signed content is of the type data, not a time stamp",
            id="content-type",
        ),
        pytest.param(
            Recipe(spoil=_content("tst_info", None)),
            "the signed content is of the type tst_info, not a time stamp",
            id="no-content",
        ),
        pytest.param(
            Recipe(spoil=_signers(0)), "the time stamp has no signers, not one", id="none"
        ),
        pytest.param(Recipe(spoil=_signers(2)), "the time stamp has 2 signers, not one", id="two"),
        pytest.param(
            Recipe(spoil=_set_signer("signed_attrs", None)),
            "the time stamp has no signed attributes",
            id="no-attributes",
        ),
        pytest.param(
            Recipe(spoil=_set("version", "v1")),
            "the time stamp has the wrong versions: v1 and v1",
            id="version",
        ),
        pytest.param(
            Recipe(spoil=_set_signer("version", "v3")),
            "the time stamp has the wrong versions: v3 and v3",
            id="signer-version",
        ),
        pytest.param(
            Recipe(digest="sha1"),
            "the time stamp is signed with ECDSA and sha1, which is not accepted",
            id="sha1",
        ),
        pytest.param(
            Recipe(signature="ed25519"),
            "the time stamp is signed with Ed25519 and sha256, which is not accepted",
            id="ed25519",
        ),
        pytest.param(Recipe(signature="sha384_ecdsa"), CONTRADICTION, id="two-digests"),
        pytest.param(Recipe(signature="sha1_ecdsa"), CONTRADICTION, id="sha1-signature"),
        pytest.param(
            Recipe(spoil=_set("digest_algorithms", [{"algorithm": "sha512"}])),
            CONTRADICTION,
            id="listed-digest",
        ),
        pytest.param(
            Recipe(
                spoil=_set("digest_algorithms", [{"algorithm": "sha256"}, {"algorithm": "sha512"}])
            ),
            CONTRADICTION,
            id="another-listed-digest",
        ),
        pytest.param(
            Recipe(certificates=(CA,)),
            "the certificate of the authority is not in the time stamp",
            id="no-certificate",
        ),
        pytest.param(
            Recipe(certificates=(STAMPER, *[CA] * 20)),
            "21 certificates in the time stamp, more than 20",
            id="many-certificates",
        ),
        pytest.param(
            Recipe(spoil=_changed_content),
            f"{UNSIGNED}the content was changed after signing: its digest is not the signed one",
            id="content-changed",
        ),
        pytest.param(
            Recipe(info={"serial_number": 8}, spoil=_changed_signature),
            f"{UNSIGNED}the signature is not one of the signer's key over this content",
            id="signature",
        ),
        pytest.param(
            _attribute("content_type", "data"),
            f"{UNSIGNED}signed as data, but the content is tst_info",
            id="signed-content-type",
        ),
        pytest.param(
            _without("message_digest"),
            f"{UNSIGNED}the type or the digest of the content is not signed, or not just once",
            id="no-digest",
        ),
        pytest.param(
            _without("signing_certificate_v2"),
            "the time stamp does not say which certificate it was signed with",
            id="no-ess",
        ),
        pytest.param(
            _attribute("signing_certificate_v2", *[stamps.ess(_own())] * 2),
            "the time stamp says more than once which certificate it was signed with",
            id="two-ess",
        ),
        pytest.param(
            _attribute("signing_certificate_v2", stamps.ess(CA.certificate, _own())),
            UNNAMED,
            id="other-certificate",
        ),
        pytest.param(
            _attribute("signing_certificate", stamps.ess_v1(CA.certificate)),
            UNNAMED,
            id="other-certificate-by-sha1",
        ),
        pytest.param(
            _named(issuer_serial=stamps.issuer_serial(_own(), 5)), UNNAMED, id="other-serial"
        ),
        pytest.param(
            _named(issuer_serial=stamps.issuer_serial(CA.certificate, _own().serial_number)),
            UNNAMED,
            id="other-issuer",
        ),
        pytest.param(
            _attribute("signing_certificate_v2", stamps.ess(_own(), digest="sha1")),
            "the time stamp names its certificate by a digest that is not accepted: sha1",
            id="ess-digest",
        ),
        pytest.param(
            _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": []})),
            "not a time stamp, or a damaged one",
            id="empty-ess",
        ),
        pytest.param(
            Recipe(stamper=pki.with_unknown_key(STAMPER)),
            "the key of 'Time Authority' is of an unknown kind",
            id="unknown-key",
        ),
        pytest.param(
            Recipe(rewrite=lambda info: info.replace(b"20260601120000Z", b"2026060112.0000")),
            "not a time stamp, or a damaged one",
            id="time-of-no-zone",
        ),
        pytest.param(
            Recipe(info={"version": "v2"}),
            "the version of the time stamp is v2, not v1",
            id="info-version",
        ),
        pytest.param(
            Recipe(imprint="sha1"),
            "the time stamp is for a digest by sha1, which can be forged",
            id="sha1-imprint",
        ),
        pytest.param(
            Recipe(
                info={"extensions": [{"extn_id": "1.2.3", "critical": True, "extn_value": b"\5\0"}]}
            ),
            "the time stamp has a critical extension that is not known here: 1.2.3",
            id="critical-extension",
        ),
    ],
)
def test_an_invalid_token(recipe: Recipe, message: str) -> None:
    with pytest.raises(InvalidStampError) as caught:
        check(stamps.token(DATA, recipe))
    assert caught.value.message == message
    assert (caught.value.exit_code, caught.value.slug) == (5, "time-stamp-invalid")
    assert caught.value.hint.endswith(".")


@pytest.mark.parametrize("accuracy", [{"seconds": -1}, {"seconds": 10**9}, {"seconds": 10**30}])
def test_an_accuracy_that_moves_the_time_anywhere(accuracy: stamps.Fields) -> None:
    with pytest.raises(InvalidStampError, match="not a time stamp, or a damaged one"):
        check(stamps.token(DATA, Recipe(info={"accuracy": accuracy})))


def test_an_endless_identifier_inside_is_not_read() -> None:
    with pytest.raises(InvalidStampError, match="not a time stamp, or a damaged one"):
        check(stamps.token(DATA, Recipe(info={"policy": "1.2." + "9" * 4000})))


@pytest.mark.parametrize(
    ("token", "message"),
    [
        pytest.param(b"", "not a time stamp, or a damaged one", id="nothing"),
        pytest.param(b"<html>", "not a time stamp, or a damaged one", id="text"),
        pytest.param(
            b"0" * 300_000, "the time stamp is larger than 262144 bytes, so not read", id="large"
        ),
        pytest.param(
            stamps.token(DATA) + b"\0", "other bytes follow the time stamp", id="trailing"
        ),
        pytest.param(
            cms.ContentInfo({"content_type": "data", "content": b"abc"}).dump(),
            "the time stamp is CMS of the kind data, not signed data",
            id="other-cms",
        ),
    ],
)
def test_no_token_at_all(token: bytes, message: str) -> None:
    with pytest.raises(InvalidStampError) as caught:
        check(token)
    assert caught.value.message == message


def _by(*extensions: x509.ExtensionType, critical: bool = True) -> Recipe:
    """Return a recipe whose authority has these extensions, beside the right to sign."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")]))
        .issuer_name(CA.certificate.subject)
        .public_key(STAMPER.certificate.public_key())
        .serial_number(5)
        .not_valid_before(authorities.START)
        .not_valid_after(authorities.END)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=critical)
    key = CA.key
    assert isinstance(key, pki.IssuingKey)
    return Recipe(stamper=Issued(builder.sign(key, pki.SHA256), STAMPER.key))


def _below(ca: Issued, name: str = "Time Authority") -> Recipe:
    stamper = authorities.stamper(ca, name)
    return Recipe(stamper=stamper, certificates=(stamper, ca))


TLS = ExtendedKeyUsageOID.SERVER_AUTH
FOR_TLS = authorities.issue(
    "TLS CA",
    AUTHORITY.root,
    extensions=[pki.ca(), pki.usage(key_cert_sign=True), x509.ExtendedKeyUsage([TLS])],
)
NOT_ONE = "the certificate 'Somebody' is not one for time stamps only"
UNTRUSTED = "the authority of the time stamp is not trusted: "


@pytest.mark.parametrize(
    ("recipe", "at", "message"),
    [
        pytest.param(_by(), NOW, NOT_ONE, id="no-usage"),
        pytest.param(_by(authorities.FOR_STAMPS, critical=False), NOW, NOT_ONE, id="not-critical"),
        pytest.param(
            _by(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING, TLS])),
            NOW,
            NOT_ONE,
            id="two-usages",
        ),
        pytest.param(
            _by(authorities.FOR_STAMPS, pki.ca(), pki.usage(key_cert_sign=True)),
            NOW,
            "the certificate 'Somebody' is one of a CA, which may not stamp itself",
            id="a-ca",
        ),
        pytest.param(
            Recipe(time=datetime(2019, 1, 1, tzinfo=UTC)),
            NOW,
            "the certificate 'Time Authority' was not in force at the stamped time,"
            " 2019-01-01 00:00:00 UTC",
            id="not-in-force-then",
        ),
        pytest.param(
            Recipe(),
            datetime(2100, 2, 1, tzinfo=UTC),
            f"{UNTRUSTED}the certificate 'Time Authority' expired on 2100-01-01 00:00:00 UTC",
            id="expired-now",
        ),
        pytest.param(
            Recipe(info={"tsa": NAME}),
            NOW,
            "the time stamp is in another name than that of the certificate 'Time Authority'",
            id="other-name",
        ),
        pytest.param(
            Recipe(certificates=(STAMPER,)),
            NOW,
            f"{UNTRUSTED}the chain ends at 'Time Authority', and its issuer 'Time CA' is not in"
            " roots.pem (CN=Time Root)",
            id="no-intermediate",
        ),
        pytest.param(
            Recipe(stamper=OTHER.stamper, certificates=(OTHER.stamper, OTHER.ca, OTHER.root)),
            NOW,
            f"{UNTRUSTED}the chain ends at 'Other Root', which is not in roots.pem (CN=Time Root)",
            id="other-root",
        ),
        pytest.param(
            _below(FOR_TLS),
            NOW,
            "the CA 'TLS CA' may not issue certificates for time stamps",
            id="ca-for-something-else",
        ),
        pytest.param(
            _attribute("signing_certificate_v2", stamps.ess(_own(), OTHER.ca.certificate)),
            NOW,
            "the time stamp names other CAs than those of its authority's chain",
            id="other-chain-named",
        ),
    ],
)
def test_an_authority_that_nobody_has_to_believe(
    recipe: Recipe, at: datetime, message: str
) -> None:
    with pytest.raises(UntrustedAuthorityError) as caught:
        check(stamps.token(DATA, recipe), at=at)
    assert caught.value.message == message
    assert (caught.value.exit_code, caught.value.slug) == (5, "time-stamp-authority")
    assert caught.value.hint.endswith(".")


def test_the_name_may_be_an_alternative_one() -> None:
    name = x509.SubjectAlternativeName([x509.DNSName("time.example.com")])
    recipe = _by(authorities.FOR_STAMPS, name)
    for said in ("time.example.com", "other.example.com"):
        fields: Fields = {"tsa": asn1_x509.GeneralName("dns_name", said)}
        token = stamps.token(DATA, Recipe(stamper=recipe.stamper, info=fields))
        if said == "time.example.com":
            assert check(token).authority == "CN=Somebody"
        else:
            with pytest.raises(UntrustedAuthorityError):
                check(token)


@pytest.mark.parametrize("status", ["granted_with_mods", "rejection"])
def test_only_what_was_kept_is_checked(status: str) -> None:
    kept = kept_answer(stamps.token(DATA))
    assert check_time_stamp(kept, data=DATA, trust=TRUST, at=NOW).time == NOW
    number = {"granted_with_mods": b"\x01", "rejection": b"\x02"}[status]
    other = kept.replace(b"\x30\x03\x02\x01\x00", b"\x30\x03\x02\x01" + number, 1)
    assert other != kept
    with pytest.raises(InvalidStampError) as caught:
        check_time_stamp(other, data=DATA, trust=TRUST, at=NOW)
    assert caught.value.message == "the time stamp is not in the form in which it was written"


@pytest.mark.parametrize("response", [b"", b"\x30\x00", b"\x30\x05\x30\x03\x02\x01\x00", b"<html>"])
def test_a_response_without_a_token(response: bytes) -> None:
    with pytest.raises(InvalidStampError) as caught:
        check_time_stamp(response, data=DATA, trust=TRUST, at=NOW)
    assert caught.value.message == "not a time stamp, or a damaged one"
