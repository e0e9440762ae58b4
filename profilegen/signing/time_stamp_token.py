"""A time-stamp token, taken apart and checked as far as that needs no trust.

A token is a SignedData whose content is a TSTInfo (RFC 3161 section 2.4.2, RFC 5652). It is read
more strictly than signed files are: what no signature covers has one permitted form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.signing.algorithms import STRONG_DIGESTS
from profilegen.signing.ber import NOT_ASN1, definite, elements
from profilegen.signing.certificates import load_certificate, printable, short_name
from profilegen.signing.integrity import (
    HASHES,
    State,
    Statement,
    algorithm_name,
    content_verdict,
    signature_verdict,
)
from profilegen.signing.message_certificates import names
from profilegen.signing.signer_info import statement_of
from profilegen.signing.time_stamp_binding import Binding, binding_of
from profilegen.signing.time_stamp_failures import InvalidStampError
from profilegen.signing.time_stamp_info import AGAIN, StampInfo, read_info

MAX_TOKEN = 256 * 1024
"""Bytes of a token that is read; one with its authority's whole chain has some six thousand."""

_CONTENT_TYPE = str(tsp.ContentType("1.2.840.113549.1.9.16.1.4").native)  # id-ct-TSTInfo
_FAMILIES = frozenset({"RSA PKCS#1 v1.5", "RSASSA-PSS", "ECDSA"})
_MAX_CERTIFICATES = 20
_OTHER = "Use another authority."


@dataclass(frozen=True, slots=True)
class Token:
    """An intact token: `authority` signed `info`, and `binding` says which certificates it names.

    `others` are the remaining certificates of the token; nobody vouches for them yet. `encoded` is
    the token in definite lengths, which is DER where the authority wrote DER or no worse.
    """

    encoded: bytes
    info: StampInfo
    authority: x509.Certificate
    others: tuple[x509.Certificate, ...]
    binding: Binding


def read_token(encoded: bytes) -> Token:
    """Return the token that is all of `encoded`, in DER or BER, once its signature holds.

    Raises InvalidStampError, which says in words what is wrong.
    """
    if len(encoded) > MAX_TOKEN:
        message = f"the time stamp is larger than {MAX_TOKEN} bytes, so not read"
        raise InvalidStampError(message, hint=AGAIN)
    try:
        whole = definite(encoded)
        if whole.end != len(encoded):
            message = "other bytes follow the time stamp"
            raise InvalidStampError(message, hint=AGAIN)
        return _token(whole.encoded)
    except NOT_ASN1 as error:
        message = "not a time stamp, or a damaged one"
        raise InvalidStampError(message, hint=AGAIN) from error


def _token(encoded: bytes) -> Token:
    signed = _signed_data(encoded)
    signer = signed["signer_infos"][0]
    statement = statement_of(signer)
    _check_algorithms(signed, signer, statement)
    content = bytes(signed["encap_content_info"]["content"])
    authority, others = _certificates(signed, signer["sid"])
    _check_signature(statement, content, authority)
    binding = binding_of(signer["signed_attrs"])
    binding.check_authority(authority)
    return Token(encoded, read_info(content), authority, others, binding)


def _signed_data(encoded: bytes) -> cms.SignedData:
    """Return the SignedData once its shape is that of a token: one signer, signed attributes."""
    info = cms.ContentInfo.load(encoded, strict=True)
    kind = str(info["content_type"].native)
    if kind != "signed_data":
        message = f"the time stamp is CMS of the kind {printable(kind)}, not signed data"
        raise InvalidStampError(message, hint=AGAIN)
    signed = info["content"]
    kind = str(signed["encap_content_info"]["content_type"].native)
    if kind != _CONTENT_TYPE or isinstance(signed["encap_content_info"]["content"], core.Void):
        message = f"the signed content is of the type {printable(kind)}, not a time stamp"
        raise InvalidStampError(message, hint=AGAIN)
    if len(signed["signer_infos"]) != 1:
        count = len(signed["signer_infos"])
        message = f"the time stamp has {count or 'no'} signers, not one"
        raise InvalidStampError(message, hint=_OTHER)
    signer = signed["signer_infos"][0]
    if isinstance(signer["signed_attrs"], core.Void):
        message = "the time stamp has no signed attributes"
        raise InvalidStampError(message, hint=_OTHER)
    # RFC 5652 sections 5.1 and 5.3: 3 for content that is no `data`; by how the signer is named.
    by_key = signer["sid"].name == "subject_key_identifier"
    found = (signed["version"].native, signer["version"].native)
    if found != ("v3", "v3" if by_key else "v1"):
        message = f"the time stamp has the wrong versions: {found[0]} and {found[1]}"
        raise InvalidStampError(message, hint=AGAIN)
    return signed


