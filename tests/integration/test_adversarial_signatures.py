"""Signed files whose structure, algorithms or signature values are wrong, or nearly so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.support import adversarial as cms
from tests.support import der, pki
from tests.support.adversarial import CONTENT, Signed
from tests.support.adversarial_pki import (
    CA,
    END,
    OTHER_ROOT,
    ROOT,
    SIGNER,
    START,
    Form,
    authority,
    certify,
    signer,
)
from tests.support.forgeries import encoded_message, forged_cube, raw_signature
from tests.support.opinions import Attacks, Given, checks_of
from tests.support.pki import Issued
from tests.support.signed import armoured, streamed

ATTACKS = Attacks()
refused, accepted = ATTACKS.refused, ATTACKS.accepted
GOOD = Signed(by=SIGNER, certificates=[SIGNER, CA])
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the group of P-256 (SEC 2, section 2.4.2)."""

_BY_KEY = "openssl goes by the key and the signer's digest, not by the algorithm that is named"

_SECOND = signer(CA, "Second")
_STRANGER_CA = authority("Stranger CA", OTHER_ROOT)
_STRANGER = signer(_STRANGER_CA, "Stranger")


@cache
def _rsa_signer() -> Issued:
    return signer(CA, "RSA Signer", kind="rsa-2048")


def _rsa(**fields: object) -> Signed:
    by = _rsa_signer()
    return replace(Signed(by=by, certificates=[by, CA]), **fields)  # type: ignore[arg-type]


# --- Several signers, or none


@refused("no signers", "signers", "signer")
def _none() -> Given:
    return Given(data=replace(GOOD, signers=False).der())


def _both(second: Issued, *certificates: Issued, **fields: object) -> bytes:
    """Return a file that SIGNER and `second` signed."""
    held = [SIGNER, CA, second, *certificates]
    other = replace(Signed(by=second), **fields)  # type: ignore[arg-type]
    return replace(GOOD, certificates=held, others=[other]).der()


_ONE_ONLY = "one signer is asked for unless --several-signers says otherwise"


@refused("two good signers", "signers", "--several-signers", openssl="accepts", why=_ONE_ONLY)
def _two() -> Given:
    return Given(data=_both(_SECOND))


@accepted("two good signers, as asked", "CN=Signer", "CN=Second")
def _two_asked() -> Given:
    return Given(data=_both(_SECOND), options=["--several-signers"])


@accepted("one signer where several are allowed", "CN=Signer")
def _one_of_several() -> Given:
    return Given(data=GOOD.der(), options=["--several-signers"])


@refused("a second signer that is not trusted", "signers", "--several-signers")
def _untrusted_second() -> Given:
    return Given(data=_both(_STRANGER, _STRANGER_CA))


@refused("a second signer that is not trusted, as asked", "chain", "'Other Root'")
def _untrusted_second_asked() -> Given:
    return Given(data=_both(_STRANGER, _STRANGER_CA), options=["--several-signers"])


@refused("a second signer whose signature is broken", "signature", "'Second'")
def _broken_second() -> Given:
    broken = cms.sign(_SECOND, b"something else", "sha256")
    return Given(data=_both(_SECOND, signature=broken), options=["--several-signers"])


@refused("a second signer with SHA-1", "algorithms", "SHA-1", openssl="accepts", why="SHA-1")
def _weak_second() -> Given:
    return Given(data=_both(_SECOND, digest="sha1"), options=["--several-signers"])


@refused("a second signer of other content", "content", "the content was changed")
def _second_of_other_content() -> Given:
    return Given(data=_both(_SECOND, content=b"other"), options=["--several-signers"])


# --- RSASSA-PSS: checked, but devices are reported to refuse it


def _pss(
    digest: str = "sha256",
    mask: str = "sha256",
    salt: int = cms.SALT,
    algorithm: bytes | None = None,
    covered: bytes | None = None,
) -> Given:
    """Return a file by RSASSA-PSS; `algorithm` is what the file says of it."""
    one = _rsa()
    attributes, signed = cms.signed_attributes(one)
    value = cms.sign_pss(one.by, covered or signed, digest, mask, salt)
    said = algorithm or cms.pss_algorithm(digest, mask, salt)
    return Given(data=replace(one, attributes=attributes, algorithm=said, signature=value).der())


