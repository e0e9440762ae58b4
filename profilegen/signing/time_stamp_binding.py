"""Which certificates a time stamp was signed with, by its own word: ESS signing certificates.

Without them another certificate for the same key could be put into a token, one that says more
(RFC 5035 section 1). RFC 3161 section 2.4.2 demands the attribute, RFC 5816 permits its version 2.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.signing.algorithms import STRONG_DIGESTS
from profilegen.signing.certificates import printable, short_name
from profilegen.signing.integrity import HASHES
from profilegen.signing.time_stamp_failures import InvalidStampError

_OTHER = "Use another authority."
_VERSION_1, _VERSION_2 = "signing_certificate", "signing_certificate_v2"


@dataclass(frozen=True, slots=True)
class CertificateId:
    """A certificate by its digest, and by issuer and serial number where they are given."""

    digest: str
    value: bytes
    issuer_serial: tsp.IssuerSerial | None

    def matches(self, certificate: x509.Certificate) -> bool:
        """Say whether `certificate` is the one that is meant."""
        der = certificate.public_bytes(Encoding.DER)
        state = hashes.Hash(HASHES[self.digest]())
        state.update(der)
        if not hmac.compare_digest(state.finalize(), self.value):
            return False
        return self.issuer_serial is None or _is_of(self.issuer_serial, der)


@dataclass(frozen=True, slots=True)
class Binding:
    """The certificates that the attributes name: each list starts with the authority's own."""

    lists: tuple[tuple[CertificateId, ...], ...]

    def check_authority(self, certificate: x509.Certificate) -> None:
        """Raise InvalidStampError unless every list names `certificate` first."""
        if not all(one[0].matches(certificate) for one in self.lists):
            message = (
                f"the time stamp was not signed with the certificate '"
                f"{short_name(certificate.subject)}' that is in it"
            )
            raise InvalidStampError(message, hint="Build the release again.")

    def permits(self, chain: Sequence[x509.Certificate]) -> bool:
        """Say whether the time stamp may be judged by `chain`, from authority to trust anchor.

        All certificates that it names have to be in the chain, as OpenSSL 3 reads RFC 5035
        sections 3 and 5.
        """
        return all(
            any(identifier.matches(certificate) for certificate in chain)
            for one in self.lists
            for identifier in one
        )


def binding_of(attributes: cms.CMSAttributes) -> Binding:
    """Return what the signed attributes of a token bind.

    Version 1 of the attribute knows SHA-1 only (RFC 5035 section 5). It is accepted: a forger would
    need a second preimage that is a certificate of a trusted CA for the authority's own key, nobody
    can make one, and many authorities still write it.

    Raises InvalidStampError when there is no such attribute, or one more than once.
    """
    found = [
        attribute
        for attribute in attributes
        if attribute["type"].native in {_VERSION_1, _VERSION_2}
    ]
    kinds = [attribute["type"].native for attribute in found]
    if not kinds:
        message = "the time stamp does not say which certificate it was signed with"
        raise InvalidStampError(message, hint=_OTHER)
    if len(set(kinds)) != len(kinds) or any(len(one["values"]) != 1 for one in found):
        message = "the time stamp says more than once which certificate it was signed with"
        raise InvalidStampError(message, hint=_OTHER)
    return Binding(tuple(tuple(_identifiers(one["values"][0])) for one in found))


def _identifiers(
    value: tsp.SigningCertificate | tsp.SigningCertificateV2,
) -> Iterator[CertificateId]:
    if not len(value["certs"]):
        message = "no certificate named"
        raise ValueError(message)
    for one in value["certs"]:
        digest = "sha1"
        if isinstance(one, tsp.ESSCertIDv2):
            digest = str(one["hash_algorithm"]["algorithm"].native)
            if digest not in STRONG_DIGESTS:
                message = (
                    "the time stamp names its certificate by a digest that is not accepted:"
                    f" {printable(digest)}"
                )
                raise InvalidStampError(message, hint=_OTHER)
        serial = one["issuer_serial"]
        known = None if isinstance(serial, core.Void) else serial
        yield CertificateId(digest, bytes(one["cert_hash"].native), known)


def _is_of(issuer_serial: tsp.IssuerSerial, der: bytes) -> bool:
    certificate = asn1_x509.Certificate.load(der)
    issuers = [name.chosen for name in issuer_serial["issuer"] if name.name == "directory_name"]
    return bool(
        issuers == [certificate.issuer]
        and issuer_serial["serial_number"].native == certificate.serial_number
    )
