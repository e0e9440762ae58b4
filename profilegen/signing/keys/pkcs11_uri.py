"""PKCS#11 URIs (RFC 7512): which module, token and private key are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote_to_bytes

from profilegen.errors import SigningError

_TOKEN_ATTRIBUTES = (
    "token",
    "manufacturer",
    "serial",
    "model",
    "library-manufacturer",
    "library-description",
    "library-version",
    "slot-manufacturer",
    "slot-description",
    "slot-id",
)
_PATH_ATTRIBUTES = frozenset({*_TOKEN_ATTRIBUTES, "object", "type", "id"})
_OBJECT_TYPES = ("public", "private", "cert", "secret-key", "data")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
# RFC 7512, section 2.3: pk11-pchar and pk11-qchar, which differ in "&" and in "/", "?" and "|".
_PATH_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})*")
_QUERY_VALUE = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/?|]|%[0-9A-Fa-f]{2})*")
_NUMBER = re.compile(r"[0-9]{1,19}")
_VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_EXAMPLE = "pkcs11:token=LABEL;object=LABEL"
_QUOTE = "Write letters outside A-Z, a-z, 0-9, '-', '.', '_' as %XX, a blank as %20."


@dataclass(frozen=True, slots=True)
class TokenUri:
    """What a URI says, decoded; None stands for an attribute that it does not have.

    `token` holds the attributes that choose the token, by their names in the RFC.
    """

    token: Mapping[str, str]
    label: str | None
    id: bytes | None
    module_path: Path | None
    module_name: str | None
    pin_file: Path | None


def parse_token_uri(place: str) -> TokenUri:
    """Return what a URI says, of which `place` is the part behind `pkcs11:`.

    Attributes of the path that this program does not know are refused, since they narrow what is
    meant; those of the query are ignored (RFC 7512, sections 2.3 and 2.5). Raises SigningError for
    a URI that breaks the rules, names another kind of object than a private key, or holds a PIN;
    no message shows a value of the query, where a PIN may stand.
    """
    path, mark, query = place.partition("?")
    # Anywhere: behind the wrong separator it would become part of a value that messages show.
    if b"pin-value" in unquote_to_bytes(place).lower():
        _refuse(
            "a PIN must not stand in the URI (pin-value), where the process list shows it",
            "Use --passphrase-file, --passphrase-env or pin-source=file:PATH.",
        )
    asked = dict(_attributes(query, "&", _QUERY_VALUE, secret=True)) if mark else {}
    found = dict(_attributes(path, ";", _PATH_VALUE, secret=False))
    for name in found:
        if name not in _PATH_ATTRIBUTES:
            known = ", ".join(sorted(_PATH_ATTRIBUTES))
            _refuse(f"unknown attribute '{name}'", f"RFC 7512 has {known}.")
    _check_type(found)
    _check_form(found, "slot-id", _NUMBER, "a decimal number")
    _check_form(found, "library-version", _VERSION, "a version such as 2.40")
    return TokenUri(
        token={name: _text(found, name) for name in _TOKEN_ATTRIBUTES if name in found},
        label=_text(found, "object") if "object" in found else None,
        id=found.get("id"),
        module_path=Path(_text(asked, "module-path")) if "module-path" in asked else None,
        module_name=_module_name(asked),
        pin_file=_pin_file(asked),
    )


def _attributes(
    part: str, separator: str, form: re.Pattern[str], *, secret: bool
) -> Iterator[tuple[str, bytes]]:
    """Yield names and decoded values; each name once. Values are shown unless `secret`."""
    seen = set()
    for attribute in part.split(separator) if part else ():
        name, equals, value = attribute.partition("=")
        if not _NAME.fullmatch(name) or not equals:
            shown = "an attribute" if secret else f"'{attribute}'"
            _refuse(f"{shown} is not of the form NAME=VALUE", f"Write {_EXAMPLE}.")
        if name in seen:
            _refuse(f"'{name}' stands there twice", "Write each attribute once.")
        seen.add(name)
        if not form.fullmatch(value):
            shown = "" if secret else f" in '{value}'"
            _refuse(f"'{name}' has a character that is not allowed{shown}", _QUOTE)
        if not value:
            _refuse(f"'{name}' has no value", "Leave the attribute out.")
        yield name, unquote_to_bytes(value)


def _text(found: Mapping[str, bytes], name: str) -> str:
    try:
        return found[name].decode()
    except UnicodeDecodeError:
        _refuse(f"'{name}' is not UTF-8 text", "Only 'id' may hold other bytes.")


def _check_type(found: Mapping[str, bytes]) -> None:
    kind = _text(found, "type") if "type" in found else "private"
    if kind == "private":
        return
    if kind in _OBJECT_TYPES:
        _refuse(f"type={kind} names no private key", "Write type=private, or leave it out.")
    known = ", ".join(_OBJECT_TYPES)
    _refuse(f"there is no type '{kind}'", f"RFC 7512 has {known}; a signer is type=private.")


def _check_form(
    found: Mapping[str, bytes], name: str, form: re.Pattern[str], expected: str
) -> None:
    if name in found and not form.fullmatch(_text(found, name)):
        _refuse(f"'{name}' is not {expected}", "Read it with `pkcs11-tool --list-slots`.")


def _module_name(asked: Mapping[str, bytes]) -> str | None:
    if "module-name" not in asked:
        return None
    name = _text(asked, "module-name")
    if not _NAME.fullmatch(name):
        _refuse(
            "'module-name' is more than a name",
            "Write the name without folder, 'lib' and '.so', or use module-path.",
        )
    return name


def _pin_file(asked: Mapping[str, bytes]) -> Path | None:
    if "pin-source" not in asked:
        return None
    source = _text(asked, "pin-source")
    path = source.removeprefix("file:")
    has_host = path.startswith("//") and not path.startswith("///")
    if path == source or has_host:
        _refuse(
            "'pin-source' names no file of this machine",
            "Write pin-source=file:/PATH, or use --passphrase-file or --passphrase-env.",
        )
    return Path(path.removeprefix("//"))


def _refuse(what: str, hint: str) -> NoReturn:
    message = f"pkcs11: {what}"
    raise SigningError(message, hint=hint)
