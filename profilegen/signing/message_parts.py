"""The parts of a signer information (RFC 5652 section 5.3), each in the one form that is allowed.

Strict, since what is left open here could be changed without breaking a signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from asn1crypto import algos, cms, core

from profilegen.signing.ber import NOT_ASN1, elements
from profilegen.signing.certificates import printable
from profilegen.signing.failures import MalformedError

# RFC 3161 appendix A, 1.2.840.113549.1.9.16.2.14, as asn1crypto calls it.
_TIME_STAMP = "signature_time_stamp_token"
_T = TypeVar("_T")
SIGN_AGAIN = "Sign the file again."


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """What is signed beside the content; `encoded` is the DER of the SET OF that is signed."""

    encoded: bytes
    content_type: str | None
    message_digest: bytes | None
    signed_at: datetime | None


def check_versions(signed: cms.SignedData) -> None:
    """Refuse version numbers that RFC 5652 sections 5.1 and 5.3 do not give.

    Raises MalformedError.
    """
    own = [_signer_version(signer) for signer in signed["signer_infos"]]
    stated = [str(signer["version"].native) for signer in signed["signer_infos"]]
    held = signed["certificates"]
    plain = isinstance(held, core.Void) or all(one.name == "certificate" for one in held)
    allowed = {max(own, default="v1")} if plain else {"v4", "v5"}
    version = str(signed["version"].native)
    if version not in allowed or stated != own:
        found = " and ".join(sorted({version, *stated}))
        message = f"the versions are {found}, not {' or '.join(sorted({*allowed, *own}))}"
        raise MalformedError(message, hint=SIGN_AGAIN)


def _signer_version(signer: cms.SignerInfo) -> str:
    return "v3" if signer["sid"].name == "subject_key_identifier" else "v1"


def algorithm_of(identifier: core.Sequence) -> str:
    """Return the name of an algorithm in asn1crypto, or its dotted number.

    Raises MalformedError for parameters other than NULL; only RSASSA-PSS has some.
    """
    name = str(identifier["algorithm"].native)
    parameters = identifier["parameters"]
    if name == "rsassa_pss":
        _check_pss(parameters)
    elif parameters.native is not None:
        message = f"the algorithm {printable(name)} has parameters"
        raise MalformedError(message, hint=SIGN_AGAIN)
    return name


def _check_pss(parameters: core.Asn1Value) -> None:
    """Refuse what RFC 4055 section 3.1 does not allow, so that there is one way to write them."""
    if isinstance(parameters, core.Void):
        return
    mask = parameters["mask_gen_algorithm"]["parameters"]
    algorithm_of(parameters["hash_algorithm"])
    if parameters["trailer_field"].native != "trailer_field_bc" or (
        isinstance(mask, algos.DigestAlgorithm) and mask["parameters"].native is not None
    ):
        message = "the parameters of RSASSA-PSS are none of RFC 4055"
        raise MalformedError(message, hint=SIGN_AGAIN)


def signed_attributes(found: cms.CMSAttributes) -> SignedAttributes | None:
    """Return the signed attributes, None where there are none.

    Raises MalformedError for an attribute that is there twice or has not one value, and ValueError
    for one that is not of its type.
    """
    if isinstance(found, core.Void):
        return None
    values: dict[str, core.Asn1Value] = {}
    for attribute in found:
        kind = str(attribute["type"].native)
        if kind in values or len(attribute["values"]) != 1:
            message = f"the signed attribute {printable(kind)} has more or less than one value"
            raise MalformedError(message, hint=SIGN_AGAIN)
        values[kind] = attribute["values"][0]
    return SignedAttributes(
        # IMPLICIT [0] on the wire, but signed is the EXPLICIT SET OF (RFC 5652 section 5.4).
        encoded=found.untag().dump(),
        content_type=_native(values.get("content_type"), str),
        message_digest=_native(values.get("message_digest"), bytes),
        signed_at=_native(values.get("signing_time"), datetime),
    )


def is_attributes(data: bytes) -> bool:
    """Say whether `data` is the SET OF attributes that a signature could be over.

    A signature without signed attributes is over the content itself: with such content it could be
    another file's signature, taken from its attributes.
    """
    try:
        found = cms.CMSAttributes.load(data, strict=True)
        return any(one["type"].native == "message_digest" for one in found)
    except NOT_ASN1:
        return False


def time_stamps(found: cms.CMSAttributes) -> Iterator[bytes]:
    """Yield the time-stamp tokens among the unsigned attributes, each the DER of a ContentInfo."""
    for attribute in () if isinstance(found, core.Void) else found:
        if attribute["type"].native == _TIME_STAMP:
            yield from elements(attribute["values"].contents)


def unsigned_kinds(found: cms.CMSAttributes) -> Iterator[str]:
    """Return the kinds of the other unsigned attributes, safe to print."""
    kinds = [] if isinstance(found, core.Void) else [str(one["type"].native) for one in found]
    return (printable(kind) for kind in kinds if kind != _TIME_STAMP)


def _native(value: core.Asn1Value | None, kind: type[_T]) -> _T | None:
    """Return the value of an attribute; ValueError when it is not of the kind that it must be."""
    if value is None:
        return None
    native = value.native
    if not isinstance(native, kind) or (isinstance(native, datetime) and native.tzinfo is None):
        raise ValueError(kind.__name__)
    return native
