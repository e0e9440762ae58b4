"""Read what a policy's certificates name: files beside the policy, secrets in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from profilegen.errors import InputError
from profilegen.policy.certificates import (
    AcmeEnrolment,
    CaCertificate,
    Certificate,
    Pkcs12Certificate,
    ScepEnrolment,
)
from profilegen.policy.model import Policy
from profilegen.release.manifest import sha256
from profilegen.render.material import CertificateMaterial
from profilegen.secrets import Secret

_MAX_FILE = 1024 * 1024


class MaterialError(InputError):
    """A certificate of the policy cannot be read."""

    slug = "certificate"


def read_material(
    policy: Policy, folder: Path, environment: Mapping[str, str]
) -> dict[str, CertificateMaterial]:
    """Return the material of every certificate of `policy` by id.

    File names are relative to `folder`, the policy's own, and may not leave it. Raises
    MaterialError for a file or an environment variable that is not there.
    """
    return {
        certificate.id: _material(certificate, folder, environment)
        for certificate in policy.certificates
    }


def _material(
    certificate: Certificate, folder: Path, environment: Mapping[str, str]
) -> CertificateMaterial:
    match certificate:
        case CaCertificate():
            content = _read(certificate.id, folder, certificate.file)
            der = _der(certificate.id, certificate.file, content)
            return CertificateMaterial(der, file_sha256=sha256(content))
        case Pkcs12Certificate():
            content = _read(certificate.id, folder, certificate.file)
            secret = _secret(certificate.id, certificate.passphrase_env, environment)
            _check_pkcs12(certificate.id, certificate.file, content, secret)
            return CertificateMaterial(content, secret, sha256(content))
        case ScepEnrolment():
            name = certificate.challenge_env
            challenge = _secret(certificate.id, name, environment) if name else None
            return CertificateMaterial(b"", challenge)
        case AcmeEnrolment():
            return CertificateMaterial(b"")


def _read(certificate_id: str, folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        message = f"certificate {certificate_id}: {name} lies outside the policy's folder"
        raise MaterialError(message, hint="Put the file beside the policy.")
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_FILE + 1)
    except OSError as error:
        message = f"certificate {certificate_id}: cannot read {name}: {error.strerror}"
        raise MaterialError(message, hint="File names are relative to the policy file.") from error
    if len(content) > _MAX_FILE:
        message = f"certificate {certificate_id}: {name} is larger than 1 MiB"
        raise MaterialError(message, hint="Name the file of one certificate.")
    return content


def _der(certificate_id: str, name: str, content: bytes) -> bytes:
    """Return the DER of the one CA certificate in a file."""
    pem = b"-----BEGIN" in content
    try:
        found = (
            x509.load_pem_x509_certificates(content)
            if pem
            else [x509.load_der_x509_certificate(content)]
        )
    except ValueError as error:
        message = f"certificate {certificate_id}: {name} holds no certificate"
        raise MaterialError(message, hint="Give one certificate as PEM or DER.") from error
    if len(found) > 1:
        message = f"certificate {certificate_id}: {name} holds {len(found)} certificates"
        raise MaterialError(message, hint="Give each CA certificate a file and an id of its own.")
    if not _is_ca(found[0]):
        message = f"certificate {certificate_id}: {name} is not the certificate of a CA"
        raise MaterialError(message, hint="Name the CA that issued the servers' certificates.")
    return found[0].public_bytes(Encoding.DER)


def _is_ca(certificate: x509.Certificate) -> bool:
    """Whether it says so, or is a root from before certificates could (X.509 version 1)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return certificate.issuer == certificate.subject


def _check_pkcs12(certificate_id: str, name: str, content: bytes, secret: Secret) -> None:
    """Raise MaterialError unless the file opens and holds a key with its certificate."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(content, secret.reveal().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        message = f"certificate {certificate_id}: {name} does not open with its passphrase"
        raise MaterialError(message, hint="Check the file and the variable.") from error
    if key is None or certificate is None:
        message = f"certificate {certificate_id}: {name} holds no key with its certificate"
        raise MaterialError(message, hint="Export the identity, not the certificate alone.")


def _secret(certificate_id: str, name: str, environment: Mapping[str, str]) -> Secret:
    value = environment.get(name)
    if not value:
        message = f"certificate {certificate_id}: the environment variable {name} is not set"
        raise MaterialError(message, hint=f"Set {name} where profilegen runs.")
    return Secret(value)
