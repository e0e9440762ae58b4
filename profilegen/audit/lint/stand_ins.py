"""Text that a person was meant to replace before the file is used: `password_here`, `<secret>`.

What a tool replaces is a placeholder and known elsewhere; a stand-in no tool replaces.
"""

from __future__ import annotations

import re

_LONGEST = 100
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


def is_stand_in(text: str) -> bool:
    """Say whether `text` is nothing but a request to put something else there."""
    shown = text.strip()
    if not shown or len(shown) > _LONGEST:
        return False
    if _BRACKETED.fullmatch(shown) or _MASKED.fullmatch(shown):
        return True
    words = {word.lower() for word in _WORD.findall(shown)}
    return bool(words & _ORDERS) and words <= _ORDERS | _NOUNS
