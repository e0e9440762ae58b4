"""Values of strangers as they may be printed: secrets masked, data and long texts by digest.

Whether two values are the same is decided on the values themselves, before anything is masked.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Hashable, Mapping
from datetime import datetime

from profilegen.audit.diff.model import Shown

MASKED: Mapping[str, str | int | bool] = {"secret": True}
_LONGEST = 500
_MAX_BITS = 64
_SECRET = re.compile(
    r"(pass(word|phrase|code)|secret|challenge|token|private_?key|api_?key|credentials?|\bpin|psk)s?$",
    re.IGNORECASE,
)
_SUSPECT = re.compile(r"password|passphrase|secret", re.IGNORECASE)
# Fields that are about passwords or tokens and hold none: of the Android Management API, and of
# Apple's schema. Any other key that looks like a secret's is masked, rather once too often.
_PLAIN = frozenset(
    {
        "EncryptionPasswordType",
        "OutgoingPasswordSameAsIncomingPassword",
        "PasswordAuthentication",
        "ServerToken",
        "passwordExpirationTimeout",
        "passwordPolicies",
        "passwordQuality",
        "passwordRequirements",
        "passwordScope",
        "requirePasswordUnlock",
        "unifiedLockSettings",
    }
)
_NAMES, _VALUES = ("key", "Key", "name", "Name"), {"value", "Value"}
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*@")


def is_secret(key: str, value: object) -> bool:
    """Say whether `value` is to be masked with all that is in it, going by the name of its key."""
    if key in _PLAIN or isinstance(value, bool):
        return False
    if _SECRET.search(key):
        return True
    # A number whose key only speaks of passwords is their length or age.
    return not isinstance(value, int | float) and bool(_SUSPECT.search(key))


def secret_keys(content: Mapping[str, object]) -> frozenset[str]:
    """Return the keys of `content` whose values are secret.

    Among them the value of a pair that is written as a name and a value.
    """
    names = [name for key in _NAMES if isinstance(name := content.get(key), str)]
    found = {key for key, value in content.items() if is_secret(key, value)}
    for key in content.keys() & _VALUES:
        if any(is_secret(name, content.get(key)) for name in names):
            found.add(key)
    return frozenset(found)


def shown(value: object, *, secret: bool) -> Shown:
    """Return a plain value as it may be printed.

    Data and texts above 500 characters become `{"sha256", "size"}`, the size in bytes; a date
    becomes `{"date"}`, a secret `{"secret": true}`. Switches are never secret. An empty list or
    dictionary stays what it is.
    """
    if value is None or isinstance(value, bool):
        return value
    if secret:
        return MASKED
    if isinstance(value, str | bytes):
        return _text_or_data(value)
    if isinstance(value, int):
        # Python refuses to write very long numbers in decimal.
        return value if value.bit_length() <= _MAX_BITS else f"{value:#x}"[:_LONGEST]
    return _other(value)


def _text_or_data(value: str | bytes) -> Shown:
    if isinstance(value, bytes):
        return _digest(value)
    if len(value) <= _LONGEST:
        return _IN_ADDRESS.sub("***@", value)
    return _digest(value.encode("utf-8", "surrogatepass"))


def _other(value: object) -> Shown:
    match value:
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime():
            return {"date": value.isoformat()}
        case Mapping():
            return {}
        case list():
            return []
        case _:
            return str(value)[:_LONGEST]


def same(old: object, new: object) -> bool:
    """Say whether two plain values are the same to a device: 1 is not true, nor 1.0."""
    return _comparable(old) == _comparable(new)


def frozen(value: object) -> Hashable:
    """Return a hashable that is equal for equal values of any depth, and for those only."""
    match value:
        case Mapping():
            return ("{", frozenset((str(key), frozen(item)) for key, item in value.items()))
        case list() | tuple():
            return ("[", tuple(frozen(item) for item in value))
        case _:
            return _comparable(value)


def _comparable(value: object) -> tuple[str, object]:
    if isinstance(value, float):
        return "float", repr(value)  # not a number is the same as itself
    if isinstance(value, list | Mapping):
        return type(value).__name__, len(value)
    return type(value).__name__, value


def _digest(content: bytes) -> Mapping[str, str | int | bool]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
