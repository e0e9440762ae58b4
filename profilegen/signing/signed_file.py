"""Look at a signed file of anyone, whatever its form, and say what is in it and what holds.

`message` and `verify` refuse what devices or MDM servers do not take; here such a file is taken
apart all the same, so that an audit can say what is wrong with it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from profilegen.signing.algorithms import key_name
from profilegen.signing.ber import NOT_ASN1, definite, elements
from profilegen.signing.certificates import (
    fingerprint,
    full_name,
    load_lax_certificate,
    name_of,
    printable,
)
from profilegen.signing.failures import NotSignedError, SignerCountError
from profilegen.signing.integrity import (
    Obstacle,
    State,
    Statement,
    Verdict,
    algorithm_name,
    content_verdict,
    signature_digest,
    signature_verdict,
)
from profilegen.signing.message_certificates import names
from profilegen.signing.signer_info import signing_time, statement_of

MAX_SIGNED = 16 * 1024 * 1024
"""Bytes of a signed file that is looked at; several times that is needed to take it apart."""

_MAX_SIGNERS = 8
_SEQUENCE = b"\x30"
_BOM = b"\xef\xbb\xbf"
_ARMOUR = b"-----BEGIN "
# The label is CMS (RFC 7468); PKCS7 and longer ones are of older tools.
_BEGIN = re.compile(rb"-----BEGIN ((?:CMS|PKCS ?#?7)(?: [A-Z ]{1,20})?)-----")
_BLANKS = b" \t\r\n\v\f"
_TEXTS = (b"<", b"{", b"[", b"bplist")


class Encoding(StrEnum):
    """How a signed file is written; devices are known to take the first only."""

    DER = "DER"
    BER = "BER"
    PEM = "PEM"


@dataclass(frozen=True, slots=True)
class FileSigner:
    """One signer. `digest` has the name of asn1crypto, `sha256`, or is a dotted number.

    `signature_digest` is that of the signature, which should be the same one.

    `certificate` is None when it is not in the file or cannot be read; `name`, `key` and
    `fingerprint` (SHA-256, lower-case hexadecimal) are "" then. `issuer` is the issuer's name, ""
    where only the certificate would tell it. All texts are safe to print. `signed_at` is what the
    signer states, in UTC.
    """

    certificate: x509.Certificate | None
    name: str
    issuer: str
    fingerprint: str
    key: str
    digest: str
    signature_digest: str
    algorithm: str
    signed_at: datetime | None
    named_by_key: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A SignedData taken apart; `content` is None for a detached signature.

    `certificates` are all that the file has and that can be read. `trailing` counts the bytes
    behind the signature.
    """

    content: bytes | None
    signers: tuple[FileSigner, ...]
    certificates: tuple[x509.Certificate, ...]
    encoding: Encoding
    trailing: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A certificate of the file; `loaded` is None when it cannot be read."""

    parsed: cms.Certificate
    loaded: x509.Certificate | None


@dataclass(frozen=True, slots=True)
class _Content:
    octets: bytes | None
    kind: str


def seems_signed(data: bytes) -> bool:
    """Say whether `data` is to be read by `inspect_signed`; a guess by the first bytes."""
    return data.startswith(_SEQUENCE) or _start(data).startswith(_ARMOUR)


def inspect_signed(data: bytes, *, content: bytes | None = None) -> SignedFile:
    """Return what is in the signed file `data`, as DER, BER or in PEM armour.

    `content` is what a detached signature signs, where that is known; an embedded one has its own.
    Raises NotSignedError when it is no SignedData, is damaged or larger than MAX_SIGNED, and
    SignerCountError for more signers than anybody needs. A signature that does not hold is no
    error but a `verdict`.
    """
    if len(data) > MAX_SIGNED:
        message = f"larger than {MAX_SIGNED} bytes, so not read"
        raise NotSignedError(message, hint="Signed profiles are some kilobytes.")
    if _start(data).startswith(_TEXTS):
        message = "not signed"
        raise NotSignedError(message, hint="Sign it with `profilegen sign`.")
    try:
        return _inspect(data, content)
    except NOT_ASN1 as error:
        message = "not a signed file, or a damaged one"
        raise NotSignedError(message, hint="Get the file again, or sign it.") from error


def _start(data: bytes) -> bytes:
    return data[:1024].removeprefix(_BOM).lstrip(_BLANKS)


def _inspect(data: bytes, beside: bytes | None) -> SignedFile:
    armour = None if data.startswith(_SEQUENCE) else _BEGIN.search(data)
    encoded, behind = (data, 0) if armour is None else _without_armour(data, armour)
    outer = definite(encoded)
    signed = _signed_data(outer.encoded)
    bare = Encoding.BER if outer.rewritten else Encoding.DER
    held = tuple(_held(signed))
    content = _content(signed["encap_content_info"], beside)
    signers = signed["signer_infos"]
    if len(signers) > _MAX_SIGNERS:
        message = f"signed by {len(signers)}, more than {_MAX_SIGNERS}"
        raise SignerCountError(message, hint="Sign the file again, with one signer.")
    return SignedFile(
        content=content.octets,
        signers=tuple(_signer(signer, held, content) for signer in signers),
        certificates=tuple(one.loaded for one in held if one.loaded is not None),
        encoding=bare if armour is None else Encoding.PEM,
        trailing=len(encoded) - outer.end + behind,
    )


def _without_armour(data: bytes, armour: re.Match[bytes]) -> tuple[bytes, int]:
    """Return what the armour holds, and how many bytes there are behind it and its line."""
    end = b"-----END " + armour[1] + b"-----"
    stop = data.index(end, armour.end())
    behind = data[stop + len(end) :].removeprefix(b"\r").removeprefix(b"\n")
    body = data[armour.end() : stop].translate(None, _BLANKS)
    try:
        return base64.b64decode(body, validate=True), len(behind)
    except binascii.Error as error:
        message = "damaged PEM armour"
        raise NotSignedError(message, hint="Get the file again.") from error


def _signed_data(encoded: bytes) -> cms.SignedData:
    info = cms.ContentInfo.load(encoded, strict=True)
    kind = str(info["content_type"].native)
    if kind != "signed_data":
        message = f"CMS of the kind {printable(kind)}, not signed data"
        raise NotSignedError(message, hint="Encrypted files are no signed files.")
    return info["content"]


def _held(signed: cms.SignedData) -> Iterator[_Held]:
    found = signed["certificates"]
    if isinstance(found, core.Void):
        return
    for choice, encoded in zip(found, elements(found.contents), strict=True):
        if choice.name == "certificate":
            try:
                yield _Held(choice.chosen, load_lax_certificate(encoded))
            except ValueError:
                yield _Held(choice.chosen, None)


def _content(encapsulated: cms.EncapsulatedContentInfo, beside: bytes | None) -> _Content:
    kind = str(encapsulated["content_type"].native)
    content = encapsulated["content"]
    return _Content(beside if isinstance(content, core.Void) else bytes(content), kind)


def _signer(signer: cms.SignerInfo, held: Sequence[_Held], content: _Content) -> FileSigner:
    sid = signer["sid"]
    own = next((one for one in held if _is_named(sid, one.parsed)), None)
    certificate = None if own is None else own.loaded
    statement = statement_of(signer)
    return FileSigner(
        certificate=certificate,
        name="" if certificate is None else full_name(certificate.subject),
        issuer=_issuer(sid, certificate),
        fingerprint="" if certificate is None else fingerprint(certificate),
        key="" if certificate is None else _key(certificate),
        digest=printable(statement.digest),
        signature_digest=printable(signature_digest(statement)),
        algorithm=algorithm_name(statement.algorithm),
        signed_at=signing_time(signer["signed_attrs"]),
        named_by_key=sid.name == "subject_key_identifier",
        verdict=_verdict(statement, content, own),
    )


def _is_named(sid: cms.SignerIdentifier, certificate: cms.Certificate) -> bool:
    try:
        return names(sid, certificate)
    except NOT_ASN1:
        return False


def _issuer(sid: cms.SignerIdentifier, certificate: x509.Certificate | None) -> str:
    if certificate is not None:
        return full_name(certificate.issuer)
    if sid.name == "subject_key_identifier":
        return ""
    return name_of(sid.chosen["issuer"])


def _key(certificate: x509.Certificate) -> str:
    try:
        return key_name(certificate.public_key())
    except (UnsupportedAlgorithm, ValueError):
        return "unknown"


def _verdict(statement: Statement, content: _Content, own: _Held | None) -> Verdict:
    verdict = content_verdict(statement, content.octets, content.kind)
    if verdict.state is not State.INTACT or content.octets is None:
        return verdict
    if own is None:
        reason = "the certificate of the signer is not in the file"
        return Verdict(State.UNCHECKED, reason, Obstacle.NO_CERTIFICATE)
    if own.loaded is None:
        reason = "the certificate of the signer cannot be read"
        return Verdict(State.UNCHECKED, reason, Obstacle.UNREADABLE_CERTIFICATE)
    try:
        key = own.loaded.public_key()
    except (UnsupportedAlgorithm, ValueError):
        reason = "the key of the signer is of an unknown kind"
        return Verdict(State.UNCHECKED, reason, Obstacle.ALGORITHM)
    return signature_verdict(statement, content.octets, key)
