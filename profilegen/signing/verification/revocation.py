"""Is a certificate of the chain revoked? Asked of the CRLs that were given (RFC 5280 section 6.3).

Complete CRLs of the issuer itself are used; whatever could hide a revocation is not: delta and
indirect CRLs, those for some certificates or reasons only, and extensions that are not known.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from profilegen.signing.algorithms import STRONG_DIGESTS
from profilegen.signing.certificates import find_extension, moment, printable, short_name
from profilegen.signing.chain import Chain
from profilegen.signing.failures import RevocationUnknownError, RevokedError

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
# With these reasons nobody but the owner had the key before the day of the revocation.
_HARMLESS_BEFORE = frozenset(
    {
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.privilege_withdrawn,
    }
)
_KNOWN_OF_ENTRIES = (x509.CRLReason, x509.InvalidityDate)
_T = TypeVar("_T", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, eq=False)
class Crl:
    """A certificate revocation list, and the file that it comes from.

    `unknown` names a critical extension of one of its entries that is not known here, "" for none:
    such an entry may be about something else than it seems (RFC 5280 section 5.3).
    """

    revoked: x509.CertificateRevocationList
    where: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Times:
    """When a chain is judged: `at` is `now`, or the earlier time of a trusted time stamp."""

    at: datetime
    now: datetime


def load_crl(der: bytes, *, where: str) -> Crl:
    """Return the CRL that `der` is, from the file `where`; ValueError when it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        try:
            found = x509.load_der_x509_crl(der)
            # Parsed lazily: what is broken is to show here.
            _ = found.extensions, found.issuer
            unknown = next(_unknown_of_entries(found), "")
        except _UNREADABLE as error:
            raise ValueError(str(error)) from error
    return Crl(found, where, unknown)


def _unknown_of_entries(crl: x509.CertificateRevocationList) -> Iterator[str]:
    for entry in crl:
        for extension in entry.extensions:
            if extension.critical and not isinstance(extension.value, _KNOWN_OF_ENTRIES):
                yield printable(extension.oid.dotted_string)


def check_revocation(chain: Chain, crls: Sequence[Crl], times: Times) -> str:
    """Check that no certificate of `chain` below its last, the trusted one, is revoked.

    Returns in words what was used. Raises RevokedError, and RevocationUnknownError for a
    certificate that none of `crls` tells of.
    """
    used: dict[str, None] = {}
    for certificate, issuer in pairwise(chain):
        crl = _newest(certificate, issuer, crls, times)
        _check_listed(certificate, crl, times)
        used[f"{crl.where} of {moment(crl.revoked.last_update_utc)}"] = None
    if not used:
        return "the signer is trusted itself: there is nobody who could revoke it"
    return f"none of {len(chain) - 1} certificates is revoked, by {', '.join(used)}"


def _newest(
    certificate: x509.Certificate, issuer: x509.Certificate, crls: Sequence[Crl], times: Times
) -> Crl:
    """Return the newest CRL that tells whether `certificate` is revoked."""
    named = [crl for crl in crls if crl.revoked.issuer == issuer.subject]
    refused: list[str] = []
    usable: list[Crl] = []
    for crl in named:
        reason = next(_objections(crl, certificate, issuer, times), "")
        if reason:
            refused.append(f"{crl.where} {reason}")
        else:
            usable.append(crl)
    if usable:
        return max(usable, key=lambda crl: crl.revoked.last_update_utc)
    ca, name = short_name(issuer.subject), short_name(certificate.subject)
    text = (
        f"no CRL of '{ca}' is of use: {'; '.join(refused)}"
        if refused
        else f"no CRL of '{ca}' was given"
    )
    text += f", so whether '{name}' is revoked is not known"
    hint = f"Give the current CRL of '{ca}' with --crl."
    if certificate.not_valid_after_utc < times.now:
        # The current one need not list it any more.
        hint = f"Give a CRL of '{ca}' from before '{name}' expired with --crl."
    raise RevocationUnknownError(text, hint=hint)


def _objections(
    crl: Crl, certificate: x509.Certificate, issuer: x509.Certificate, times: Times
) -> Iterator[str]:
    """Yield why a CRL of the issuer's name says nothing of `certificate` at these times."""
    yield from _signature_objections(crl.revoked, issuer)
    yield from _scope_objections(crl.revoked, certificate)
    if crl.unknown:
        yield f"has entries with the critical extension {crl.unknown}, which is not known here"
    yield from _time_objections(crl.revoked, certificate, times)