@accepted("RSASSA-PSS", "RSASSA-PSS", "CN=RSA Signer")
def _pss_good() -> Given:
    return _pss()


@refused("RSASSA-PSS of something else", "signature", "'RSA Signer'")
def _pss_broken() -> Given:
    return _pss(covered=b"something else")


@refused("RSASSA-PSS with another salt length than it says", "signature", "'RSA Signer'")
def _pss_salt() -> Given:
    return _pss(algorithm=cms.pss_algorithm(salt=20))


@refused("RSASSA-PSS with another mask than it says", "signature", "'RSA Signer'")
def _pss_mask() -> Given:
    return _pss(algorithm=cms.pss_algorithm(mask="sha384"))


@refused(
    "RSASSA-PSS with another digest than the signer's",
    "algorithms",
    "does not fit RSA 2048 and sha256",
)
def _pss_digest() -> Given:
    return _pss(digest="sha384", mask="sha384", salt=48)


@refused("RSASSA-PSS by nobody, with a salt that no key has room for", "signature", "RSASSA-PSS")
def _pss_endless_salt() -> Given:
    return _unsigned_pss(cms.pss_algorithm(salt=1000))


@refused("RSASSA-PSS by nobody, with a mask that nobody defined", "signature", "RSASSA-PSS")
def _pss_unknown_mask() -> Given:
    known, unknown = der.oid(cms.MGF1), der.oid("1.2.840.113549.1.1.120")
    assert len(known) == len(unknown)
    return _unsigned_pss(cms.pss_algorithm().replace(known, unknown))


def _unsigned_pss(algorithm: bytes) -> Given:
    """Return a file that names a good signer who never saw it."""
    return Given(data=_rsa(algorithm=algorithm, signature=bytes(256)).der())


@refused("RSASSA-PSS with SHA-1 inside", "algorithms", "signed with SHA-1")
def _pss_sha1() -> Given:
    return _pss(digest="sha1", mask="sha1", salt=20)


@refused("RSASSA-PSS without parameters, which means SHA-1", "algorithms", "signed with SHA-1")
def _pss_defaults() -> Given:
    return _pss(digest="sha1", mask="sha1", salt=20, algorithm=der.sequence(der.oid(cms.PSS)))


@refused("RSASSA-PSS with a trailer field that nobody defined", "form", "RSASSA-PSS")
def _pss_trailer() -> Given:
    return _pss(algorithm=cms.pss_algorithm(trailer=2))


@refused(
    "RSASSA-PSS by an ECDSA key",
    "algorithms",
    "does not fit ECDSA P-256",
    openssl="accepts",
    why=_BY_KEY,
)
def _pss_by_ecdsa() -> Given:
    return Given(data=replace(GOOD, algorithm=cms.pss_algorithm()).der())


# --- Digests and algorithms


_FORGEABLE = "openssl cms still takes it"


@refused("SHA-1", "algorithms", "SHA-1", openssl="accepts", why=_FORGEABLE)
def _sha1() -> Given:
    return Given(data=_rsa(digest="sha1").der())


@refused("SHA-1 with ECDSA", "algorithms", "SHA-1", openssl="accepts", why=_FORGEABLE)
def _sha1_ecdsa() -> Given:
    return Given(data=replace(GOOD, digest="sha1").der())


@refused("MD5", "algorithms", "MD5", openssl="accepts", why=_FORGEABLE)
def _md5() -> Given:
    return Given(data=_rsa(digest="md5").der())


@refused("a signature over SHA-1, a content digest of SHA-256", "algorithms", "SHA-1")
def _sha1_signature() -> Given:
    one = _rsa()
    attributes, covered = cms.signed_attributes(one)
    value = cms.sign(one.by, covered, "sha1")
    algorithm = cms.named_algorithm(one.by, "sha1")
    changed = replace(one, attributes=attributes, algorithm=algorithm, signature=value)
    return Given(data=changed.der())


@refused(
    "a signer certified with SHA-1",
    "algorithms",
    "'SHA-1 Signer'",
    "SHA-1",
    openssl="accepts",
    why=_FORGEABLE,
)
def _sha1_certificate() -> Given:
    weak = pki.issue(
        "SHA-1 Signer",
        CA,
        start=START,
        end=END,
        digest=pki.SHA1,
        extensions=[pki.usage(digital_signature=True)],
    )
    return Given(data=Signed(by=weak, certificates=[weak, CA]).der())


