"""Time-stamp tokens that no authority makes: each is right but for what a test changes in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import authority
from tests.support.pki import NOW, Issued

Fields = dict[str, Any]
_HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}  # noqa: S303 - to see it refused


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a token is made; the default is one that holds.

    `info` changes fields of the TSTInfo, `rewrite` its bytes. `attributes` gets the signed ones by
    type and returns those that are signed; `spoil` gets the SignedData when everything is signed.
    """

    stamper: Issued = field(default_factory=lambda: authority.authority().stamper)
    certificates: tuple[Issued, ...] | None = None
    time: datetime = NOW
    imprint: str = "sha256"
    digest: str = "sha256"
    signature: str | None = None
    pss: bool = False
    info: Fields = field(default_factory=dict)
    rewrite: Callable[[bytes], bytes] = lambda encoded: encoded
    attributes: Callable[[Fields], Fields] = lambda signed: signed
    spoil: Callable[[cms.SignedData], None] = lambda _: None


def token(data: bytes, recipe: Recipe | None = None) -> bytes:
    """Return the DER of a token for `data`."""
    made = recipe or Recipe()
    content = made.rewrite(_info(data, made).dump())
    attributes = _attributes(content, made)
    certificates = made.certificates
    if certificates is None:
        certificates = (made.stamper, authority.authority().ca)
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": made.digest}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [_parsed(one.certificate) for one in certificates],
            "signer_infos": [_signer(attributes, made)],
        }
    )
    made.spoil(signed)
    info = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    encoded: bytes = info.dump()
    return encoded


def ess(
    certificate: x509.Certificate, *more: x509.Certificate, digest: str = "sha256"
) -> tsp.SigningCertificateV2:
    """Return the value of the attribute SigningCertificateV2."""
    named = [
        {"hash_algorithm": {"algorithm": digest}, "cert_hash": _digest(one, digest)}
        for one in (certificate, *more)
    ]
    return tsp.SigningCertificateV2({"certs": named})


def ess_v1(certificate: x509.Certificate) -> tsp.SigningCertificate:
    """Return the value of the attribute SigningCertificate, which knows SHA-1 only."""
    return tsp.SigningCertificate({"certs": [{"cert_hash": _digest(certificate, "sha1")}]})


def issuer_serial(of: x509.Certificate, serial: int) -> Fields:
    """Return an IssuerSerial with the issuer of a certificate."""
    name = asn1_x509.GeneralName("directory_name", _parsed(of).issuer)
    return {"issuer": [name], "serial_number": serial}


def in_pieces(encoded: bytes) -> bytes:
    """Return the outermost two levels of a token in BER: with indefinite lengths."""
    info = cms.ContentInfo.load(encoded)
    inner = b"\x30\x80" + bytes(info["content"].contents) + b"\0\0"
    kind: bytes = info["content_type"].dump()
    return b"\x30\x80" + kind + b"\xa0\x80" + inner + b"\0\0" + b"\0\0"


def _info(data: bytes, made: Recipe) -> tsp.TSTInfo:
    digest = hashlib.new(made.imprint, data).digest()
    fields: Fields = {
        "version": "v1",
        "policy": "1.2.3.4",
        "message_imprint": {
            "hash_algorithm": {"algorithm": made.imprint},
            "hashed_message": digest,
        },
        "serial_number": 7,
        "gen_time": made.time,
    }
    return tsp.TSTInfo(fields | made.info)


def _attributes(content: bytes, made: Recipe) -> cms.CMSAttributes:
    signed = made.attributes(
        {
            "content_type": ["tst_info"],
            "message_digest": [hashlib.new(made.digest, content).digest()],
            "signing_certificate_v2": [ess(made.stamper.certificate)],
        }
    )
    return cms.CMSAttributes(
        [cms.CMSAttribute({"type": kind, "values": values}) for kind, values in signed.items()]
    )


def _signer(attributes: cms.CMSAttributes, made: Recipe) -> Fields:
    certificate = _parsed(made.stamper.certificate)
    sid = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    algorithm, signature = _sign(attributes.dump(), made)
    return {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", sid),
        "digest_algorithm": {"algorithm": made.digest},
        "signed_attrs": attributes,
        "signature_algorithm": algorithm,
        "signature": signature,
    }


def _sign(data: bytes, made: Recipe) -> tuple[Fields, bytes]:
    key, digest = made.stamper.key, _HASHES[made.digest]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        name = made.signature or f"{made.digest}_ecdsa"
        return {"algorithm": name}, key.sign(data, ec.ECDSA(digest))
    assert isinstance(key, rsa.RSAPrivateKey)
    if not made.pss:
        name = made.signature or "rsassa_pkcs1v15"
        return {"algorithm": name}, key.sign(data, padding.PKCS1v15(), digest)
    used = {"algorithm": made.digest}
    parameters = {
        "hash_algorithm": used,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": used},
        "salt_length": digest.digest_size,
    }
    scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return {"algorithm": "rsassa_pss", "parameters": parameters}, key.sign(data, scheme, digest)


def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _digest(certificate: x509.Certificate, digest: str) -> bytes:
    return hashlib.new(digest, certificate.public_bytes(Encoding.DER)).digest()
