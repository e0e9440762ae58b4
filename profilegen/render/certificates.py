"""Certificate payloads: which ones a profile needs, and their keys.

Sources: Apple's schema of com.apple.security.root, .pkcs12, .scep and .acme. The contents of files
and the secrets are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import assert_never

from profilegen.plist import PlistValue
from profilegen.policy.accounts import Account
from profilegen.policy.certificates import (
    AcmeEnrolment,
    CaCertificate,
    Certificate,
    CertificateKind,
    Pkcs12Certificate,
    ScepEnrolment,
)
from profilegen.policy.model import Policy
from profilegen.render.material import CertificateMaterial
from profilegen.render.user import User, fill_line

Keys = dict[str, PlistValue]

PAYLOAD_OF_KIND: Mapping[CertificateKind, str] = {
    CertificateKind.CA: "com.apple.security.root",
    CertificateKind.PKCS12: "com.apple.security.pkcs12",
    CertificateKind.SCEP: "com.apple.security.scep",
    CertificateKind.ACME: "com.apple.security.acme",
}


def certificates_for(policy: Policy, accounts: Iterable[Account]) -> tuple[Certificate, ...]:
    """Return the certificates that a profile with `accounts` carries, in the policy's order.

    Every CA is among them: accounts rest on servers whose CA the device must know.
    """
    used = {name for account in accounts for name in _named_by(account)}
    return tuple(
        certificate
        for certificate in policy.certificates
        if isinstance(certificate, CaCertificate) or certificate.id in used
    )


def kind_of(certificate: Certificate) -> CertificateKind:
    """Return how the certificate gets onto the device."""
    match certificate:
        case CaCertificate():
            return CertificateKind.CA
        case Pkcs12Certificate():
            return CertificateKind.PKCS12
        case ScepEnrolment():
            return CertificateKind.SCEP
        case AcmeEnrolment():
            return CertificateKind.ACME
        case _:
            assert_never(certificate)


def certificate_keys(certificate: Certificate, material: CertificateMaterial | None) -> Keys:
    """Return the keys of the certificate's payload.

    `material` must be there for a CA and a PKCS#12 file (KeyError otherwise).
    """
    match certificate:
        case CaCertificate():
            return _file_keys(certificate.file, _needed(material, certificate))
        case Pkcs12Certificate():
            keys = _file_keys(certificate.file, _needed(material, certificate))
            return keys | _secret("Password", material)
        case ScepEnrolment():
            return {"PayloadContent": _scep(certificate) | _secret("Challenge", material)}
        case AcmeEnrolment():
            return _acme(certificate)
        case _:
            assert_never(certificate)


def fill_certificate(certificate: Certificate, user: User | None) -> Certificate:
    """Return `certificate` with the user's values in the texts of an enrolment."""
    text = partial(fill_line, user=user, place=f"certificate {certificate.id}")
    match certificate:
        case ScepEnrolment():
            return replace(
                certificate,
                url=text(certificate.url, "url"),
                name=text(certificate.name, "name"),
                subject=_fill_subject(certificate.subject, text),
            )
        case AcmeEnrolment():
            return replace(
                certificate,
                directory_url=text(certificate.directory_url, "directory_url"),
                client_identifier=text(certificate.client_identifier, "client_identifier"),
                subject=_fill_subject(certificate.subject, text),
            )
        case CaCertificate() | Pkcs12Certificate():
            return certificate
        case _:
            assert_never(certificate)


def _named_by(account: Account) -> tuple[str, ...]:
    smime = account.smime
    return (account.login, *(() if smime is None else (smime.sign, smime.encrypt)))


def _fill_subject(
    subject: tuple[tuple[str, str], ...], text: Callable[[str, str], str]
) -> tuple[tuple[str, str], ...]:
    return tuple((name, text(value, f"subject.{name}")) for name, value in subject)


def _needed(material: CertificateMaterial | None, certificate: Certificate) -> CertificateMaterial:
    if material is None:
        raise KeyError(certificate.id)
    return material


def _file_keys(file: str, material: CertificateMaterial) -> Keys:
    return {"PayloadCertificateFileName": PurePath(file).name, "PayloadContent": material.content}


def _secret(key: str, material: CertificateMaterial | None) -> Keys:
    if material is None or material.secret is None:
        return {}
    return {key: material.secret.reveal()}


def _scep(enrolment: ScepEnrolment) -> Keys:
    keys: Keys = {
        "URL": enrolment.url,
        "Subject": _subject(enrolment.subject),
        "Keysize": enrolment.key_size,
        "Key Type": "RSA",
        "Key Usage": enrolment.key_usage,
    }
    if enrolment.name:
        keys["Name"] = enrolment.name
    if enrolment.fingerprint:
        keys["CAFingerprint"] = bytes.fromhex(enrolment.fingerprint.replace(":", ""))
    return keys


def _acme(enrolment: AcmeEnrolment) -> Keys:
    return {
        "DirectoryURL": enrolment.directory_url,
        "ClientIdentifier": enrolment.client_identifier,
        "KeyType": enrolment.key_type,
        "KeySize": enrolment.key_size,
        "HardwareBound": enrolment.hardware_bound,
        "Attest": enrolment.attest,
        "Subject": _subject(enrolment.subject),
    }


def _subject(subject: tuple[tuple[str, str], ...]) -> PlistValue:
    # An array of RDNs, each an array of pairs (Apple, com.apple.security.scep).
    return [[[name, value]] for name, value in subject]
