"""Open the key that a URI names, by its scheme."""

from __future__ import annotations

from collections.abc import Mapping

from profilegen.errors import SigningError
from profilegen.signing.keys.awskms import open_kms_key
from profilegen.signing.keys.files import open_p12, open_pem
from profilegen.signing.keys.interface import KeyMaterial, OpenKey, Passphrase
from profilegen.signing.keys.pkcs11_token import open_token_key
from profilegen.signing.keys.plugins import find_opener, plugin_schemes

_BUILT_IN: Mapping[str, OpenKey] = {
    "pem": open_pem,
    "p12": open_p12,
    "pkcs11": open_token_key,
    "awskms": open_kms_key,
}

_PLACES = {"pkcs11": "token=LABEL;object=LABEL", "awskms": "ARN"}
"""How a key is named behind the scheme, where that is neither a file nor for a plugin to say."""


def open_key(uri: str, *, passphrase: Passphrase | None) -> KeyMaterial:
    """Return the key that `uri` names. A scheme that is not built in is sought among the plugins.

    Raises SigningError when the key cannot be opened, ServiceError when it may be later.
    """
    scheme, colon, place = uri.partition(":")
    if not colon:
        # The text itself stays out of messages: where an identity is expected, a PIN may stand.
        message = "the identity does not begin with its kind and a colon"
        raise SigningError(message, hint=_name_one())
    opener = _BUILT_IN.get(scheme) or find_opener(scheme)
    if opener is None:
        message = f"unknown kind of identity '{scheme}:'"
        raise SigningError(message, hint=_name_one())
    if not place:
        what = "file" if scheme in {"pem", "p12"} else "key"
        message = f"'{uri}' names no {what}"
        raise SigningError(message, hint=f"Write {scheme}:{_PLACES.get(scheme, what.upper())}.")
    return opener(place, passphrase)


def _name_one() -> str:
    known = ", ".join(f"{name}:" for name in (*_BUILT_IN, *plugin_schemes(besides=_BUILT_IN)))
    return f"Name one that starts with {known}"
