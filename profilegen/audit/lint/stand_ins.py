"""Text that a person was meant to replace before the file is used: `password_here`, `<secret>`.

What a tool replaces is a placeholder and known elsewhere; a stand-in no tool replaces. UUIDs and
identifiers of examples are stand-ins that have the form of the real thing.
"""

from __future__ import annotations

import re

_LONGEST = 100
_DIGITS = 32
_FEW = 4
_MANY = 13
_HEXADECIMAL = frozenset("0123456789abcdef")
_SPELLED = re.compile(r"deadbeef|cafebabe|feedface|badc0ffee")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_BRACKETED = re.compile(r"<[^<>]+>|\[[^\[\]]+\]")
_MASKED = re.compile(r"[*•xX#.-]{3,}")
# A text stands in for another when it has one of these words ...
_ORDERS = frozenset({"change", "changeme", "enter", "here", "insert", "replace", "todo", "your"})
# ... and beside them none but these.
_NOUNS = frozenset(
    {
        *("a", "me", "my", "pre", "put", "goes", "shared", "the", "this", "with"),
        *("account", "challenge", "code", "company", "domain", "host", "id", "identifier"),
        *("key", "name", "organization", "passphrase", "passwd", "password", "placeholder"),
        *("psk", "scep", "secret", "server", "string", "text", "token", "user", "username"),
        *("uuid", "value", "vpn", "wifi"),
    }
)
_NO_IDENTIFIERS = frozenset({"example", "identifier", "payloadidentifier", "profile"})
_NO_DOMAINS = frozenset(
    {
        *("acme", "company", "companyname", "contoso", "domain", "example", "fabrikam"),
        *("mycompany", "mydomain", "myorg", "myorganization", "organization"),
        *("yourcompany", "yourcompanyname", "yourdomain", "yourorg", "yourorganization"),
    }
)


def is_stand_in(text: str) -> bool:
    """Say whether `text` is nothing but a request to put something else there."""
    shown = text.strip()
    if not shown or len(shown) > _LONGEST:
        return False
    if _BRACKETED.fullmatch(shown) or _MASKED.fullmatch(shown):
        return True
    words = {word.lower() for word in _WORD.findall(shown)}
    return bool(words & _ORDERS) and words <= _ORDERS | _NOUNS


def is_made_up_uuid(text: str) -> bool:
    """Say whether a UUID was typed by a person or a model: one digit a group, or counted through.

    A random UUID has four distinct digits or fewer, or thirteen that count up, less than once in
    ten million.
    """
    digits = text.replace("-", "").lower()
    if len(digits) != _DIGITS or not _HEXADECIMAL.issuperset(digits):
        return False
    if all(len(set(group)) == 1 for group in text.split("-")) or len(set(digits)) <= _FEW:
        return True
    return _SPELLED.search(digits) is not None or any(
        sum(
            (int(a, 16) + 1) % 16 == int(b, 16) for a, b in zip(digits, digits[step:], strict=False)
        )
        >= _MANY
        for step in (1, 2)
    )


def is_made_up_identifier(text: str) -> bool:
    """Say whether an identifier begins with a domain that is nobody's, as in examples."""
    parts = text[:_LONGEST].lower().split(".")
    if len(parts) == 1:
        return parts[0] in _NO_IDENTIFIERS
    # RFC 2606 reserves the domain example below all of these, and the top-level domain.
    return parts[0] == "example" or parts[1] in _NO_DOMAINS