@refused(
    "an intermediate certified with SHA-1",
    "algorithms",
    "'SHA-1 CA'",
    "SHA-1",
    openssl="accepts",
    why=_FORGEABLE,
)
def _sha1_intermediate() -> Given:
    weak = pki.issue(
        "SHA-1 CA",
        ROOT,
        start=START,
        end=END,
        digest=pki.SHA1,
        extensions=[pki.ca(), pki.usage(key_cert_sign=True)],
    )
    by = signer(weak)
    return Given(data=Signed(by=by, certificates=[by, weak]).der())


@accepted("a trusted root that signed itself with SHA-1")
def _sha1_root() -> Given:
    root = pki.issue(
        "SHA-1 Root",
        start=START,
        end=END,
        digest=pki.SHA1,
        extensions=[pki.ca(), pki.usage(key_cert_sign=True)],
    )
    ca = authority("Its CA", root)
    by = signer(ca)
    return Given(data=Signed(by=by, certificates=[by, ca]).der(), trust=[root])


@refused("a key of 1024 bits", "algorithms", "1024 bits", openssl="accepts", why=_FORGEABLE)
def _short_key() -> Given:
    by = signer(CA, "Short", kind="rsa-1024")
    return Given(data=Signed(by=by, certificates=[by, CA]).der())


@refused(
    "RSA by an ECDSA key",
    "algorithms",
    "does not fit ECDSA P-256",
    openssl="accepts",
    why=_BY_KEY,
)
def _rsa_by_ecdsa() -> Given:
    algorithm = cms.signature_algorithm(_rsa_signer(), "sha256")
    return Given(data=replace(GOOD, algorithm=algorithm).der())


@refused(
    "the signature names another digest than the signer",
    "algorithms",
    "does not fit",
    openssl="accepts",
    why=_BY_KEY,
)
def _other_digest() -> Given:
    return Given(data=_rsa(algorithm=cms.named_algorithm(_rsa_signer(), "sha384")).der())


@accepted("RSA with SHA-256 by its full name")
def _full_name() -> Given:
    return Given(data=_rsa(algorithm=cms.named_algorithm(_rsa_signer(), "sha256")).der())


@refused("the file lists another digest than its signer uses", "form", "digest")
def _unlisted_digest() -> Given:
    return Given(data=replace(GOOD, digests=["sha384"]).der())


@refused("the file lists no digest", "form", "digest")
def _no_digests() -> Given:
    return Given(data=replace(GOOD, digests=[]).der())


# --- Signed attributes


def _digest() -> bytes:
    return der.octets(hashlib.sha256(CONTENT).digest())


def _with(*attributes: bytes, ordered: bool = True) -> bytes:
    """Return a file with these attributes and a good signature of them."""
    chosen = sorted(attributes) if ordered else attributes
    return replace(GOOD, attributes=chosen).der()


_TYPE = cms.attribute(cms.CONTENT_TYPE, der.oid(cms.DATA))
_TIME = cms.signing_time(datetime.now(UTC))
_STRICT = "RFC 5652, section 5.3 and 11, which openssl does not enforce"


@refused("no content type", "content", "content type")
def _no_type() -> Given:
    return Given(data=_with(cms.attribute(cms.MESSAGE_DIGEST, _digest()), _TIME))


@refused("no digest", "content", "digest")
def _no_digest() -> Given:
    return Given(data=_with(_TYPE, _TIME))


@refused("the content type twice", "form", "more or less than one value")
def _two_types() -> Given:
    return Given(data=_with(_TYPE, _TYPE, cms.attribute(cms.MESSAGE_DIGEST, _digest())))


@refused("two digests, one of other content", "form", "more or less than one value")
def _two_digests() -> Given:
    other = cms.attribute(cms.MESSAGE_DIGEST, der.octets(b"\xff" * 32))
    return Given(data=_with(_TYPE, cms.attribute(cms.MESSAGE_DIGEST, _digest()), other))


@refused("a digest with two values", "form", "digest")
def _two_values() -> Given:
    two = cms.attribute(cms.MESSAGE_DIGEST, _digest(), der.octets(b"\xff" * 32))
    return Given(data=_with(_TYPE, two))


