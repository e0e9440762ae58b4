"""Certificates and revocation lists that an attacker, or a careless CA, would make.

Dates are relative to the day of the run, since the command judges them by the real clock.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import der, pki
from tests.support.pki import Issued, IssuingKey

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
START, END = TODAY - 400 * DAY, TODAY + 400 * DAY

ANYTHING = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
"""An extension that nobody knows."""

_CERT_SIGN = pki.usage(key_cert_sign=True, crl_sign=True)
_SIGN_DATA = pki.usage(digital_signature=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a certificate says beside its subject.

    `owner` names the key, "" the subject's own; `key` is one that was made elsewhere.
    """

    kind: str = "p256"
    owner: str = ""
    key: IssuingKey | None = None
    serial: int | None = None
    start: datetime = START
    end: datetime = END
    critical: Sequence[x509.ExtensionType] = ()
    optional: Sequence[x509.ExtensionType] = ()


def certify(name: str | x509.Name, issuer: Issued | None, form: Form) -> Issued:
    """Return a certificate by `issuer`, or self-signed, with just the extensions of `form`."""
    subject = pki.name_of(name) if isinstance(name, str) else name
    own = form.key or pki.key(form.kind, form.owner or f"adversarial {name}")
    signing = own if issuer is None else issuer.key
    assert isinstance(own, IssuingKey)
    assert isinstance(signing, IssuingKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(own.public_key())
        .serial_number(form.serial or x509.random_serial_number())
        .not_valid_before(form.start)
        .not_valid_after(form.end)
    )
    for extension in form.critical:
        builder = builder.add_extension(extension, critical=True)
    for extension in form.optional:
        builder = builder.add_extension(extension, critical=False)
    return Issued(builder.sign(signing, hashes.SHA256()), own)


def authority(  # noqa: PLR0913 - each one is a way in which a CA can be wrong
    name: str,
    issuer: Issued | None = None,
    *,
    owner: str = "",
    path_length: int | None = None,
    start: datetime = START,
    end: datetime = END,
    limits: Sequence[x509.ExtensionType] = (),
) -> Issued:
    """Return a CA that may issue certificates and lists."""
    critical = (pki.ca(path_length), _CERT_SIGN, *limits)
    return certify(name, issuer, Form(owner=owner, start=start, end=end, critical=critical))


def signer(  # noqa: PLR0913 - each one is a way in which a signer can be wrong
    issuer: Issued,
    name: str = "Signer",
    *,
    kind: str = "p256",
    owner: str = "",
    serial: int | None = None,
    start: datetime = START,
    end: datetime = END,
    optional: Sequence[x509.ExtensionType] = (),
) -> Issued:
    """Return a certificate that may sign data."""
    form = Form(
        kind=kind,
        owner=owner,
        serial=serial,
        start=start,
        end=end,
        critical=(_SIGN_DATA,),
        optional=optional,
    )
    return certify(name, issuer, form)


def with_serial(issued: Issued, issuer: Issued, serial: int) -> Issued:
    """Return the certificate with a serial number that `cryptography` would not write."""
    data = issued.certificate.public_bytes(Encoding.DER)
    tbs, algorithm, _ = der.children(data, der.read(data))
    version, _, *others = (node.whole.of(data) for node in der.children(data, tbs))
    covered = der.sequence(version, der.integer(serial), *others)
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    signature = issuer.key.sign(covered, ec.ECDSA(hashes.SHA256()))
    whole = der.sequence(covered, algorithm.whole.of(data), der.tlv(0x03, b"\0", signature))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Issued(x509.load_der_x509_certificate(whole), issued.key)


ROOT = authority("Root")
CA = authority("CA", ROOT)
SIGNER = signer(CA)
OTHER_ROOT = authority("Other Root")
"""A good chain, and the root of somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """One line of a list."""

    issued: Issued
    since: datetime = TODAY - 10 * DAY
    reason: x509.ReasonFlags | None = None
    critical: x509.ExtensionType | None = None


def revocation_list(
    issuer: Issued,
    *revoked: Revoked,
    this: datetime = TODAY - DAY,
    following: datetime = TODAY + 30 * DAY,
    extensions: Sequence[x509.ExtensionType] = (),
    number: int = 1,
) -> bytes:
    """Return the DER of a list by `issuer`; `extensions` are critical."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(this)
        .next_update(following)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    for one in revoked:
        builder = builder.add_revoked_certificate(_line(one))
    assert isinstance(issuer.key, IssuingKey)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def covering(  # noqa: PLR0913 - the fields of RFC 5280, section 5.2.5
    *,
    uri: str | None = None,
    users: bool = False,
    authorities: bool = False,
    attributes: bool = False,
    reasons: frozenset[x509.ReasonFlags] | None = None,
    indirect: bool = False,
) -> x509.IssuingDistributionPoint:
    """Return what a list says that it covers."""
    return x509.IssuingDistributionPoint(
        full_name=None if uri is None else [x509.UniformResourceIdentifier(uri)],
        relative_name=None,
        only_contains_user_certs=users,
        only_contains_ca_certs=authorities,
        only_some_reasons=reasons,
        indirect_crl=indirect,
        only_contains_attribute_certs=attributes,
    )


def _line(one: Revoked) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(one.issued.certificate.serial_number)
        .revocation_date(one.since)
    )
    if one.reason is not None:
        builder = builder.add_extension(x509.CRLReason(one.reason), critical=False)
    if one.critical is not None:
        builder = builder.add_extension(one.critical, critical=True)
    return builder.build()
