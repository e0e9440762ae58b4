"""Choose the one token that a URI means, and log in to it: once, whatever comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profilegen.errors import SigningError
from profilegen.secrets import Secret
from profilegen.signing.certificates import printable
from profilegen.signing.keys.interface import Passphrase
from profilegen.signing.keys.pkcs11_errors import token_errors
from profilegen.signing.keys.pkcs11_objects import attribute_mapper
from profilegen.signing.keys.pkcs11_uri import TokenUri
from profilegen.signing.passphrase import passphrase_in

if TYPE_CHECKING:
    from pkcs11 import Session, Token
    from pkcs11._pkcs11 import lib as Library  # noqa: N812 - it is a class

_SHOWN = 10
_WHERE_IT_IS = "Check the file or the variable that holds the PIN."
_PIN_BYTES = 255
"""Longer than what any token takes; the module gets the PIN as one buffer."""


@dataclass(frozen=True, slots=True)
class Login:
    """An open session on the token that `where` names.

    `pin` is None where the token asks for none, or asks on its own `keypad`.
    """

    session: Session
    where: str
    pin: Secret | None = field(repr=False)
    keypad: bool = False


def choose_token(library: Library, uri: TokenUri) -> Token:
    """Return the token that has all the attributes that `uri` gives.

    Raises SigningError that lists the tokens there are, when none has them or several do.
    """
    with token_errors("pkcs11", "looking for tokens"):
        present = list(_tokens(library))
        found = [token for token in present if _matches(token, library, uri)]
    if len(found) == 1:
        return found[0]
    asked = ", ".join(f"{name} '{printable(value)}'" for name, value in uri.token.items())
    if found:
        message = f"pkcs11: {len(found)} tokens match: {_list(found)}"
        raise SigningError(message, hint="Add token=LABEL or serial=NUMBER to the URI.")
    if not present:
        message = "pkcs11: the module finds no token"
        raise SigningError(message, hint="Insert or start the token; check the module's settings.")
    message = f"pkcs11: no token has {asked}; there is {_list(present)}"
    raise SigningError(message, hint="Write token=LABEL as the token has it, a blank as %20.")


def log_in(token: Token, uri: TokenUri, passphrase: Passphrase | None) -> Login:
    """Return an open session on `token`, logged in if the token demands it.

    The PIN comes from the file of the URI, else from `passphrase`; a token with a keypad of its own
    asks there. One attempt is made: a token locks itself after a few wrong PINs. Raises
    SigningError.
    """
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an extra

    where = f"token '{printable(token.label)}'"
    if TokenFlag.LOGIN_REQUIRED not in token.flags and uri.pin_file is None:
        with token_errors(where, "opening a session"):
            return Login(token.open(attribute_mapper=attribute_mapper()), where, None)
    if TokenFlag.USER_PIN_LOCKED in token.flags:
        message = f"{where}: its PIN is locked"
        raise SigningError(message, hint="Its security officer has to unlock it.")
    keypad = TokenFlag.PROTECTED_AUTHENTICATION_PATH in token.flags and uri.pin_file is None
    if keypad:
        return Login(_open(token, where, None), where, None, keypad=True)
    if uri.pin_file is None:
        pin = ask_pin(where, passphrase)
    else:
        pin = _checked(passphrase_in(uri.pin_file), where)
    return Login(_open(token, where, pin), where, pin)


def ask_pin(where: str, passphrase: Passphrase | None) -> Secret:
    """Return the PIN that `passphrase` gives.

    Raises SigningError when there is nobody to ask, and for what no token takes.
    """
    if passphrase is None:
        message = f"{where}: needs a PIN and none was given"
        raise SigningError(message, hint="Use --passphrase-file or --passphrase-env.")
    return _checked(passphrase(), where)


def _checked(pin: Secret, where: str) -> Secret:
    # Without an exception of the encoder: that would carry the PIN with it.
    encoded = pin.reveal().encode(errors="ignore")
    if encoded.decode() != pin.reveal():
        message = f"{where}: the PIN is not UTF-8 text"
        raise SigningError(message, hint=_WHERE_IT_IS)
    if len(encoded) > _PIN_BYTES:
        message = f"{where}: the PIN is too long for one"
        raise SigningError(message, hint=_WHERE_IT_IS)
    return pin


def _open(token: Token, where: str, pin: Secret | None) -> Session:
    from pkcs11 import PROTECTED_AUTH, UserAlreadyLoggedIn  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import (  # noqa: PLC0415 - an extra
        PinIncorrect,
        PinInvalid,
        PinLenRange,
    )

    with token_errors(where, "logging in"):
        try:
            return token.open(
                user_pin=PROTECTED_AUTH if pin is None else pin.reveal(),
                attribute_mapper=attribute_mapper(),
            )
        except UserAlreadyLoggedIn:
            # PKCS#11 logs in programs, not sessions (v2.40, section 5.6): this one is already.
            return token.open(attribute_mapper=attribute_mapper())
        except (PinIncorrect, PinInvalid, PinLenRange) as error:
            message = f"{where}: the PIN is wrong{_tries(token)}"
            hint = "Check the PIN before the next try: a token locks itself after a few wrong ones."
            raise SigningError(message, hint=hint) from error


def _tries(token: Token) -> str:
    """Return what the token says of the tries that are left, as the end of a message."""
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - an extra

    try:
        flags = token.slot.get_token().flags
    except PKCS11Error:
        return ""
    if TokenFlag.USER_PIN_LOCKED in flags:
        return ", and locked now"
    if TokenFlag.USER_PIN_FINAL_TRY in flags:
        return "; one try is left before the token locks"
    return ""


def _tokens(library: Library) -> Iterator[Token]:
    """Yield the initialised tokens; a slot may be empty, or hold what this module cannot read."""
    from pkcs11 import TokenFlag, TokenNotPresent, TokenNotRecognised  # noqa: PLC0415 - an extra

    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except (TokenNotPresent, TokenNotRecognised):
            continue
        if TokenFlag.TOKEN_INITIALIZED in token.flags:
            yield token


def _matches(token: Token, library: Library, uri: TokenUri) -> bool:
    has = {
        "token": token.label,
        "manufacturer": token.manufacturer_id,
        "serial": _serial(token),
        "model": token.model,
        "library-manufacturer": library.manufacturer_id,
        "library-description": library.library_description,
        "library-version": _version(library),
        "slot-manufacturer": token.slot.manufacturer_id,
        "slot-description": token.slot.slot_description,
        "slot-id": str(token.slot.slot_id),
    }
    asked = dict(uri.token)
    if "library-version" in asked and "." not in asked["library-version"]:
        asked["library-version"] += ".0"  # RFC 7512, section 2.3
    return all(has[name] == value for name, value in asked.items())


def _version(library: Library) -> str:
    major, minor = library.library_version
    return f"{major}.{minor}"


def _serial(token: Token) -> str:
    return token.serial.rstrip(b"\0 ").decode("utf-8", "replace")


def _list(tokens: Iterable[Token]) -> str:
    shown = [f"'{printable(t.label)}' (serial {printable(_serial(t))})" for t in tokens]
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