@refused("two signing times", "form", "more or less than one value")
def _two_times() -> Given:
    later = cms.signing_time(datetime.now(UTC) + timedelta(days=365))
    return Given(data=_with(_TYPE, cms.attribute(cms.MESSAGE_DIGEST, _digest()), _TIME, later))


@refused(
    "the content type of a signed file, of data",
    "content",
    "signed_data",
    openssl="accepts",
    why=_STRICT,
)
def _type_mismatch() -> Given:
    nested = cms.attribute(cms.CONTENT_TYPE, der.oid(cms.SIGNED_DATA))
    return Given(data=_with(nested, cms.attribute(cms.MESSAGE_DIGEST, _digest())))


def _unsorted() -> tuple[bytes, ...]:
    return tuple(sorted((_TYPE, _TIME, cms.attribute(cms.MESSAGE_DIGEST, _digest())), reverse=True))


@refused("attributes out of order, signed in order", "signature", "'Signer'")
def _unordered() -> Given:
    return Given(data=replace(GOOD, attributes=_unsorted()).der())


@accepted("attributes out of order, signed as they are")
def _unordered_as_is() -> Given:
    """Against RFC 5652, section 5.3, but every byte of them is signed."""
    covered = der.tlv(0x31, *_unsorted())
    return Given(data=replace(GOOD, attributes=_unsorted(), covered=covered).der())


@accepted("an attribute that nobody knows")
def _unknown_attribute() -> Given:
    unknown = cms.attribute("1.3.6.1.4.1.55555.2", der.octets(b"?"))
    return Given(data=_with(_TYPE, cms.attribute(cms.MESSAGE_DIGEST, _digest()), unknown))


@accepted("no signed attributes", "time of signing is not known")
def _no_attributes() -> Given:
    return Given(data=replace(GOOD, attributes=()).der())


@refused(
    "the attributes of an honest signature as the content of a file without attributes",
    "content",
    "attributes",
    openssl="accepts",
    why="the signer never signed this content: RFC 5652 lets the one be taken for the other",
)
def _attributes_as_content() -> Given:
    attributes, covered = cms.signed_attributes(GOOD)
    value = cms.sign(SIGNER, covered, "sha256")
    assert attributes
    return Given(data=replace(GOOD, content=covered, attributes=(), signature=value).der())


# --- Unsigned attributes: whatever they say, they cannot make a file better


@accepted("an unsigned attribute that nobody knows")
def _unsigned() -> Given:
    junk = cms.attribute("1.3.6.1.4.1.55555.3", der.octets(b"junk"))
    return Given(data=replace(GOOD, unsigned=[junk]).der())


@accepted("a countersignature by a stranger")
def _counter_signature() -> Given:
    counter = cms.signer_info(Signed(by=_STRANGER))
    unsigned = [cms.attribute(cms.COUNTER_SIGNATURE, counter)]
    return Given(data=replace(GOOD, unsigned=unsigned).der())


@refused(
    "a time stamp that is none",
    "time-stamp",
    "time stamp",
    openssl="accepts",
    why="openssl cms does not look at time stamps",
)
def _junk_stamp() -> Given:
    stamp = cms.attribute(cms.TIME_STAMP, der.sequence(der.integer(1)))
    return Given(data=replace(GOOD, unsigned=[stamp]).der())


# --- Structure


@refused("version 3 with a signer by name", "form", "version", openssl="accepts", why=_STRICT)
def _wrong_version() -> Given:
    return Given(data=replace(GOOD, version=3).der())


@refused("version 99", "form", "version", openssl="accepts", why=_STRICT)
def _future_version() -> Given:
    return Given(data=replace(GOOD, version=99).der())


@refused(
    "a signed file in a signed file",
    "form",
    "signed_data",
    openssl="accepts",
    why="devices take data only",
)
def _nested() -> Given:
    return Given(data=replace(GOOD, content=GOOD.der(), content_type=cms.SIGNED_DATA).der())


@accepted("no content, but signed")
def _empty() -> Given:
    return Given(data=replace(GOOD, content=b"").der())


@accepted("a detached signature with its content")
def _detached() -> Given:
    return Given(data=replace(GOOD, detached=True).der(), content=CONTENT)


@refused("a detached signature with other content", "content", "the content was changed")
def _detached_other() -> Given:
    return Given(data=replace(GOOD, detached=True).der(), content=CONTENT + b"\n")


