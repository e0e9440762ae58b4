"""Identifiers, UUIDs and paths of everything that is rendered for one target and user.

All are computed from what a thing is, so that a device updates an account in place instead of
removing and re-creating it (Apple, CommonPayloadKeys).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from profilegen.identifiers import file_name, identifier_part, stable_uuid

DECLARATION_IDENTIFIER_OCTETS = 64
"""What Identifier and ServerToken of a declaration hold at most (Apple, declarationbase)."""
SERVER_TOKEN_CHARACTERS = 32
_DIGEST_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Names:
    """Names within `target`; `organization` is its reverse DNS, `user` is "" for all users."""

    organization: str
    target: str
    user: str

    def identifier(self, kind: str = "", name: str = "") -> str:
        """Return the PayloadIdentifier of the profile, or of the part of it named by `kind`."""
        owner = ("user", self.user_part()) if self.user else ()
        own = tuple(part_of(part) for part in (kind, name) if part)
        return ".".join((self.organization, part_of(self.target), *owner, *own))

    def uuid(self, kind: str, name: str = "") -> str:
        """Return the PayloadUUID of a part; unique over targets, kinds, names and users."""
        return stable_uuid(self.organization, self.target, kind, name, self.user)

    def declaration(self, name: str) -> str:
        """Return the Identifier of a declaration, shortened to a UUID where it gets too long."""
        identifier = self.identifier("declaration", name)
        if len(identifier.encode()) <= DECLARATION_IDENTIFIER_OCTETS:
            return identifier
        return self.uuid("declaration", name)

    def server_token(self, content: bytes) -> str:
        """Return the ServerToken of the declaration `content`, RFC 8785 without a token."""
        return hashlib.sha256(content).hexdigest()[:SERVER_TOKEN_CHARACTERS]

    def main_file(self, suffix: str) -> PurePosixPath:
        """Return the path of the target's one profile or policy; `suffix` has its dot."""
        if self.user:
            return PurePosixPath(self.target, "users", self.user_file() + suffix)
        return PurePosixPath(self.target, self.target + suffix)

    def side_file(self, folder: str, name: str) -> PurePosixPath:
        """Return the path of one of several files of a kind.

        A user's files stand in TARGET/users/FOLDER/USER/: no user's file name can meet FOLDER
        there, since all of them end with a suffix.
        """
        if self.user:
            return PurePosixPath(self.target, "users", folder, self.user_file(), name)
        return PurePosixPath(self.target, folder, name)

    def user_file(self) -> str:
        """Return the name of the user's files, without a suffix."""
        return file_name(self.user)

    def user_part(self) -> str:
        """Return the part of identifiers that names the user."""
        return part_of(file_name(self.user))


def part_of(text: str) -> str:
    """Return `text` as part of an identifier; different texts never give the same part."""
    part = identifier_part(text)
    if part == text:
        return part
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{part}-{digest[:_DIGEST_CHARACTERS]}"
