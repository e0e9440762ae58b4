"""What makes a signer an authority of time stamps (RFC 3161 section 2.3), beside being trusted."""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from profilegen.signing.certificates import in_force, moment, short_name
from profilegen.signing.rules import may_issue
from profilegen.signing.time_stamp_failures import UntrustedAuthorityError
from profilegen.signing.time_stamp_token import Token

_HINT = "Use another authority, whose certificate is for time stamps and nothing else."
_FOR_STAMPS = frozenset(
    {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)


def check_authority(token: Token) -> None:
    """Raise UntrustedAuthorityError unless who signed `token` may do so.

    The certificate is for time stamps only and says so critically, is no CA, was in force when it
    stamped, and has the name that the time stamp gives, if it gives one.
    """
    certificate, time = token.authority, token.info.time
    name = short_name(certificate.subject)
    if not _is_for_stamps_only(certificate):
        message = f"the certificate '{name}' is not one for time stamps only"
        raise UntrustedAuthorityError(message, hint=_HINT)
    if may_issue(certificate):
        message = f"the certificate '{name}' is one of a CA, which may not stamp itself"
        raise UntrustedAuthorityError(message, hint=_HINT)
    if not in_force(certificate, time):
        message = f"the certificate '{name}' was not in force at the stamped time, {moment(time)}"
        raise UntrustedAuthorityError(message, hint="Use another authority: its clock is wrong.")
    if token.info.named is not None and token.info.named not in _names(certificate):
        message = f"the time stamp is in another name than that of the certificate '{name}'"
        raise UntrustedAuthorityError(message, hint="Use another authority.")


def check_chain(token: Token, chain: Sequence[x509.Certificate]) -> None:
    """Raise UntrustedAuthorityError unless every CA of `chain` may vouch for an authority.

    `chain` goes from the authority to the trust anchor, both included. A CA that limits extended
    key usages must permit time stamps, as common verifiers have it (RFC 5280 leaves it open).
    """
    for certificate in chain[1:-1]:
        usage = _extended_key_usage(certificate)
        if usage is not None and not _FOR_STAMPS & set(usage.value):
            message = (
                f"the CA '{short_name(certificate.subject)}' may not issue certificates for time"
                " stamps"
            )
            raise UntrustedAuthorityError(message, hint=_HINT)
    if not token.binding.permits(chain):
        message = "the time stamp names other CAs than those of its authority's chain"
        raise UntrustedAuthorityError(message, hint="Use another authority.")


def _is_for_stamps_only(certificate: x509.Certificate) -> bool:
    usage = _extended_key_usage(certificate)
    return (
        usage is not None
        and usage.critical
        and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    )


def _extended_key_usage(
    certificate: x509.Certificate,
) -> x509.Extension[x509.ExtendedKeyUsage] | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return None


def _names(certificate: x509.Certificate) -> list[asn1_x509.GeneralName]:
    """Return the names of the certificate: its subject and the alternative ones."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    subject = asn1_x509.GeneralName("directory_name", parsed.subject)
    return [subject, *(parsed.subject_alt_name_value or ())]
