"""Make a key and a certificate request (PKCS#10) for a CA that devices trust."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from profilegen.errors import UsageError
from profilegen.signing.algorithms import KeyKind, certificate_hash, generate_key, private_pem
from profilegen.signing.files import PRIVATE, PUBLIC, write_new_file

_MAX_NAME = 64
"""Characters: ub-common-name and ub-organization-name of RFC 5280 appendix A.1."""


def certificate_request(
    *,
    subject_name: str,
    organization: str | None,
    key: KeyKind,
    key_out: Path,
    request_out: Path,
) -> None:
    """Write a new private key (PKCS#8 PEM, mode 0600) and a request for its certificate (PEM).

    `subject_name` is the common name, which devices show as the signer. What else the certificate
    needs (key usage, alternative names) the CA adds by its own rules. Both files or none.

    Raises UsageError for names that a certificate cannot hold, SigningError when one of the files
    exists or cannot be written.
    """
    subject = _subject(subject_name, organization)
    private = generate_key(key)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    request = builder.sign(private, certificate_hash(private))
    write_new_file(request_out, request.public_bytes(Encoding.PEM), mode=PUBLIC)
    written = False
    try:
        write_new_file(key_out, private_pem(private), mode=PRIVATE)
        written = True
    finally:
        if not written:
            request_out.unlink()


def _subject(subject_name: str, organization: str | None) -> x509.Name:
    names = [(NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, subject_name)]
    given = [(oid, name) for oid, name in names if name is not None]
    if any(not 1 <= len(name) <= _MAX_NAME for _, name in given):
        message = f"the names in a certificate have 1 to {_MAX_NAME} characters"
        raise UsageError(message, hint="Change --subject-name or --organization.")
    return x509.Name([x509.NameAttribute(oid, name) for oid, name in given])
