"""What a PKCS#11 module reports, in words: python-pkcs11 raises exceptions without any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from profilegen.errors import SigningError

_GONE = ("the token was removed or no longer answers", "Insert it again, and run this again.")
_LOCKED = ("its PIN is locked", "Its security officer has to unlock it.")
_NOT_THIS_WAY = (
    "the token refuses to sign this way with this key",
    "Check the mechanisms that the token and the key allow.",
)
_TEXTS: dict[str, tuple[str, str]] = {
    "CKR_DEVICE_ERROR": _GONE,
    "CKR_DEVICE_REMOVED": _GONE,
    "CKR_TOKEN_NOT_PRESENT": _GONE,
    "CKR_SESSION_CLOSED": _GONE,
    "CKR_SESSION_HANDLE_INVALID": _GONE,
    "CKR_OBJECT_HANDLE_INVALID": _GONE,
    "CKR_KEY_HANDLE_INVALID": _GONE,
    "CKR_USER_NOT_LOGGED_IN": (
        "the token demands another login",
        "Check that no other program logs out of the token, and run this again.",
    ),
    "CKR_DEVICE_MEMORY": ("the token has no memory left", "Close other programs that use it."),
    "CKR_SESSION_COUNT": ("the token has no session left", "Close other programs that use it."),
    "CKR_PIN_LOCKED": _LOCKED,
    "CKR_PIN_EXPIRED": ("its PIN has expired", "Change the PIN with the maker's own program."),
    "CKR_USER_PIN_NOT_INITIALIZED": (
        "it has no PIN yet",
        "Its security officer has to set one.",
    ),
    "CKR_FUNCTION_CANCELED": ("the login was cancelled at the token", "Start over."),
    "CKR_FUNCTION_REJECTED": ("the signature was refused at the token", "Start over."),
    "CKR_KEY_FUNCTION_NOT_PERMITTED": (
        "the key may not sign (CKA_SIGN)",
        "Use a key that was made for signing.",
    ),
    "CKR_MECHANISM_INVALID": _NOT_THIS_WAY,
    "CKR_MECHANISM_PARAM_INVALID": _NOT_THIS_WAY,
    "CKR_KEY_SIZE_RANGE": _NOT_THIS_WAY,
    "CKR_KEY_TYPE_INCONSISTENT": _NOT_THIS_WAY,
}
_SPELLING = {"FUNCTION_CANCELLED": "FUNCTION_CANCELED"}
_UNKNOWN_CODE = re.compile(r"0x[0-9a-fA-F]+")


def ckr_name(error: Exception) -> str:
    """Return the name that PKCS#11 has for what python-pkcs11 raised: `CKR_DEVICE_REMOVED`."""
    name = type(error).__name__
    if name == "PKCS11Error":
        code = _UNKNOWN_CODE.search(str(error))
        return f"error {code.group()}" if code else "an unknown error"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    return f"CKR_{_SPELLING.get(words, words)}"


@contextmanager
def token_errors(where: str, doing: str) -> Iterator[None]:
    """Turn what python-pkcs11 raises inside the block into a SigningError.

    `where` says which token, and `doing` what was being done: "signing".
    """
    from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - an extra

    try:
        yield
    except PKCS11Error as error:
        raise token_error(error, where, doing) from error


def token_error(error: Exception, where: str, doing: str) -> SigningError:
    """Return what to raise for `error` of python-pkcs11; the rest as for `token_errors`."""
    name = ckr_name(error)
    what, hint = _TEXTS.get(name, ("the token failed", "Look into the log of the token's module."))
    return SigningError(f"{where}: {what} ({name} while {doing})", hint=hint)
