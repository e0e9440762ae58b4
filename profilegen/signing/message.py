"""Read CMS SignedData: our own, and what the tools of others write. Judges nothing but its form.

DER and BER are read (`openssl cms -stream` writes BER), also in PEM armour. Not a byte may follow:
a file with something behind the signature is not the file that was signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core
from cryptography import x509

from profilegen.signing.ber import NOT_ASN1, definite
from profilegen.signing.certificates import short_name
from profilegen.signing.cms import MAX_CONTENT
from profilegen.signing.failures import MalformedError, NotSignedError, SignerCountError
from profilegen.signing.integrity import Attributes, Pss, Statement
from profilegen.signing.message_armour import is_armoured, without_armour
from profilegen.signing.message_certificates import (
    Held,
    held_certificates,
    known_signers,
    meant_certificate,
    signer_certificates,
)
from profilegen.signing.message_parts import (
    SIGN_AGAIN,
    SignedAttributes,
    algorithm_of,
    check_versions,
    signed_attributes,
    time_stamps,
    unsigned_kinds,
)
from profilegen.signing.signer_info import statement_of

_MAX_MESSAGE = MAX_CONTENT + 1024 * 1024
_MAX_SIGNERS = 8
_SEQUENCE = b"\x30"
_UNSIGNED = (b"<?xml", b"<!DOCTYPE", b"<plist", b"bplist", b"{", b"[")
_SIGN_FIRST = "Sign it with `profilegen sign`."


@dataclass(frozen=True, slots=True)
class Form:
    """How a signed file is written; RFC 5652 asks for BER, devices are known to take DER.

    `unreadable` counts the certificates that are none by any rule, and are not used.
    """

    armoured: bool
    indefinite: bool
    unreadable: int

    def describe(self) -> str:
        """Return the form in words: `DER`, `BER in PEM armour`."""
        encoding = "BER" if self.indefinite else "DER"
        return f"{encoding} in PEM armour" if self.armoured else encoding


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A SignedData taken apart, as one of its signers signed it.

    Algorithms have asn1crypto's names, unknown ones are dotted numbers.
    `content` is None when the signature is detached. `signer` is the certificate that the signer
    information names, None when it is not known; `others` are the remaining ones of the file, in
    order. `time_stamps` are the tokens (RFC 3161) over `signature` that somebody added, and
    `unsigned` names what else was added to it that nobody signed.
    """

    form: Form
    content: bytes | None
    digest: str
    signature_algorithm: str
    pss: Pss | None
    signature: bytes
    attributes: SignedAttributes | None
    signer: x509.Certificate | None
    signer_included: bool
    others: tuple[x509.Certificate, ...]
    named_by_key: bool
    """The signer is named by subjectKeyIdentifier, which the Go library of MicroMDM refuses."""

    time_stamps: tuple[bytes, ...]
    unsigned: tuple[str, ...]

    @property
    def signer_name(self) -> str:
        """Return the name of the signer for people, safe to print."""
        return "(not included)" if self.signer is None else short_name(self.signer.subject)

    @property
    def signed_at(self) -> datetime | None:
        """Return the signing time that the signer states, in UTC; nobody else vouches for it."""
        return None if self.attributes is None else self.attributes.signed_at

    @property
    def statement(self) -> Statement:
        """Return what the signer says, in the form that `integrity` checks."""
        stated = self.attributes
        attributes = None if stated is None else Attributes(stated.encoded, (), ())
        return Statement(
            self.digest, self.signature_algorithm, self.pss, self.signature, attributes
        )


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a file says once for all of its signers."""

    form: Form
    content: bytes | None
    held: tuple[Held, ...]
    digests: frozenset[str]


def looks_signed(data: bytes) -> bool:
    """Say whether `data` claims to be CMS or its PEM armour; a guess by the first bytes."""
    return data.startswith(_SEQUENCE) or is_armoured(data)


def read_signed(data: bytes) -> SignedMessage:
    """Return the parts of a file that one signer signed.

    Raises as `read_signers`, and SignerCountError when it has no signer or several.
    """
    messages = read_signers(data)
    check_count(len(messages))
    return messages[0]


def check_count(signers: int) -> None:
    """Raise SignerCountError for any number of signers but one."""
    if signers != 1:
        message = f"signed by {signers or 'nobody'}, expected one signer"
        hint = "Devices follow one signer: sign it again."
        if signers:
            hint = "Devices follow one signer: sign it again, or verify it with --several-signers."
        raise SignerCountError(message, hint=hint)


def read_signers(
    data: bytes, *, known: Sequence[x509.Certificate] = ()
) -> tuple[SignedMessage, ...]:
    """Return a signed file as each of its signers signed it, in the order of the file.

    A signer whose certificate is not in the file is looked for in `known`. Raises NotSignedError
    when it is no signed file, MalformedError when its parts contradict RFC 5652, and
    SignerCountError for more signers than anybody needs.
    """
    if _is_archive(data):
        message = "an archive, and no archive is signed itself"
        hint = "Verify the release that it belongs to, or a file taken out of it."
        raise NotSignedError(message, hint=hint)
    if len(data) > _MAX_MESSAGE:
        message = f"larger than {_MAX_MESSAGE} bytes, so not read"
        raise NotSignedError(message, hint="Signed profiles are some kilobytes.")
    encoded = without_armour(data)
    if encoded.startswith(_UNSIGNED):
        message = "not signed"
        raise NotSignedError(message, hint=_SIGN_FIRST)
    try:
        return _parse(encoded, known, armoured=encoded is not data)
    except NOT_ASN1 as error:
        message = "not a signed file, or a damaged one"
        raise NotSignedError(message, hint="Get the file again, or sign it.") from error


def _is_archive(data: bytes) -> bool:
    """Whether `data` begins as zip, gzip (RFC 1952) or tar (POSIX.1, ustar) does."""
    return data.startswith((b"PK\x03\x04", b"\x1f\x8b")) or data[257:262] == b"ustar"


def _parse(
    encoded: bytes, known: Sequence[x509.Certificate], *, armoured: bool
) -> tuple[SignedMessage, ...]:
    outer = definite(encoded)
    behind = len(encoded) - outer.end
    if behind:
        message = f"{behind} bytes behind the end of the signed file, which nobody signed"
        raise MalformedError(message, hint="Get the file again from where it was signed.")
    info = cms.ContentInfo.load(outer.encoded, strict=True)
    if info["content_type"].native != "signed_data":
        message = f"CMS of the kind {info['content_type'].native}, not signed data"
        raise NotSignedError(message, hint="Encrypted files are no signed files.")
    signed = info["content"]
    signers = signed["signer_infos"]
    if len(signers) > _MAX_SIGNERS:
        message = f"signed by {len(signers)}, more than {_MAX_SIGNERS}"
        raise SignerCountError(message, hint=SIGN_AGAIN)
    check_versions(signed)
    held = held_certificates(signed)
    shared = _Shared(
        form=Form(armoured, outer.rewritten, sum(one.loaded is None for one in held)),
        content=_content(signed["encap_content_info"]),
        held=held,
        digests=frozenset(algorithm_of(one) for one in signed["digest_algorithms"]),
    )
    return tuple(_message(signer, shared, known) for signer in signers)


def _message(
    signer: cms.SignerInfo, shared: _Shared, known: Sequence[x509.Certificate]
) -> SignedMessage:
    digest = algorithm_of(signer["digest_algorithm"])
    if digest not in shared.digests:
        message = f"the digest of the signer, {digest}, is not among those of the file"
        raise MalformedError(message, hint=SIGN_AGAIN)
    algorithm = algorithm_of(signer["signature_algorithm"])
    statement, sid = statement_of(signer), signer["sid"]
    own = meant_certificate(signer_certificates(sid, shared.held), statement, shared.content)
    return SignedMessage(
        form=shared.form,
        content=shared.content,
        digest=digest,
        signature_algorithm=algorithm,
        pss=statement.pss,
        signature=statement.signature,
        attributes=signed_attributes(signer["signed_attrs"]),
        signer=own or meant_certificate(known_signers(sid, known), statement, shared.content),
        signer_included=own is not None,
        others=tuple(c.loaded for c in shared.held if c.loaded is not None and c.loaded != own),
        named_by_key=sid.name == "subject_key_identifier",
        time_stamps=tuple(time_stamps(signer["unsigned_attrs"])),
        unsigned=tuple(unsigned_kinds(signer["unsigned_attrs"])),
    )


def _content(encapsulated: cms.EncapsulatedContentInfo) -> bytes | None:
    if encapsulated["content_type"].native != "data":
        message = f"the content is of the type {encapsulated['content_type'].native}, not data"
        raise MalformedError(message, hint="Sign the file again, as data.")
    content = encapsulated["content"]
    if isinstance(content, core.Void):
        return None
    # `bytes` also joins the pieces of BER; `native` would try to read the content as ASN.1.
    return bytes(content)
