"""Read CMS SignedData: our own, and what the tools of others write. Judges nothing but its form.

DER and BER are read (`openssl cms -stream` writes BER), also in PEM armour. Not a byte may follow:
a file with something behind the signature is not the file that was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from asn1crypto import cms, core
from cryptography import x509

from profilegen.signing.ber import NOT_ASN1
from profilegen.signing.certificates import load_certificate, short_name
from profilegen.signing.cms import MAX_CONTENT
from profilegen.signing.failures import MalformedError, NotSignedError, SignerCountError
from profilegen.signing.pem import blocks

_MAX_MESSAGE = MAX_CONTENT + 1024 * 1024
_MAX_CERTIFICATES = 100
_SEQUENCE = b"\x30"
_ARMOUR = b"-----BEGIN "
_LABELS = frozenset({"CMS", "PKCS7", "PKCS #7 SIGNED DATA"})
_UNSIGNED = (b"<?xml", b"<!DOCTYPE", b"<plist", b"bplist", b"{", b"[")
_T = TypeVar("_T")
_SIGN_FIRST = "Sign it with `profilegen sign`."


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A SignedData taken apart.

    Algorithms have asn1crypto's names, unknown ones are dotted numbers.
    `content` is None when the signature is detached. `signer` is the certificate that the signer
    information names, None when it is not in the file; `others` are the remaining ones, in order.
    """

    content: bytes | None
    digest: str
    signature_algorithm: str
    signature: bytes
    attributes: SignedAttributes | None
    signer: x509.Certificate | None
    others: tuple[x509.Certificate, ...]
    named_by_key: bool
    """The signer is named by subjectKeyIdentifier, which the Go library of MicroMDM refuses."""

    @property
    def signer_name(self) -> str:
        """Return the name of the signer for people, safe to print."""
        return "(not included)" if self.signer is None else short_name(self.signer.subject)

    @property
    def signed_at(self) -> datetime | None:
        """Return the signing time that the signer states, in UTC; nobody else vouches for it."""
        return None if self.attributes is None else self.attributes.signed_at


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """What is signed beside the content; `encoded` is the DER of the SET OF that is signed."""

    encoded: bytes
    content_type: str | None
    message_digest: bytes | None
    signed_at: datetime | None


def looks_signed(data: bytes) -> bool:
    """Say whether `data` claims to be CMS or its PEM armour; a guess by the first bytes."""
    armoured = (_ARMOUR + label.encode() + b"-----" for label in _LABELS)
    return data.startswith((_SEQUENCE, *armoured))


def read_signed(data: bytes) -> SignedMessage:
    """Return the parts of a signed file.

    Raises NotSignedError when it is none, MalformedError when its parts contradict RFC 5652, and
    SignerCountError when it has no signer or several.
    """
    if len(data) > _MAX_MESSAGE:
        message = f"larger than {_MAX_MESSAGE} bytes, so not read"
        raise NotSignedError(message, hint="Signed profiles are some kilobytes.")
    encoded = _without_armour(data)
    if encoded.startswith(_UNSIGNED):
        message = "not signed"
        raise NotSignedError(message, hint=_SIGN_FIRST)
    try:
        return _parse(encoded)
    except NOT_ASN1 as error:
        message = "not a signed file, or a damaged one"
        raise NotSignedError(message, hint="Get the file again, or sign it.") from error


def _without_armour(data: bytes) -> bytes:
    if not data.startswith(_ARMOUR):
        return data
    found = [block for block in blocks(data) if block.label in _LABELS]
    if len(found) != 1:
        message = f"PEM with {len(found)} signatures in it instead of one"
        raise NotSignedError(message, hint="Give one signed file.")
    try:
        return found[0].der()
    except ValueError as error:
        message = "damaged PEM armour"
        raise NotSignedError(message, hint="Get the file again.") from error


def _parse(encoded: bytes) -> SignedMessage:
    info = cms.ContentInfo.load(encoded, strict=True)
    if info["content_type"].native != "signed_data":
        message = f"CMS of the kind {info['content_type'].native}, not signed data"
        raise NotSignedError(message, hint="Encrypted files are no signed files.")
    signed = info["content"]
    signers = signed["signer_infos"]
    if len(signers) != 1:
        message = f"signed by {len(signers) or 'nobody'}, expected one signer"
        raise SignerCountError(message, hint="Devices follow one signer: sign it again.")
    signer = signers[0]
    named_by_key = signer["sid"].name == "subject_key_identifier"
    _check_versions(signed, signer, named_by_key=named_by_key)
    digest = _algorithm(signer["digest_algorithm"])
    if digest not in {_algorithm(one) for one in signed["digest_algorithms"]}:
        message = f"the digest of the signer, {digest}, is not among those of the file"
        raise MalformedError(message, hint="Sign the file again.")
    own, others = _certificates(signed, signer["sid"])
    return SignedMessage(
        content=_content(signed["encap_content_info"]),
        digest=digest,
        signature_algorithm=_algorithm(signer["signature_algorithm"]),
        signature=bytes(signer["signature"].native),
        attributes=_attributes(signer["signed_attrs"]),
        signer=own,
        others=others,
        named_by_key=named_by_key,
    )


