"""Put the payloads that were encrypted for a device back into their profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from profilegen.audit.binary_plist import HEADER, check_binary
from profilegen.audit.document import SEALED, DocumentError, Profile
from profilegen.audit.nesting import check_tree
from profilegen.audit.xml_plist import read_xml
from profilegen.errors import InputError, SigningError
from profilegen.plist import PlistValue, dump_plist, load_plist
from profilegen.signing.decrypt import DeviceKey, decrypt_payloads


def is_sealed(profile: Profile) -> bool:
    """Return whether `profile` has payloads that travel encrypted, be they opened or not."""
    return SEALED in profile.content


def open_profile(name: str, profile: Profile, key: DeviceKey) -> Profile:
    """Return the sealed `profile` with its payloads in place.

    Raises what `decrypt_payloads` and `opened_profile` do, with `name`, the file's, in front.
    """
    sealed = profile.content[SEALED]
    try:
        payloads = decrypt_payloads(sealed if isinstance(sealed, bytes) else b"", key)
    except (InputError, SigningError) as error:
        message = f"{name}: {error.message}"
        raise type(error)(message, hint=error.hint) from error
    return opened_profile(profile, payloads)


def decrypted_bytes(profile: Profile) -> bytes:
    """Return an opened profile as the property list that it was before its payloads were encrypted.

    Its keys are sorted, as in what `build` writes. Raises DocumentError for values that binary
    property lists have and XML has not.
    """
    dropped = {SEALED, "IsEncrypted"}
    kept = {key: value for key, value in profile.content.items() if key not in dropped}
    try:
        return dump_plist(kept)
    except ValueError as error:
        message = f"{profile.name}: the decrypted profile cannot be written as XML: {error}"
        raise DocumentError(message, hint="Look at it with `profilegen show` instead.") from error


def opened_profile(profile: Profile, payloads: bytes) -> Profile:
    """Return `profile` with its payloads in place, as a device has it after decryption.

    `payloads` is the property list that EncryptedPayloadContent decrypts to; its top level is an
    array, the PayloadContent (Apple, Configuring multiple devices using profiles). The encrypted
    value stays, for it tells that the payloads travel encrypted. Raises DocumentError when
    `payloads` is anything else.
    """
    try:
        items = _items(payloads)
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{profile.name}: what {SEALED} decrypts to is no list of payloads: {reason}"
        raise DocumentError(message, hint="Encrypt the array of PayloadContent alone.") from error
    content = {**profile.content, "PayloadContent": items}
    return replace(profile, content=content, opened=True)


def _items(payloads: bytes) -> Sequence[PlistValue]:
    value = _binary(payloads) if payloads.startswith(HEADER) else read_xml(payloads).value
    if not isinstance(value, list):
        message = "its top level is no array"
        raise ValueError(message)  # noqa: TRY004  (what is wrong is the file's content)
    return cast("Sequence[PlistValue]", value)


def _binary(payloads: bytes) -> object:
    check_binary(payloads)
    value = load_plist(payloads)
    check_tree(value)
    return value