@refused("a detached signature alone", "content", "detached")
def _detached_alone() -> Given:
    return Given(data=replace(GOOD, detached=True).der())


@accepted("BER: indefinite lengths, content in pieces")
def _ber() -> Given:
    return Given(data=GOOD.ber())


@accepted(
    "BER throughout",
    openssl="refuses",
    why="openssl takes a certificate in BER for what its CA signed, which was the DER of it",
)
def _ber_throughout() -> Given:
    return Given(data=streamed(GOOD.der()))


@accepted("PEM", "PEM")
def _pem() -> Given:
    return Given(data=armoured(GOOD.der()))


@refused("PEM twice", "form", openssl="accepts", why="openssl reads the first")
def _pem_twice() -> Given:
    return Given(data=armoured(GOOD.der()) * 2)


@refused("bytes behind it", "form", openssl="accepts", why="openssl reads over them")
def _trailing() -> Given:
    return Given(data=GOOD.der() + b"<plist/>")


@refused("a second file behind it", "form", openssl="accepts", why="openssl reads the first")
def _concatenated() -> Given:
    return Given(data=GOOD.der() * 2)


# --- RSA signature values


@cache
def _cubic(name: str) -> Issued:
    """Return a signer with the public exponent 3."""
    key = rsa.generate_private_key(public_exponent=3, key_size=2048)
    return certify(name, CA, Form(key=key, critical=[pki.usage(digital_signature=True)]))


def _cubed(value: Callable[[bytes], bytes]) -> Given:
    by = _cubic("Cubic")
    one = Signed(by=by, certificates=[by, CA])
    attributes, covered = cms.signed_attributes(one)
    return Given(data=replace(one, attributes=attributes, signature=value(covered)).der())


@refused("a cube root with garbage behind the digest", "signature", "'Cubic'")
def _cube_root() -> Given:
    """Bleichenbacher's forgery of 2006: no private key is needed."""
    return _cubed(forged_cube)


@refused("a cube root with garbage in the algorithm's parameters", "signature", "'Cubic'")
def _cube_root_parameters() -> Given:
    return _cubed(lambda covered: forged_cube(covered, in_parameters=True))


def _raw(name: str, encode: Callable[[bytes, int], bytes]) -> None:
    """Add a file whose signer's private key was used on a wrong encoding (RFC 8017, 9.2)."""

    @refused(name, "signature", "'RSA Signer'")
    def _make() -> Given:
        one = _rsa()
        attributes, covered = cms.signed_attributes(one)
        value = raw_signature(one.by, encode(covered, 256))
        return Given(data=replace(one, attributes=attributes, signature=value).der())


_raw("PKCS#1 block type 2", lambda covered, size: encoded_message(covered, size, block=2))
_raw("PKCS#1 with too little padding", lambda c, size: encoded_message(c, size, garbage=b"x" * 150))
_raw("PKCS#1 without the algorithm", lambda c, size: encoded_message(c, size, bare=True))
_raw("PKCS#1 without the NULL", lambda c, size: encoded_message(c, size, null=False))
_raw("PKCS#1 with wrong padding bytes", lambda c, size: encoded_message(c, size, pad=0xFE))


def _rsa_value(change: Callable[[int, int], bytes]) -> Given:
    """Return a good file after `change` of its signature, given as a number with the modulus."""
    one = _rsa()
    attributes, covered = cms.signed_attributes(one)
    value = int.from_bytes(cms.sign(one.by, covered, "sha256"), "big")
    assert isinstance(one.by.key, rsa.RSAPrivateKey)
    modulus = one.by.key.private_numbers().public_numbers.n
    changed = change(value, modulus)
    return Given(data=replace(one, attributes=attributes, signature=changed).der())


@refused("an RSA signature with a zero byte before it", "signature", "'RSA Signer'")
def _leading_zero() -> Given:
    return _rsa_value(lambda value, _: value.to_bytes(257, "big"))


@refused("an RSA signature plus the modulus", "signature", "'RSA Signer'")
def _plus_modulus() -> Given:
    return _rsa_value(lambda value, modulus: (value + modulus).to_bytes(257, "big"))


@refused("an RSA signature of zero", "signature", "'RSA Signer'")
def _zero() -> Given:
    return _rsa_value(lambda _value, _modulus: bytes(256))


