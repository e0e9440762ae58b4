"""Passwords in managed configurations, which every reader of the file has then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import item_at, key_at

_SECRET_WORDS = frozenset(
    {"password", "passwd", "pwd", "passphrase", "passcode", "secret", "apikey", "privatekey"}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONGEST_NAME = 200
# Switches and choices about a password are no passwords.
_HARMLESS = frozenset(
    {
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "0",
        "1",
        "none",
        "enabled",
        "disabled",
        "required",
        "optional",
        "allowed",
        "disallowed",
        "prompt",
    }
)
_VARIABLE = re.compile(r"[$%][A-Za-z_({][^\s]*|\*+|<[^<>]*>")


def secret_findings(configuration: Mapping[str, object], where: str) -> Iterator[Finding]:
    """Yield the passwords in a managed configuration at `where`, at any depth; never their text."""
    todo: list[tuple[str, object, str]] = [("", configuration, where)]
    while todo:
        name, value, place = todo.pop()
        if isinstance(value, dict):
            inner = [(str(key), item, key_at(place, str(key))) for key, item in value.items()]
            todo.extend(reversed(inner))
        elif isinstance(value, list):
            todo.extend(
                (name, item, item_at(place, index)) for index, item in reversed([*enumerate(value)])
            )
        elif isinstance(value, str) and _is_secret(name, value):
            message = "A password stands in the file for everyone who can read it."
            fix = "Leave it out and let people type it, or use a certificate or modern sign-in."
            yield found("password-in-clear", place, message, fix=fix)


def _is_secret(name: str, value: str) -> bool:
    if not value.strip() or value.strip().lower() in _HARMLESS:
        return False
    return _names_a_secret(name) and not is_placeholder(value) and not _VARIABLE.fullmatch(value)


def _names_a_secret(name: str) -> bool:
    """Tell whether the last words of a key name a secret: `mailPassword`, not `passwordLength`."""
    words = [word.lower() for word in _WORD.findall(name[-_LONGEST_NAME:])]
    return bool(words) and (words[-1] in _SECRET_WORDS or "".join(words[-2:]) in _SECRET_WORDS)
