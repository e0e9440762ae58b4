"""Keys on PKCS#11 tokens: smart cards, HSMs, SoftHSM2. The key never leaves the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from profilegen.errors import SigningError
from profilegen.extras import extra
from profilegen.secrets import Secret
from profilegen.signing.algorithms import scheme_of
from profilegen.signing.certificates import has_key
from profilegen.signing.keys.interface import KeyMaterial, Passphrase
from profilegen.signing.keys.pkcs11_errors import token_error, token_errors
from profilegen.signing.keys.pkcs11_login import Login, ask_pin, choose_token, log_in
from profilegen.signing.keys.pkcs11_mechanism import Way, choose_way
from profilegen.signing.keys.pkcs11_module import load_module
from profilegen.signing.keys.pkcs11_objects import (
    attribute,
    describe_key,
    find_private_key,
    read_certificates,
    read_public_key,
)
from profilegen.signing.keys.pkcs11_turns import ONE_AT_A_TIME
from profilegen.signing.keys.pkcs11_uri import parse_token_uri

if TYPE_CHECKING:
    from pkcs11 import Mechanism, PrivateKey, SignMixin


def open_token_key(place: str, passphrase: Passphrase | None, /) -> KeyMaterial:
    """Return the private key that a PKCS#11 URI names (RFC 7512), with what lies beside it.

    `place` is the URI without `pkcs11:`. The certificates are those of the key, whatever their
    label and id; the CA certificates of the token are for the chain. The session stays open as long
    as the process.

    Raises SigningError for everything that is wrong with URI, module, token, PIN and key.
    """
    uri = parse_token_uri(place)
    with extra("pkcs11", needs="pkcs11: identities need python-pkcs11", error=SigningError):
        import pkcs11  # noqa: F401, PLC0415 - to know that it is there
    with ONE_AT_A_TIME:
        login = log_in(choose_token(load_module(uri), uri), uri, passphrase)
        with token_errors(login.where, "reading its objects"):
            key = find_private_key(login.session, uri, login.where)
            stored = read_certificates(login.session)
            public_key = read_public_key(login.session, key, stored, login.where)
            way, mechanism = choose_way(key, scheme_of(public_key, where=login.where), login.where)
            pin = _pin_for_each(key, login, passphrase)
    sign = _signer(_able_to_sign(key, login), way, mechanism, login.where, pin)
    own = [one.certificate for one in stored if has_key(one.certificate, public_key)]
    issuers = [one.certificate for one in stored if one.is_ca and one.certificate not in own]
    return KeyMaterial(public_key, sign, tuple(own), tuple(issuers))


def _able_to_sign(key: PrivateKey, login: Login) -> SignMixin:
    from pkcs11 import SignMixin  # noqa: PLC0415 - an extra

    if isinstance(key, SignMixin):
        return key
    message = f"{login.where}: {describe_key(key)} may not sign (CKA_SIGN)"
    raise SigningError(message, hint="Use a key that was made for signing.")


def _pin_for_each(key: PrivateKey, login: Login, passphrase: Passphrase | None) -> Secret | None:
    """Return the PIN that a key demands for every signature; None for one that does not."""
    from pkcs11 import Attribute  # noqa: PLC0415 - an extra

    if not attribute(key, Attribute.ALWAYS_AUTHENTICATE):
        return None
    if login.keypad:
        message = (
            f"{login.where}: {describe_key(key)} wants its PIN at the keypad for each signature"
        )
        raise SigningError(message, hint="Use a key without CKA_ALWAYS_AUTHENTICATE.")
    return login.pin or ask_pin(login.where, passphrase)


def _signer(
    key: SignMixin, way: Way, mechanism: Mechanism, where: str, pin: Secret | None
) -> Callable[[bytes], bytes]:
    """Return the function that signs on the token, lean since each file of a fleet calls it."""
    from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - an extra

    prepare, finish, sign_on_token = way.prepare, way.finish, key.sign

    def sign(data: bytes) -> bytes:
        prepared = prepare(data)
        shown = None if pin is None else pin.reveal()
        try:
            with ONE_AT_A_TIME:
                raw = sign_on_token(prepared, mechanism=mechanism, pin=shown)
        except PKCS11Error as error:
            raise token_error(error, where, "signing") from error
        try:
            return finish(raw)
        except ValueError as error:
            message = f"{where}: the token returned no signature that can be read"
            raise SigningError(message, hint="Update the token's module.") from error

    return sign
