"""The certificates of a policy: what they are, not yet their bytes and secrets.

Files are relative to the policy's folder; passphrases and challenges are named by the environment
variable that holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CertificateKind(StrEnum):
    """How a certificate gets onto the device."""

    CA = "ca"
    PKCS12 = "pkcs12"
    SCEP = "scep"
    ACME = "acme"


@dataclass(frozen=True, slots=True)
class CaCertificate:
    """A CA or server certificate; `file` is PEM or DER, relative to the policy's folder."""

    id: str
    file: str


@dataclass(frozen=True, slots=True)
class Pkcs12Certificate:
    """A key with its certificate in a file; the passphrase comes from an environment variable."""

    id: str
    file: str
    passphrase_env: str


@dataclass(frozen=True, slots=True)
class ScepEnrolment:
    """Enrolment by SCEP; `subject` is a list of (OID or short name, value) in order.

    `key_usage` is 1 to sign, 4 to encrypt, 5 for both; `fingerprint` is hexadecimal.
    """

    id: str
    url: str
    subject: tuple[tuple[str, str], ...]
    name: str
    challenge_env: str
    key_size: int
    key_usage: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AcmeEnrolment:
    """Enrolment by ACME with device attestation (iOS 16); `key_size` is in bits."""

    id: str
    directory_url: str
    client_identifier: str
    key_type: str
    key_size: int
    hardware_bound: bool
    attest: bool
    subject: tuple[tuple[str, str], ...]


Certificate = CaCertificate | Pkcs12Certificate | ScepEnrolment | AcmeEnrolment
