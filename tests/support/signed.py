"""Signed files for tests, in forms that `profilegen sign` never writes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asn1crypto import algos, cms, core, parser
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.signing.integrity import HASHES
from tests.support import pki
from tests.support.pki import Issued

SALT = 32


@dataclass(frozen=True, slots=True)
class By:
    """One signer and how it signs; `algorithm` "" is the usual one of its key."""

    issued: Issued
    digest: str = "sha256"
    algorithm: str = ""
    attributes: bool = True
    named_by_key: bool = False


def signed_data(
    content: bytes,
    *signers: By,
    certificates: Sequence[Issued] | None = None,
    detached: bool = False,
) -> bytes:
    """Return the DER of a SignedData; without `certificates` those of the signers are in it."""
    held = [by.issued for by in signers] if certificates is None else certificates
    encapsulated: dict[str, object] = {"content_type": "data"}
    if not detached:
        encapsulated["content"] = content
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": by.digest} for by in signers],
            "encap_content_info": encapsulated,
            "certificates": [
                cms.CertificateChoices("certificate", _certificate(issued)) for issued in held
            ],
            "signer_infos": [_signer(content, by) for by in signers],
        }
    )
    info = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    encoded: bytes = info.dump()
    return encoded


def changed(data: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """Return `data` after `change`, which no signature knows of."""
    info = cms.ContentInfo.load(data)
    change(info["content"])
    encoded: bytes = info.dump(force=True)
    return encoded


def armoured(data: bytes, label: str = "CMS") -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


def streamed(der: bytes) -> bytes:
    """Return the same in BER: indefinite lengths, and OCTET STRINGs in pieces of 5 bytes."""
    return b"".join(_streamed(der))


def _streamed(der: bytes) -> Iterator[bytes]:
    pointer = 0
    while pointer < len(der):
        (class_, method, tag, header, body, _), pointer = parser._parse(  # noqa: SLF001
            der, len(der), pointer
        )
        if method:
            yield header[:1] + b"\x80" + streamed(body) + b"\0\0"
        elif (class_, tag) == (0, 4):
            pieces = [body[at : at + 5] for at in range(0, len(body), 5)]
            encoded = b"".join(b"\x04" + bytes([len(piece)]) + piece for piece in pieces)
            yield b"\x24\x80" + encoded + b"\0\0"
        else:
            yield header + body


def _certificate(issued: Issued) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(issued.certificate.public_bytes(Encoding.DER))


def _signer(content: bytes, by: By) -> cms.SignerInfo:
    state = hashes.Hash(HASHES[by.digest]())
    state.update(content)
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "data"),
            _attribute("signing_time", cms.Time("utc_time", core.UTCTime(pki.NOW))),
            _attribute("message_digest", state.finalize()),
        ]
    )
    certificate = _certificate(by.issued)
    number = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    sid = (
        cms.SignerIdentifier("subject_key_identifier", certificate.key_identifier)
        if by.named_by_key
        else cms.SignerIdentifier("issuer_and_serial_number", number)
    )
    covered = attributes.dump() if by.attributes else content
    return cms.SignerInfo(
        {
            "version": "v3" if by.named_by_key else "v1",
            "sid": sid,
            "digest_algorithm": {"algorithm": by.digest},
            "signed_attrs": attributes if by.attributes else None,
            "signature_algorithm": _algorithm(by),
            "signature": _sign(by, covered),
        }
    )


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _algorithm(by: By) -> algos.SignedDigestAlgorithm:
    name = by.algorithm or _usual(by)
    if name != "rsassa_pss":
        return algos.SignedDigestAlgorithm({"algorithm": name})
    digest = {"algorithm": by.digest}
    parameters = {
        "hash_algorithm": digest,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": digest},
        "salt_length": SALT,
    }
    return algos.SignedDigestAlgorithm({"algorithm": name, "parameters": parameters})


def _usual(by: By) -> str:
    match by.issued.key:
        case rsa.RSAPrivateKey():
            return "rsassa_pkcs1v15"
        case ec.EllipticCurvePrivateKey():
            return f"{by.digest}_ecdsa"
        case dsa.DSAPrivateKey():
            return f"{by.digest}_dsa"
        case _:
            return "ed25519"


def _sign(by: By, covered: bytes) -> bytes:
    digest = HASHES[by.digest]()
    match by.issued.key:
        case rsa.RSAPrivateKey() as key if by.algorithm == "rsassa_pss":
            return key.sign(covered, padding.PSS(padding.MGF1(digest), SALT), digest)
        case rsa.RSAPrivateKey() as key:
            return key.sign(covered, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePrivateKey() as key:
            return key.sign(covered, ec.ECDSA(digest))
        case dsa.DSAPrivateKey() as key:
            return key.sign(covered, digest)
        case ed25519.Ed25519PrivateKey() as key:
            return key.sign(covered)
        case key:
            raise AssertionError(key)
