"""The PEM armour of a signed file: one block, in one spelling, with nothing behind it."""

from __future__ import annotations

import base64

from profilegen.signing.failures import MalformedError, NotSignedError
from profilegen.signing.pem import Block, blocks

_ARMOUR = b"-----BEGIN "
_LABELS = frozenset({"CMS", "PKCS7", "PKCS #7 SIGNED DATA"})


def is_armoured(data: bytes) -> bool:
    """Say whether `data` claims to be CMS in armour; a guess by the first bytes."""
    return data.startswith(tuple(_ARMOUR + label.encode() + b"-----" for label in _LABELS))


def without_armour(data: bytes) -> bytes:
    """Return what the armour of a signed file holds, or `data` itself where there is none.

    Raises NotSignedError when there is not one signature in it, or it cannot be read, and
    MalformedError when something else is in it or behind it.
    """
    if not data.startswith(_ARMOUR):
        return data
    found = [block for block in blocks(data) if block.label in _LABELS]
    if len(found) != 1:
        message = f"PEM with {len(found)} signatures in it instead of one"
        raise NotSignedError(message, hint="Give one signed file.")
    try:
        der = found[0].der()
    except ValueError as error:
        message = "damaged PEM armour"
        raise NotSignedError(message, hint="Get the file again.") from error
    # One spelling only, and nothing behind it: a bit that no one looks at could be anything.
    text = b"".join(found[0].text.splitlines()[1:-1])
    if base64.b64encode(der) != text or not data.rstrip().endswith(_last_line(found[0])):
        message = "PEM armour with something in it or behind it that nobody signed"
        raise MalformedError(message, hint="Get the file again.")
    return der


def _last_line(block: Block) -> bytes:
    return block.text.splitlines()[-1]
