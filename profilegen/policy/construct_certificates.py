"""Builds certificates and enrolments from valid members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from profilegen.policy.certificates import (
    AcmeEnrolment,
    CaCertificate,
    Certificate,
    CertificateKind,
    Pkcs12Certificate,
    ScepEnrolment,
)

_Table = Mapping[str, Any]

_EC, _RSA = "ECSECPrimeRandom", "RSA"  # KeyType, com.apple.security.acme.yaml
_DEFAULT_KEY_SIZE = {_EC: 256, _RSA: 2048}


def certificate_from(row: _Table) -> Certificate:
    """Return the certificate that `row` describes."""
    kind = CertificateKind(row["kind"])
    match kind:
        case CertificateKind.CA:
            return CaCertificate(row["id"], row["file"])
        case CertificateKind.PKCS12:
            return Pkcs12Certificate(row["id"], row["file"], row["passphrase_env"])
        case CertificateKind.SCEP:
            return _scep(row)
        case CertificateKind.ACME:
            return _acme(row)
        case _:
            assert_never(kind)


def _scep(row: _Table) -> ScepEnrolment:
    return ScepEnrolment(
        id=row["id"],
        url=row["url"],
        subject=_subject(row),
        name=row.get("name", ""),
        challenge_env=row.get("challenge_env", ""),
        key_size=int(row.get("key_size", 2048)),
        key_usage=int(row.get("key_usage", 5)),
        fingerprint=row.get("fingerprint", "").replace(":", "").lower(),
    )


def _acme(row: _Table) -> AcmeEnrolment:
    key_type = _RSA if row.get("key_type") == "rsa" else _EC
    hardware_bound = row.get("hardware_bound", key_type == _EC)
    return AcmeEnrolment(
        id=row["id"],
        directory_url=row["directory_url"],
        client_identifier=row["client_identifier"],
        key_type=key_type,
        key_size=int(row.get("key_size", _DEFAULT_KEY_SIZE[key_type])),
        hardware_bound=hardware_bound,
        attest=row.get("attest", hardware_bound),
        subject=_subject(row),
    )


def _subject(row: _Table) -> tuple[tuple[str, str], ...]:
    return tuple(pair for item in row.get("subject", ()) for pair in item.items())