def _check_algorithms(signed: cms.SignedData, signer: cms.SignerInfo, said: Statement) -> None:
    """Refuse what can be forged, and whatever could be written in two ways."""
    family = algorithm_name(said.algorithm)
    if said.digest not in STRONG_DIGESTS or family not in _FAMILIES:
        message = (
            f"the time stamp is signed with {printable(family)} and {printable(said.digest)},"
            " which is not accepted"
        )
        raise InvalidStampError(message, hint="Use an authority that signs with SHA-256 or better.")
    listed = [str(one["algorithm"].native) for one in signed["digest_algorithms"]]
    identifiers = [*signed["digest_algorithms"], signer["digest_algorithm"]]
    if said.pss is None:
        identifiers.append(signer["signature_algorithm"])
    plain = all(one["parameters"].native is None for one in identifiers)
    if listed != [said.digest] or _signed_digests(said) - {said.digest} or not plain:
        message = "the algorithms of the time stamp contradict each other"
        raise InvalidStampError(message, hint=AGAIN)


def _signed_digests(said: Statement) -> set[str]:
    """Return the digests that the signature algorithm itself names: none, one, or those of PSS."""
    if said.pss is not None:
        return {said.pss.digest, said.pss.mask_digest}
    own = said.algorithm.rpartition("_")[0]
    return {own} & HASHES.keys()


def _certificates(
    signed: cms.SignedData, sid: cms.SignerIdentifier
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """Return the certificate that `sid` names, and the others."""
    found = signed["certificates"]
    choices = [] if isinstance(found, core.Void) else list(_choices(found))
    if len(choices) > _MAX_CERTIFICATES:
        message = f"{len(choices)} certificates in the time stamp, more than {_MAX_CERTIFICATES}"
        raise InvalidStampError(message, hint=_OTHER)
    loaded = [(chosen, _certificate(chosen, encoded)) for chosen, encoded in choices]
    own = next((one for parsed, one in loaded if names(sid, parsed)), None)
    if own is None:
        message = "the certificate of the authority is not in the time stamp"
        raise InvalidStampError(message, hint=_OTHER)
    return own, tuple(one for _, one in loaded if one is not own)


def _choices(found: cms.CertificateSet) -> Iterator[tuple[cms.Certificate, bytes]]:
    """Yield each certificate, parsed and as it stands."""
    for choice, encoded in zip(found, elements(found.contents), strict=True):
        if choice.name == "certificate":
            yield choice.chosen, encoded


def _certificate(found: cms.Certificate, encoded: bytes) -> x509.Certificate:
    # The number of unused bits is not signed, and verifiers do not look at it: it is always 0.
    if found["signature_value"].contents[:1] != b"\0":
        message = "unused bits in a signature"
        raise ValueError(message)
    return load_certificate(encoded)


def _check_signature(statement: Statement, content: bytes, authority: x509.Certificate) -> None:
    verdict = content_verdict(statement, content, _CONTENT_TYPE)
    if verdict.state is State.INTACT:
        verdict = signature_verdict(statement, content, _key(authority))
    if verdict.state is not State.INTACT:
        message = f"the signature of the time stamp does not hold: {verdict.reason}"
        raise InvalidStampError(message, hint=AGAIN)


def _key(authority: x509.Certificate) -> PublicKeyTypes:
    try:
        return authority.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        message = f"the key of '{short_name(authority.subject)}' is of an unknown kind"
        raise InvalidStampError(message, hint=_OTHER) from error
