"""Read what a token holds: the private key that is meant, its public key, certificates."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto.core import OctetString
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.errors import SigningError
from profilegen.signing.certificates import find_extension, load_certificate, printable
from profilegen.signing.keys.pkcs11_uri import TokenUri

if TYPE_CHECKING:
    from pkcs11 import Attribute, PrivateKey, Session
    from pkcs11.attributes import AttributeMapper
    from pkcs11.types import Object

_SHOWN = 10
_CURVES: dict[bytes, ec.EllipticCurve] = {  # by the DER of their object identifiers
    bytes.fromhex("06082a8648ce3d030107"): ec.SECP256R1(),
    bytes.fromhex("06052b81040022"): ec.SECP384R1(),
    bytes.fromhex("06052b81040023"): ec.SECP521R1(),  # to be refused by its name
}


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate on the token; that of a key has the key's id."""

    key_id: bytes
    certificate: x509.Certificate

    @property
    def is_ca(self) -> bool:
        """Say whether it is one of a CA, which may be there for any chain."""
        constraints = find_extension(self.certificate, x509.BasicConstraints)
        return constraints is not None and constraints.ca


def attribute_mapper() -> AttributeMapper:
    """Return how a session reads attributes: also those that python-pkcs11 has no reader for."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra
    from pkcs11.attributes import AttributeMapper  # noqa: PLC0415 - an extra

    mapper = AttributeMapper()
    mapper.register_handler(Attribute.LABEL, str.encode, lambda raw: raw.decode(errors="replace"))
    mapper.register_handler(Attribute.ALLOWED_MECHANISMS, _never, _numbers)
    return mapper


def find_private_key(session: Session, uri: TokenUri, where: str) -> PrivateKey:
    """Return the private key that has the label and id of `uri`.

    Raises SigningError that lists the keys by label and id, when none has them or several do.
    """
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an extra

    every: dict[Attribute, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    asked = dict(every)
    if uri.label is not None:
        asked[Attribute.LABEL] = uri.label
    if uri.id is not None:
        asked[Attribute.ID] = uri.id
    found: list[Any] = list(session.get_objects(asked))
    if len(found) == 1:
        key: PrivateKey = found[0]
        return key
    if found:
        message = f"{where}: {len(found)} private keys match: {_list(found)}"
        raise SigningError(message, hint="Add object=LABEL or id=%XX of one of them to the URI.")
    present = list(session.get_objects(every))
    if not present:
        message = f"{where}: holds no private key"
        raise SigningError(message, hint="Check the token, and that this PIN opens the key.")
    message = f"{where}: no private key has {_wanted(uri)}; there is {_list(present)}"
    raise SigningError(message, hint="Write object=LABEL or id=%XX as the token has it.")


def read_certificates(session: Session) -> tuple[StoredCertificate, ...]:
    """Return the certificates of the token; one that cannot be read may be another program's."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an extra

    found = []
    for item in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        key_id = attribute(item, Attribute.ID) or b""
        with suppress(ValueError):
            certificate = load_certificate(attribute(item, Attribute.VALUE) or b"")
            found.append(StoredCertificate(key_id, certificate))
    return tuple(found)


def read_public_key(
    session: Session, key: PrivateKey, stored: Iterable[StoredCertificate], where: str
) -> PublicKeyTypes:
    """Return the public key of `key`: from the key, its public key object or its certificate.

    Raises SigningError when the token holds none of them.
    """
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - an extra

    key_id = attribute(key, Attribute.ID)
    sought = (
        (Attribute.ID, key_id) if key_id else (Attribute.LABEL, attribute(key, Attribute.LABEL))
    )
    beside: dict[Attribute, Any] = dict([sought])
    beside |= {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: key.key_type}
    for item in (key, *session.get_objects(beside)):
        public = _public_key(item)
        if public is not None:
            return public
    for one in stored:
        if key_id and one.key_id == key_id:
            return one.certificate.public_key()
    message = f"{where}: holds neither public key nor certificate of {describe_key(key)}"
    hint = "Store one of them on the token, with the id of the private key."
    raise SigningError(message, hint=hint)


def attribute(item: Object, name: Attribute) -> Any:  # noqa: ANN401 - each has its own type
    """Return an attribute of an object on the token, None where the token does not tell."""
    from pkcs11.exceptions import (  # noqa: PLC0415 - an extra
        AttributeSensitive,
        AttributeTypeInvalid,
        FunctionFailed,
    )

    try:
        return item[name]
    except (AttributeTypeInvalid, AttributeSensitive, FunctionFailed):
        return None


def describe_key(key: Object) -> str:
    """Return label and id of a key, for people: `'signer' (id %01)`."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra

    label, key_id = attribute(key, Attribute.LABEL) or "", attribute(key, Attribute.ID) or b""
    escaped = "".join(f"%{byte:02X}" for byte in key_id) or "none"
    return f"'{printable(label)}' (id {printable(escaped)})"


def _public_key(item: Object) -> PublicKeyTypes | None:
    """Return the public key that an object tells of: modulus and exponent, or curve and point."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra

    modulus, exponent = (
        attribute(item, Attribute.MODULUS),
        attribute(item, Attribute.PUBLIC_EXPONENT),
    )
    if modulus and exponent:
        numbers = (int.from_bytes(exponent), int.from_bytes(modulus))
        return _or_none(lambda: rsa.RSAPublicNumbers(*numbers).public_key())
    curve = _CURVES.get(attribute(item, Attribute.EC_PARAMS) or b"")
    point = attribute(item, Attribute.EC_POINT)
    if curve is None or not point:
        return None
    return _or_none(lambda: _on_curve(curve, point))


def _on_curve(curve: ec.EllipticCurve, point: bytes) -> ec.EllipticCurvePublicKey:
    # The DER of an OCTET STRING (PKCS#11 Current Mechanisms v2.40, 2.3.3); some give it bare.
    bare = len(point) == 1 + 2 * ((curve.key_size + 7) // 8)
    content = point if bare else OctetString.load(point, strict=True).native
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, content)


def _or_none(make: Callable[[], PublicKeyTypes]) -> PublicKeyTypes | None:
    try:
        return make()
    except ValueError:
        return None


def _wanted(uri: TokenUri) -> str:
    label = "" if uri.label is None else f"object '{printable(uri.label)}'"
    key_id = "" if uri.id is None else "id " + "".join(f"%{byte:02X}" for byte in uri.id)
    return " and ".join(part for part in (label, key_id) if part)


def _list(keys: list[Any]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(describe_key(key) for key in keys[:_SHOWN]) + more


def _never(_value: object) -> bytes:
    raise AssertionError


def _numbers(raw: bytes) -> frozenset[int]:
    """Return the numbers of an array of CK_ULONG, which is an unsigned long of this machine."""
    return frozenset(number for (number,) in struct.iter_unpack("@L", raw))
