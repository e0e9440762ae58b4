"""Encrypt the profiles of a release for devices, each user's for the devices of that user.

Apple's form (Configuring multiple devices using profiles): PayloadContent, as a property list whose
top level is an array, becomes the CMS in EncryptedPayloadContent. What stands beside it, such as
the names and identifiers of the profile, stays readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from cryptography import x509

from profilegen.audit.document import SEALED
from profilegen.errors import SigningError, UsageError
from profilegen.plist import PlistDict, PlistValue, dump_plist, load_plist
from profilegen.signing.certificates import fingerprint, printable
from profilegen.signing.encrypt import ContentCipher, distinct, encrypt_payloads
from profilegen.signing.recipients import SUFFIXES, certificate_files, read_recipients


@dataclass(frozen=True, slots=True)
class Encryption:
    """For which devices profiles are encrypted, and how.

    `everybody` are the recipients of profiles that all users share. `folders` have the files of
    single users, by their names. Certificates must be in force at `at`.
    """

    cipher: ContentCipher
    everybody: tuple[x509.Certificate, ...]
    folders: tuple[tuple[Path, frozenset[str]], ...]
    at: datetime

    def recipients_of(self, user: str) -> tuple[x509.Certificate, ...]:
        """Return whom to encrypt for; `user` is an id, "" for what all users share.

        Raises SigningError when nothing is there for them or it cannot be used.
        """
        if not user:
            return self.everybody
        # Looked up among names that were read, so that no id becomes a path, and `Anna` is not
        # taken for `anna` where the file system does so.
        files = [
            folder / name
            for folder, names in self.folders
            for name in (user + suffix for suffix in SUFFIXES)
            if name in names
        ]
        if not files:
            where = ", ".join(str(folder) for folder, _ in self.folders)
            known = " or ".join((", ".join(SUFFIXES[:-1]), SUFFIXES[-1]))
            message = f"{where}: no device certificate of user '{printable(user)}' ({known})"
            raise SigningError(message, hint="Put a file with the id of the user as name there.")
        return distinct(cert for file in files for cert in read_recipients(file, at=self.at))

    def fault_of(self, user: str) -> str:
        """Return why nothing can be encrypted for `user`, "" when it can or need not be."""
        if not self.folders:
            return ""
        try:
            self.recipients_of(user)
        except SigningError as error:
            return error.message
        return ""


def open_encryption(  # noqa: PLR0913  (whose devices, and all that decides it)
    paths: Sequence[Path],
    *,
    cipher: ContentCipher,
    at: datetime,
    has_users: bool,
    shared: bool,
    personal: bool,
) -> Encryption:
    """Return the encryption for the devices whose certificates are at `paths`.

    `has_users` says that there is a list of users: then only folders will do, with files that are
    named by user. `shared` says that some profile is for everybody, so that all certificates are
    read, `personal` that some are for single users.
    Raises UsageError for a file where a folder is needed, SigningError for what cannot be read or
    used.
    """
    folders: list[tuple[Path, frozenset[str]]] = []
    for path in paths if has_users else ():
        if path.is_file():
            message = f"--encrypt-for {path}: not a folder: everybody in the file could read the "
            message += "profiles of all users"
            hint = "Name a folder with a file for each user: ID.pem, of one or more devices."
            raise UsageError(message, hint=hint)
        if personal:
            folders.append((path, certificate_files(path)))
    everybody: tuple[x509.Certificate, ...] = ()
    if shared:
        everybody = distinct(c for path in paths for c in read_recipients(path, at=at))
    return Encryption(cipher, everybody, tuple(folders), at)


def encrypted_profile(
    content: bytes, recipients: Iterable[x509.Certificate], *, cipher: ContentCipher
) -> bytes:
    """Return the profile `content`, an XML property list, with its payloads encrypted.

    Raises what `encrypt_payloads` does.
    """
    profile = cast("PlistDict", load_plist(content))
    payloads = cast("Sequence[PlistValue]", profile["PayloadContent"])
    sealed = encrypt_payloads(dump_plist(payloads), recipients, cipher=cipher)
    clear = {key: value for key, value in profile.items() if key != "PayloadContent"}
    return dump_plist({**clear, "IsEncrypted": True, SEALED: sealed})


def fingerprints(recipients: Iterable[x509.Certificate]) -> tuple[str, ...]:
    """Return the SHA-256 fingerprints of `recipients` in the order that a manifest has them."""
    return tuple(sorted(fingerprint(certificate) for certificate in recipients))