def _check_versions(signed: cms.SignedData, signer: cms.SignerInfo, *, named_by_key: bool) -> None:
    """Refuse version numbers that RFC 5652 sections 5.1 and 5.3 do not give."""
    expected = "v3" if named_by_key else "v1"
    found = {signed["version"].native, signer["version"].native}
    if found != {expected}:
        message = f"the versions are {' and '.join(sorted(map(str, found)))}, not {expected}"
        raise MalformedError(message, hint="Sign the file again.")


def _content(encapsulated: cms.EncapsulatedContentInfo) -> bytes | None:
    if encapsulated["content_type"].native != "data":
        message = f"the content is of the type {encapsulated['content_type'].native}, not data"
        raise MalformedError(message, hint="Sign the file again, as data.")
    content = encapsulated["content"]
    if isinstance(content, core.Void):
        return None
    # `bytes` also joins the pieces of BER; `native` would try to read the content as ASN.1.
    return bytes(content)


def _algorithm(identifier: core.Sequence) -> str:
    """Return the name of an algorithm. Those of `verify` have no parameters, or NULL."""
    name = str(identifier["algorithm"].native)
    if name != "rsassa_pss" and identifier["parameters"].native is not None:
        message = f"the algorithm {name} has parameters"
        raise MalformedError(message, hint="Sign the file again.")
    return name


def _certificates(
    signed: cms.SignedData, sid: cms.SignerIdentifier
) -> tuple[x509.Certificate | None, tuple[x509.Certificate, ...]]:
    """Return the certificate that `sid` names and the others; attribute certificates are no use."""
    found = signed["certificates"]
    choices = [] if isinstance(found, core.Void) else [c for c in found if c.name == "certificate"]
    if len(choices) > _MAX_CERTIFICATES:
        message = f"{len(choices)} certificates in the file, more than {_MAX_CERTIFICATES}"
        raise MalformedError(message, hint="Sign the file again, with its own chain only.")
    own: x509.Certificate | None = None
    others: list[x509.Certificate] = []
    for choice in choices:
        try:
            certificate = _certificate(choice.chosen)
        except ValueError as error:
            message = "a certificate in the file cannot be read"
            raise MalformedError(message, hint="Get the file again.") from error
        if own is None and names(sid, choice.chosen):
            own = certificate
        else:
            others.append(certificate)
    return own, tuple(others)


def _certificate(found: cms.Certificate) -> x509.Certificate:
    # The number of unused bits is not signed, and verifiers do not look at it: it is always 0.
    if found["signature_value"].contents[:1] != b"\0":
        message = "unused bits in a signature"
        raise ValueError(message)
    return load_certificate(found.dump())


def names(
    sid: cms.SignerIdentifier | cms.RecipientIdentifier, certificate: cms.Certificate
) -> bool:
    """Say whether `sid`, of a signer or a recipient, names the certificate."""
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.native)
    # Bytes, not names: two spellings of one name would let a changed byte pass.
    same_issuer = certificate.issuer.dump() == sid.chosen["issuer"].dump()
    return bool(same_issuer and certificate.serial_number == sid.chosen["serial_number"].native)


def _attributes(found: cms.CMSAttributes) -> SignedAttributes | None:
    if isinstance(found, core.Void):
        return None
    values: dict[str, core.Asn1Value] = {}
    for attribute in found:
        kind = str(attribute["type"].native)
        if kind in values or len(attribute["values"]) != 1:
            message = f"the signed attribute {kind} has more or less than one value"
            raise MalformedError(message, hint="Sign the file again.")
        values[kind] = attribute["values"][0]
    return SignedAttributes(
        # IMPLICIT [0] on the wire, but signed is the EXPLICIT SET OF (RFC 5652 section 5.4).
        encoded=found.untag().dump(),
        content_type=_native(values.get("content_type"), str),
        message_digest=_native(values.get("message_digest"), bytes),
        signed_at=_native(values.get("signing_time"), datetime),
    )


def _native(value: core.Asn1Value | None, kind: type[_T]) -> _T | None:
    """Return the value of an attribute; ValueError when it is not of the kind that it must be."""
    if value is None:
        return None
    native = value.native
    if not isinstance(native, kind) or (isinstance(native, datetime) and native.tzinfo is None):
        raise ValueError(kind.__name__)
    return native
