"""Read what one signer of a SignedData says, with more patience than `message` has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from asn1crypto import cms, core

from profilegen.signing.ber import NOT_ASN1
from profilegen.signing.integrity import Attributes, Pss, Statement


def statement_of(signer: cms.SignerInfo) -> Statement:
    """Return what a signer says; raises what NOT_ASN1 names where that cannot be read."""
    algorithm = signer["signature_algorithm"]
    name = str(algorithm["algorithm"].native)
    return Statement(
        digest=str(signer["digest_algorithm"]["algorithm"].native),
        algorithm=name,
        pss=_pss(algorithm["parameters"]) if name == "rsassa_pss" else None,
        signature=bytes(signer["signature"].native),
        attributes=_attributes(signer["signed_attrs"]),
    )


def _pss(parameters: core.Asn1Value) -> Pss | None:
    if isinstance(parameters, core.Void):
        return None
    mask = parameters["mask_gen_algorithm"]
    known = mask["algorithm"].native == "mgf1"
    return Pss(
        digest=str(parameters["hash_algorithm"]["algorithm"].native),
        mask_digest=str(mask["parameters"]["algorithm"].native) if known else "",
        salt_length=int(parameters["salt_length"].native),
    )


def _attributes(found: cms.CMSAttributes) -> Attributes | None:
    if isinstance(found, core.Void):
        return None
    return Attributes(
        # IMPLICIT [0] on the wire, but signed is the EXPLICIT SET OF (RFC 5652 section 5.4).
        encoded=found.untag().dump(),
        content_types=tuple(str(value.native) for value in _values(found, "content_type")),
        digests=tuple(bytes(value.native) for value in _values(found, "message_digest")),
    )


def _values(found: cms.CMSAttributes, kind: str) -> Iterator[core.Asn1Value]:
    for attribute in found:
        if attribute["type"].native == kind:
            yield from attribute["values"]


def signing_time(found: cms.CMSAttributes) -> datetime | None:
    """Return the signing time, None when there is none or it is no time."""
    if isinstance(found, core.Void):
        return None
    try:
        value = next((value.native for value in _values(found, "signing_time")), None)
    except NOT_ASN1:
        return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None
