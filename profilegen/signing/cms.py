"""Write CMS SignedData (RFC 5652), in the one shape that devices and MDM servers are known to take.

DER, version 1, id-data, one signer named by issuer and serial number, the signed attributes
contentType, signingTime and messageDigest, every intermediate, never the root (docs/signing.md).
"""

from __future__ import annotations

from datetime import UTC, datetime

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import SigningError
from profilegen.signing.algorithms import digest_of
from profilegen.signing.identity import Identity

MAX_CONTENT = 64 * 1024 * 1024
"""Bytes that are signed or read at most; real profiles are some kilobytes."""

# RFC 5652 section 11.3: UTCTime in these years, GeneralizedTime in all others.
_UTC_TIME_YEARS = range(1950, 2050)


def sign_embedded(content: bytes, identity: Identity, *, signed_at: datetime) -> bytes:
    """Return the DER of a SignedData that holds `content` byte for byte.

    The same arguments give the same bytes. Raises SigningError for a `signed_at` without time zone
    and for content of more than MAX_CONTENT bytes.
    """
    return _signed_data(content, identity, signed_at, {"content_type": "data", "content": content})


def sign_detached(content: bytes, identity: Identity, *, signed_at: datetime) -> bytes:
    """Return the DER of a SignedData over `content` that does not hold it (a `.p7s` file).

    As `sign_embedded` in everything else.
    """
    return _signed_data(content, identity, signed_at, {"content_type": "data"})


def _signed_data(
    content: bytes, identity: Identity, signed_at: datetime, encapsulated: dict[str, object]
) -> bytes:
    if len(content) > MAX_CONTENT:
        message = f"{len(content)} bytes are more than the {MAX_CONTENT} that can be signed"
        raise SigningError(message, hint="Sign a smaller file.")
    digest = digest_of(content, digest=identity.scheme.digest)
    attributes = _signed_attributes(digest, signed_at)
    # IMPLICIT [0] on the wire, but signed is the EXPLICIT SET OF (RFC 5652 section 5.4).
    signature = identity.sign(attributes.dump())
    algorithm = _digest_algorithm(identity.scheme.digest)
    leaf = _asn1(identity.leaf)
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": leaf.issuer, "serial_number": leaf.serial_number},
            ),
            "digest_algorithm": algorithm,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": identity.scheme.signature},
            "signature": signature,
        }
    )
    certificates = [leaf, *(_asn1(c) for c in identity.intermediates)]
    signed_data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algorithm],
            "encap_content_info": encapsulated,
            "certificates": certificates,
            "signer_infos": [signer],
        }
    )
    info = cms.ContentInfo({"content_type": "signed_data", "content": signed_data})
    encoded: bytes = info.dump()
    return encoded


def _signed_attributes(digest: bytes, signed_at: datetime) -> cms.CMSAttributes:
    """Return the attributes that are signed; asn1crypto sorts a SET OF as DER demands."""
    return cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [_time(signed_at)]},
            {"type": "message_digest", "values": [digest]},
        ]
    )


def _time(signed_at: datetime) -> cms.Time:
    if signed_at.tzinfo is None:
        message = "the signing time has no time zone"
        raise SigningError(message, hint="Pass a time in UTC.")
    moment = signed_at.astimezone(UTC).replace(microsecond=0)
    if moment.year in _UTC_TIME_YEARS:
        return cms.Time("utc_time", core.UTCTime(moment))
    return cms.Time("generalized_time", core.GeneralizedTime(moment))


def _digest_algorithm(name: str) -> cms.DigestAlgorithm:
    """Return the algorithm without parameters: RFC 5754 section 2, and what OpenSSL writes.

    Built from its encoding, since asn1crypto adds NULL parameters to the ones that it composes.
    """
    oid: bytes = algos.DigestAlgorithmId(name).dump()
    return cms.DigestAlgorithm.load(b"\x30" + bytes([len(oid)]) + oid)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
