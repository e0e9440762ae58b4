"""CMS SignedData (RFC 5652) put together by hand: every field may be wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import der, pki
from tests.support.pki import Issued

CONTENT = b'<?xml version="1.0"?><plist version="1.0"><dict/></plist>'

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"
TIME_STAMP = "1.2.840.113549.1.9.16.2.14"
RSA = "1.2.840.113549.1.1.1"
PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"

DIGESTS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": pki.MD5,
    "sha1": pki.SHA1,
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
}
_WITH_RSA = {
    "md5": "1.2.840.113549.1.1.4",
    "sha1": "1.2.840.113549.1.1.5",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
}
_WITH_ECDSA = {
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
}
SALT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A SignedData; what is None has the value of an honest signature.

    `attributes` are encoded attributes, in the order of the file; () leaves the field away.
    `covered` is what is signed in place of the attributes' DER, `digest` the signer's.
    """

    by: Issued
    content: bytes = CONTENT
    certificates: Sequence[Issued] = ()
    digest: str = "sha256"
    digests: Sequence[str] | None = None
    sid: bytes | None = None
    attributes: Sequence[bytes] | None = None
    covered: bytes | None = None
    algorithm: bytes | None = None
    signature: bytes | None = None
    unsigned: Sequence[bytes] = ()
    version: int = 1
    content_type: str = DATA
    detached: bool = False
    others: Sequence[Signed] = ()
    signers: bool = True

    def der(self) -> bytes:
        """Return the file."""
        content = () if self.detached else (der.context(0, der.octets(self.content)),)
        encapsulated = der.sequence(der.oid(self.content_type), *content)
        signed = der.sequence(*self._before(), encapsulated, *self._after())
        return der.sequence(der.oid(SIGNED_DATA), der.context(0, signed))

    def ber(self) -> bytes:
        """Return the file as one writes it who streams: the outer lengths are indefinite."""
        pieces = (der.octets(self.content[at : at + 16]) for at in range(0, len(self.content), 16))
        content = der.indefinite(0xA0, der.indefinite(0x24, *pieces))
        encapsulated = der.indefinite(0x30, der.oid(self.content_type), content)
        signed = der.indefinite(0x30, *self._before(), encapsulated, *self._after())
        return der.indefinite(0x30, der.oid(SIGNED_DATA), der.indefinite(0xA0, signed))

    def _before(self) -> tuple[bytes, ...]:
        """Return what comes before the content: the version and the digests."""
        digests = self.digests
        if digests is None:
            digests = sorted({one.digest for one in (self, *self.others)})
        return der.integer(self.version), der.set_of(*map(digest_algorithm, digests))

    def _after(self) -> tuple[bytes, ...]:
        """Return what comes behind the content: the certificates and the signers."""
        held = [one.certificate.public_bytes(Encoding.DER) for one in self.certificates]
        infos = [signer_info(one) for one in (self, *self.others)] if self.signers else []
        return *((der.context(0, *sorted(held)),) if held else ()), der.set_of(*infos)


def signer_info(one: Signed) -> bytes:
    """Return the SignerInfo of `one`."""
    chosen = usual_attributes(one) if one.attributes is None else tuple(one.attributes)
    covered = one.covered
    if covered is None:
        covered = der.set_of(*chosen) if chosen else one.content
    value = sign(one.by, covered, one.digest) if one.signature is None else one.signature
    return der.sequence(
        der.integer(one.version),
        issuer_and_serial(one.by) if one.sid is None else one.sid,
        digest_algorithm(one.digest),
        *((der.context(0, *chosen),) if chosen else ()),
        signature_algorithm(one.by, one.digest) if one.algorithm is None else one.algorithm,
        der.octets(value),
        *((der.context(1, *one.unsigned),) if one.unsigned else ()),
    )


def usual_attributes(one: Signed) -> tuple[bytes, ...]:
    """Return content type, signing time and digest, in the order of DER."""
    digest = hashlib.new(one.digest, one.content, usedforsecurity=False).digest()
    return tuple(
        sorted(
            (
                attribute(CONTENT_TYPE, der.oid(one.content_type)),
                signing_time(datetime.now(UTC)),
                attribute(MESSAGE_DIGEST, der.octets(digest)),
            )
        )
    )


def attribute(kind: str, *values: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of(*values))


def signing_time(at: datetime) -> bytes:
    return attribute(SIGNING_TIME, der.tlv(0x17, f"{at:%y%m%d%H%M%S}Z".encode()))


def issuer_and_serial(issued: Issued) -> bytes:
    certificate = issued.certificate
    return der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def key_identifier(value: bytes) -> bytes:
    """Return a signer identifier that is the subject key identifier `value`."""
    return der.tlv(0x80, value)


def digest_algorithm(name: str) -> bytes:
    return der.sequence(der.oid(DIGESTS[name]))


def signature_algorithm(issued: Issued, digest: str) -> bytes:
    """Return the usual algorithm of a key: PKCS#1 v1.5, or ECDSA with `digest`."""
    if isinstance(issued.key, rsa.RSAPrivateKey):
        return der.sequence(der.oid(RSA), der.null())
    return der.sequence(der.oid(_WITH_ECDSA[digest]))


def named_algorithm(issued: Issued, digest: str) -> bytes:
    """Return the algorithm that names `digest` itself."""
    if isinstance(issued.key, rsa.RSAPrivateKey):
        return der.sequence(der.oid(_WITH_RSA[digest]), der.null())
    return der.sequence(der.oid(_WITH_ECDSA[digest]))


def pss_algorithm(
    digest: str = "sha256", mask: str = "sha256", salt: int = SALT, trailer: int = 1
) -> bytes:
    """Return RSASSA-PSS with its parameters (RFC 4055, section 3.1); defaults are left away."""
    mask_algorithm = der.sequence(der.oid(MGF1), digest_algorithm(mask))
    parameters = (
        der.context(0, digest_algorithm(digest)),
        der.context(1, mask_algorithm),
        der.context(2, der.integer(salt)),
        *((der.context(3, der.integer(trailer)),) if trailer != 1 else ()),
    )
    return der.sequence(der.oid(PSS), der.sequence(*parameters))


def sign(issued: Issued, covered: bytes, digest: str) -> bytes:
    """Return the signature of `covered`: PKCS#1 v1.5 or ECDSA."""
    chosen = _HASHES[digest]
    match issued.key:
        case rsa.RSAPrivateKey() as key:
            return key.sign(covered, padding.PKCS1v15(), chosen)
        case ec.EllipticCurvePrivateKey() as key:
            return key.sign(covered, ec.ECDSA(chosen))
        case key:
            raise AssertionError(key)


def sign_pss(
    issued: Issued, covered: bytes, digest: str = "sha256", mask: str = "sha256", salt: int = SALT
) -> bytes:
    """Return a signature of `covered` by RSASSA-PSS."""
    assert isinstance(issued.key, rsa.RSAPrivateKey)
    scheme = padding.PSS(padding.MGF1(_HASHES[mask]), salt)
    return issued.key.sign(covered, scheme, _HASHES[digest])


def signed_attributes(one: Signed) -> tuple[tuple[bytes, ...], bytes]:
    """Return attributes to keep, since the time goes on, and what a signature of them covers."""
    chosen = usual_attributes(one)
    return chosen, der.set_of(*chosen)