def _signature_objections(
    crl: x509.CertificateRevocationList, issuer: x509.Certificate
) -> Iterator[str]:
    name = short_name(issuer.subject)
    digest = crl.signature_hash_algorithm
    if digest is None or digest.name not in STRONG_DIGESTS:
        yield f"is signed with {'an unknown digest' if digest is None else digest.name.upper()}"
    usage = find_extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        yield f"is signed by '{name}', whose key usage has no cRLSign"
    try:
        signed = crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, UnsupportedAlgorithm):
        signed = False
    if not signed:
        yield f"is not signed with the key of '{name}'"


def _scope_objections(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate
) -> Iterator[str]:
    for extension in crl.extensions:
        if isinstance(extension.value, x509.DeltaCRLIndicator):
            yield "is a delta CRL, which lists changes only"
        elif isinstance(extension.value, x509.IssuingDistributionPoint):
            yield from _point_objections(extension.value, certificate)
        elif extension.critical and not isinstance(extension.value, x509.AuthorityKeyIdentifier):
            number = printable(extension.oid.dotted_string)
            yield f"has the critical extension {number}, which is not known here"


def _point_objections(
    point: x509.IssuingDistributionPoint, certificate: x509.Certificate
) -> Iterator[str]:
    constraints = find_extension(certificate, x509.BasicConstraints)
    authority = constraints is not None and constraints.ca
    if point.indirect_crl:
        yield "is an indirect CRL, which may be about other CAs"
    if point.only_some_reasons:
        yield "is for some reasons of revocation only"
    if point.only_contains_attribute_certs:
        yield "is for attribute certificates only"
    if point.only_contains_user_certs and authority:
        yield "is for certificates that are none of CAs only"
    if point.only_contains_ca_certs and not authority:
        yield "is for certificates of CAs only"
    if point.relative_name is not None or not _meets(point.full_name or (), certificate):
        yield "is for another distribution point"


def _meets(names: Sequence[x509.GeneralName], certificate: x509.Certificate) -> bool:
    """Say whether a distribution point is one of the certificate's; one without names is."""
    points = find_extension(certificate, x509.CRLDistributionPoints) or ()
    own = {name for point in points for name in point.full_name or ()}
    return not names or not own.isdisjoint(names)


def _time_objections(
    crl: x509.CertificateRevocationList, certificate: x509.Certificate, times: Times
) -> Iterator[str]:
    issued, following = crl.last_update_utc, crl.next_update_utc
    if following is None:
        yield "does not say when the next one comes"
    elif following < times.at:
        yield f"is outdated since {moment(following)}"
    if issued > times.now:
        yield f"is not in force before {moment(issued)}"
    elif issued > max(times.at, certificate.not_valid_after_utc):
        # CAs take expired certificates off their lists (RFC 5280 section 3.3).
        yield f"is of {moment(issued)}, when the certificate had expired"


def _check_listed(certificate: x509.Certificate, crl: Crl, times: Times) -> None:
    entry = crl.revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return
    found = _entry_extension(entry, x509.CRLReason)
    reason = x509.ReasonFlags.unspecified if found is None else found.reason
    if reason is x509.ReasonFlags.remove_from_crl:
        return
    since = entry.revocation_date_utc
    invalid = _entry_extension(entry, x509.InvalidityDate)
    first = since if invalid is None else min(since, invalid.invalidity_date_utc)
    if times.at < times.now and first > times.at and reason in _HARMLESS_BEFORE:
        return
    name = short_name(certificate.subject)
    held = reason is x509.ReasonFlags.certificate_hold
    what = "is on hold since" if held else "was revoked on"
    text = f"the certificate '{name}' {what} {moment(since)} ({reason.value}), says {crl.where}"
    if times.at < times.now and first > times.at:
        text += "; with that reason it may have been misused before"
    raise RevokedError(text, hint="Do not use the file; have it signed by another certificate.")


def _entry_extension(entry: x509.RevokedCertificate, kind: type[_T]) -> _T | None:
    try:
        return entry.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
