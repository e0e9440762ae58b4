"""The certificates of a SignedData, and which of them a signer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.signing.ber import elements
from profilegen.signing.certificates import load_lax_certificate
from profilegen.signing.failures import MalformedError
from profilegen.signing.integrity import State, Statement, signature_verdict

_MAX_CERTIFICATES = 100


@dataclass(frozen=True, slots=True)
class Held:
    """The certificates of a file, parsed and loaded; `loaded` is None for what is none."""

    parsed: cms.Certificate
    loaded: x509.Certificate | None


def held_certificates(signed: cms.SignedData) -> tuple[Held, ...]:
    """Return the certificates of the file; attribute certificates are no use.

    Raises MalformedError for more of them than anybody needs.
    """
    found = signed["certificates"]
    if isinstance(found, core.Void):
        return ()
    if len(found) > _MAX_CERTIFICATES:
        message = f"{len(found)} certificates in the file, more than {_MAX_CERTIFICATES}"
        raise MalformedError(message, hint="Sign the file again, with its own chain only.")
    return tuple(
        Held(choice.chosen, _certificate(choice.chosen, encoded))
        for choice, encoded in zip(found, elements(found.contents), strict=True)
        if choice.name == "certificate"
    )


def _certificate(found: cms.Certificate, encoded: bytes) -> x509.Certificate | None:
    """Return the certificate, None for what cannot be read as one; RFC 5280 is for the chain."""
    # The number of unused bits is not signed, and verifiers do not look at it: it is always 0.
    if found["signature_value"].contents[:1] != b"\0":
        return None
    try:
        return load_lax_certificate(encoded)
    except ValueError:
        return None


def signer_certificates(
    sid: cms.SignerIdentifier, held: Sequence[Held]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates of the file that `sid` names, in their order; mostly one.

    Anybody can add another one of the same issuer and serial number. Raises MalformedError when
    those that are named cannot be read.
    """
    named = [one for one in held if names(sid, one.parsed)]
    found = tuple(one.loaded for one in named if one.loaded is not None)
    if named and not found:
        message = "the certificate of the signer cannot be read"
        raise MalformedError(message, hint="Get the file again.")
    return found


def known_signers(
    sid: cms.SignerIdentifier, known: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates of `known` that `sid` names."""
    encoded = ((one, one.public_bytes(Encoding.DER)) for one in known)
    return tuple(one for one, der in encoded if names(sid, asn1_x509.Certificate.load(der)))


def meant_certificate(
    found: Sequence[x509.Certificate], statement: Statement, content: bytes | None
) -> x509.Certificate | None:
    """Return the certificate whose key signed, of several that the signer could mean.

    An impostor's certificate in the file must not hide the one that is meant. A key that fits is
    no trust: that is for the chain.
    """
    if len(found) < 2:  # noqa: PLR2004  (a choice)
        return next(iter(found), None)
    return next((one for one in found if _fits(one, statement, content)), found[0])


def _fits(certificate: x509.Certificate, statement: Statement, content: bytes | None) -> bool:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return False
    return signature_verdict(statement, content or b"", key).state is State.INTACT


def names(
    sid: cms.SignerIdentifier | cms.RecipientIdentifier, certificate: cms.Certificate
) -> bool:
    """Say whether `sid`, of a signer or a recipient, names the certificate."""
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.native)
    # Bytes, not names: two spellings of one name would let a changed byte pass.
    same_issuer = certificate.issuer.dump() == sid.chosen["issuer"].dump()
    return bool(same_issuer and certificate.serial_number == sid.chosen["serial_number"].native)
