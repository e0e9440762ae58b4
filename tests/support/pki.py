"""Certificates for tests: any chain, good or bad, with fixed dates and keys made once a run.

What `cryptography` refuses to make (SHA-1, MD5) is re-signed by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from profilegen.secrets import Secret

SHA256 = hashes.SHA256()
SHA1 = hashes.SHA1()  # noqa: S303 - to see it refused
MD5 = hashes.MD5()  # noqa: S303 - to see it refused
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
PASSPHRASE = "correct horse"  # noqa: S105 - of keys that live as long as the test

_CURVES: dict[str, ec.EllipticCurve] = {
    "p192": ec.SECP192R1(),
    "p256": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
}

IssuingKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Extensions = Sequence[x509.ExtensionType]


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKeyTypes

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def encrypted_key_pem(self) -> bytes:
        encryption = BestAvailableEncryption(PASSPHRASE.encode())
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@dataclass(frozen=True, slots=True)
class Chain:
    """A root, the CA below it, and a signer."""

    root: Issued
    intermediate: Issued
    leaf: Issued

    def write(self, folder: Path) -> str:
        """Write the chain into `folder` and return the URI of the identity."""
        bundle = folder / "identity.pem"
        bundle.write_bytes(self.leaf.key_pem + self.leaf.pem + self.intermediate.pem)
        (folder / "root.pem").write_bytes(self.root.pem)
        return f"pem:{bundle}"


@cache
def key(kind: str, owner: str = "") -> PrivateKeyTypes:
    """Return the key of `owner`; the same one each time, since RSA keys take long to make."""
    del owner
    match kind.split("-"):
        case ["rsa", bits]:
            return rsa.generate_private_key(public_exponent=65537, key_size=int(bits))
        case [curve] if curve in _CURVES:
            return ec.generate_private_key(_CURVES[curve])
        case ["dsa"]:
            return dsa.generate_private_key(2048)
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def issue(  # noqa: PLR0913 - each one is a way in which a certificate can be wrong
    name: str,
    issuer: Issued | None = None,
    *,
    kind: str = "p256",
    owner: str | None = None,
    start: datetime = START,
    end: datetime = END,
    digest: hashes.HashAlgorithm | None = None,
    extensions: Extensions = (),
) -> Issued:
    """Return a certificate for `name`, signed by `issuer` or by itself, with just `extensions`."""
    own = key(kind, owner or name)
    signing = own if issuer is None else issuer.key
    assert isinstance(signing, IssuingKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(name_of(name) if issuer is None else issuer.certificate.subject)
        .public_key(own.public_key())  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    if isinstance(digest, hashes.SHA1 | hashes.MD5):
        certificate = _sign_weakly(builder.sign(signing, hashes.SHA256()), signing, digest)
    else:
        assert digest is None or isinstance(digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA224)
        certificate = builder.sign(signing, digest or hashes.SHA256())
    return Issued(certificate, own)


def root(name: str = "Test Root", *, kind: str = "p256", owner: str | None = None) -> Issued:
    """Return a self-signed CA."""
    return issue(name, kind=kind, owner=owner, extensions=[ca(), usage(key_cert_sign=True)])


def intermediate(issuer: Issued, name: str = "Test CA", *, kind: str = "p256") -> Issued:
    """Return a CA below `issuer`."""
    return issue(name, issuer, kind=kind, extensions=[ca(0), usage(key_cert_sign=True)])


def leaf(issuer: Issued, name: str = "Test Signer", *, kind: str = "p256") -> Issued:
    """Return a signer below `issuer`."""
    return issue(name, issuer, kind=kind, extensions=[usage(digital_signature=True)])


@cache
def chain(kind: str = "p256", name: str = "Test") -> Chain:
    """Return a good chain whose leaf has a key of `kind`; the same one each time."""
    top = root(f"{name} Root")
    middle = intermediate(top, f"{name} CA")
    return Chain(top, middle, leaf(middle, f"{name} Signer", kind=kind))


def name_of(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def ca(path_length: int | None = None) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=True, path_length=path_length)


def usage(**chosen: bool) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{one: chosen.get(one, False) for one in every})


def with_key_identifier(chain: Chain) -> Issued:
    """Return a certificate for the leaf of `chain` that also has a subject key identifier."""
    identifier = x509.SubjectKeyIdentifier.from_public_key(chain.leaf.certificate.public_key())
    extensions = [usage(digital_signature=True), identifier]
    return issue("Test Signer", chain.intermediate, kind="rsa-2048", extensions=extensions)


def with_unknown_key(issued: Issued) -> Issued:
    """Return the certificate with a key on a curve that nobody knows."""
    curve, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d03017f")
    der = issued.certificate.public_bytes(Encoding.DER).replace(curve, unknown)
    return Issued(x509.load_der_x509_certificate(der), issued.key)


def passphrase() -> Secret:
    """Return the passphrase of every encrypted key of these tests."""
    return Secret(PASSPHRASE)


def p12(
    issued: Issued, others: Sequence[Issued] = (), *, passphrase: str | None = PASSPHRASE
) -> bytes:
    """Return a PKCS#12 file of a key, its certificate and other certificates."""
    assert isinstance(issued.key, IssuingKey)
    encryption = (
        NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        None, issued.key, issued.certificate, [o.certificate for o in others], encryption
    )


def p12_of_certificates(*issued: Issued) -> bytes:
    """Return a PKCS#12 file without a key."""
    certificates = [one.certificate for one in issued]
    return pkcs12.serialize_key_and_certificates(None, None, None, certificates, NoEncryption())


def _sign_weakly(
    certificate: x509.Certificate, signing: IssuingKey, digest: hashes.SHA1 | hashes.MD5
) -> x509.Certificate:
    """Return the certificate signed again with SHA-1 or MD5."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    family = "rsa" if isinstance(signing, rsa.RSAPrivateKey) else "ecdsa"
    algorithm = {"algorithm": f"{digest.name}_{family}"}
    parsed["tbs_certificate"]["signature"] = algorithm
    parsed["signature_algorithm"] = algorithm
    signed = parsed["tbs_certificate"].dump(force=True)
    if isinstance(signing, rsa.RSAPrivateKey):
        parsed["signature_value"] = signing.sign(signed, padding.PKCS1v15(), digest)
    else:
        parsed["signature_value"] = signing.sign(signed, ec.ECDSA(digest))
    return x509.load_der_x509_certificate(parsed.dump(force=True))