@refused("an empty signature", "signature", "'RSA Signer'")
def _no_value() -> Given:
    return _rsa_value(lambda _value, _modulus: b"")


@refused("an RSA signature without its leading zero byte", "signature", "'RSA Signer'")
def _missing_zero() -> Given:
    one = _rsa()
    for seconds in range(5000):
        time = cms.signing_time(datetime.now(UTC) - timedelta(seconds=seconds))
        attributes = sorted((_TYPE, time, cms.attribute(cms.MESSAGE_DIGEST, _digest())))
        value = cms.sign(one.by, der.set_of(*attributes), "sha256")
        if value.startswith(b"\0"):
            return Given(data=replace(one, attributes=attributes, signature=value[1:]).der())
    raise AssertionError


# --- ECDSA signature values


def _ecdsa(change: Callable[[int, int], bytes]) -> Given:
    """Return a good file after `change` of the numbers r and s."""
    attributes, covered = cms.signed_attributes(GOOD)
    r, s = decode_dss_signature(cms.sign(SIGNER, covered, "sha256"))
    return Given(data=replace(GOOD, attributes=attributes, signature=change(r, s)).der())


def _pair(*numbers: int) -> bytes:
    return der.sequence(*map(der.integer, numbers))


def _numbers(name: str, change: Callable[[int, int], Sequence[int]]) -> None:
    @refused(name, "signature", "'Signer'")
    def _make() -> Given:
        return _ecdsa(lambda r, s: _pair(*change(r, s)))


_numbers("ECDSA with r = 0", lambda _, s: (0, s))
_numbers("ECDSA with s = 0", lambda r, _: (r, 0))
_numbers("ECDSA with r = s = 0", lambda _r, _s: (0, 0))
_numbers("ECDSA with r + n", lambda r, s: (r + ORDER, s))
_numbers("ECDSA with s + n", lambda r, s: (r, s + ORDER))
_numbers("ECDSA with negative r", lambda r, s: (r - ORDER, s))
_numbers("ECDSA with negative s", lambda r, s: (r, s - ORDER))
_numbers("ECDSA with r = s = n", lambda _r, _s: (ORDER, ORDER))
_numbers("ECDSA with s alone", lambda _, s: (s,))
_numbers("ECDSA with a third number", lambda r, s: (r, s, 1))


@accepted("ECDSA with n - s in the place of s")
def _other_s() -> Given:
    """Also a signature: whoever sees one can write the other, and it proves the same."""
    return _ecdsa(lambda r, s: _pair(r, ORDER - s))


@refused("ECDSA with a needless zero byte in r", "signature", "'Signer'")
def _long_r() -> Given:
    return _ecdsa(
        lambda r, s: der.sequence(der.tlv(0x02, b"\0\0", r.to_bytes(32, "big")), der.integer(s))
    )


@refused("ECDSA with bytes behind it", "signature", "'Signer'")
def _ecdsa_trailing() -> Given:
    return _ecdsa(lambda r, s: _pair(r, s) + b"\0")


@refused("ECDSA as tokens return it, without DER", "signature", "'Signer'")
def _raw_ecdsa() -> Given:
    return _ecdsa(lambda r, s: r.to_bytes(32, "big") + s.to_bytes(32, "big"))


test_what_is_said, test_what_is_written_as_json, test_what_openssl_says = checks_of(ATTACKS)


def test_a_lenient_verifier_would_take_the_forged_cube() -> None:
    """The forgery is one: its cube begins with the right padding, algorithm and digest."""
    by, covered = _cubic("Cubic"), b"anything"
    assert isinstance(by.key, rsa.RSAPrivateKey)
    modulus = by.key.private_numbers().public_numbers.n
    cube = pow(int.from_bytes(forged_cube(covered), "big"), 3, modulus).to_bytes(256, "big")
    padding, rest = cube[2:].split(b"\0", 1)
    assert (cube[:2], set(padding)) == (b"\0\1", {0xFF})
    assert rest[19:51] == hashlib.sha256(covered).digest()


def test_the_order_is_that_of_the_curve() -> None:
    assert isinstance(SIGNER.key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(SIGNER.key.sign(b"", ec.ECDSA(hashes.SHA256())))
    SIGNER.key.public_key().verify(_pair(r, ORDER - s), b"", ec.ECDSA(hashes.SHA256()))
