"""Identifiers that stay the same from release to release.

A device updates a payload in place only while its PayloadIdentifier and PayloadUUID stay the
same (Apple, CommonPayloadKeys), so both are computed from what the payload is, never drawn.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache

_SEPARATOR = "\x1f"
# Of the 20 octets of SHA-1: the bits that a UUID takes over, and the bits that it sets.
_KEPT = bytes.fromhex("ffffffff ffff 0fff 3fff ffffffffffff 00000000")
_VERSION_AND_VARIANT = bytes.fromhex("00000000 0000 5000 8000 000000000000 00000000")
_SHA1_SIZE = 20
# A UUID as it is written, and the line break that stands between two.
_BLANK = b"........-....-....-....-............\n"
# Where its digits stand, in the order of the octets.
_DIGITS = [place for place, octet in enumerate(_BLANK) if octet == ord(".")]
# A dot would end the name of a device.
_UNSAFE = re.compile(r"[^a-z0-9_@+-]+")
# What Windows opens a device for, with any suffix ("Naming Files, Paths, and Namespaces").
_DEVICE = r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])(?:\..*)?"
_DIGEST_DIGITS = 32
_STEM = 40
# How the names end that are made of others: no id may take such a name for its own.
_MADE = rf"[0-9a-f]{{{_DIGEST_DIGITS}}}"
_SAFE = re.compile(
    rf"(?!{_DEVICE}\Z)(?!{_MADE}\Z)[a-z0-9][a-z0-9._@+-]{{0,79}}(?<!\.)(?<!-{_MADE})"
)
_PART = re.compile(r"[^A-Za-z0-9.-]+")


def stable_uuid(organization: str, *role: str) -> str:
    """Return the version 5 UUID of a role within an organization, in upper case as Apple writes it.

    `organization` is its reverse-DNS identifier; `role` says what the UUID is for, for example
    target, kind, account and user. Parts are joined by a character that identifiers cannot hold,
    so that ("a", "bc") and ("ab", "c") differ.
    """
    return str(uuid.uuid5(_namespace(organization), _SEPARATOR.join(role))).upper()


def stable_uuids(
    organization: str, roles: Sequence[tuple[str, ...]]
) -> Callable[[Sequence[bytes]], list[bytes]]:
    """Return the function that gives `stable_uuid(organization, *role, last)` of each of `roles`.

    It takes several of `last`, and gives for each the UUIDs of all roles, in ASCII, all in one
    line. What comes before the last part is hashed once: for many UUIDs that differ in nothing
    else.
    """
    before = [_namespace(organization).bytes + _SEPARATOR.join((*r, "")).encode() for r in roles]
    states = [hashlib.sha1(octets, usedforsecurity=False) for octets in before]

    def finished(lasts: Sequence[bytes]) -> list[bytes]:
        digests = []
        for last in lasts:
            for state in states:
                digest = state.copy()
                digest.update(last)
                digests.append(digest.digest())
        return _written_uuids(digests) if digests else []

    return finished


def _written_uuids(digests: Sequence[bytes]) -> list[bytes]:
    """Return the UUIDs that are made of SHA-1 digests, all in few steps.

    RFC 9562 section 5.5: the first 16 octets of each, but for version and variant.
    """
    kept, version_and_variant = _uuid_bits(len(digests))
    number = int.from_bytes(b"".join(digests)) & kept | version_and_variant
    digits = number.to_bytes(len(digests) * _SHA1_SIZE).hex().upper().encode()
    written = bytearray(_BLANK * len(digests))
    for number, place in enumerate(_DIGITS):
        written[place :: len(_BLANK)] = digits[number :: 2 * _SHA1_SIZE]
    return bytes(written).split()


@lru_cache(256)
def _uuid_bits(count: int) -> tuple[int, int]:
    """Return the bits that so many UUIDs take over, and those that they set."""
    return int.from_bytes(_KEPT * count), int.from_bytes(_VERSION_AND_VARIANT * count)


def file_name(identifier: str) -> str:
    """Return a name for `identifier` that is safe on every file system and no other id's name.

    Lower-case ASCII ids keep their spelling; anything else becomes a readable stem and half a
    SHA-256, so that ids which differ in case only do not meet on a case-insensitive file system.
    The names of devices of Windows count as unsafe, and so do ids that look like made names. A name
    has 80 characters of ASCII at most, begins with a letter or digit, and does not end with a dot.
    """
    if _SAFE.fullmatch(identifier):
        return identifier
    digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
    stem = _UNSAFE.sub("-", identifier.lower())[:_STEM].lstrip("_@+-").rstrip("-")
    return f"{stem}-{digest[:_DIGEST_DIGITS]}" if stem else digest[:_DIGEST_DIGITS]


def identifier_part(text: str) -> str:
    """Return `text` as one part of a reverse-DNS identifier: letters, digits, dots and hyphens."""
    return _PART.sub("-", text)


def _namespace(organization: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, organization)
