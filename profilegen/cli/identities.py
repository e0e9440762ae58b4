"""Open the identity that the options name, or the development identity of the current folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from profilegen import clock
from profilegen.cli.options import passphrase_source
from profilegen.cli.output import note, warn
from profilegen.errors import UsageError
from profilegen.release.manifest import SignerRecord
from profilegen.release.recipe import KeyName, nobody_to_ask
from profilegen.release.sealing import Signer
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.description import describe
from profilegen.signing.development import (
    development_uri,
    ensure_development_identity,
    open_development_identity,
)
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.identity_rules import (
    IdentityRules,
    refuse_broken_rules,
    refuse_development,
)
from profilegen.signing.keys.interface import Passphrase

DEVELOPMENT_FOLDER = Path("certs")
_FILES = frozenset({"pem", "p12"})


@dataclass(frozen=True, slots=True)
class IdentityOptions:
    """The values of the identity options."""

    identity: str | None
    certificates: Path | None
    passphrase_file: Path | None
    passphrase_env: str | None

    @property
    def given(self) -> tuple[str, ...]:
        """Return the names of the options that have a value."""
        values = {
            "--identity": self.identity,
            "--certificates": self.certificates,
            "--passphrase-file": self.passphrase_file,
            "--passphrase-env": self.passphrase_env,
        }
        return tuple(name for name, value in values.items() if value is not None)


def open_signer(
    options: IdentityOptions, *, at: datetime, rules: IdentityRules, asks: bool = True
) -> Signer:
    """Return the signer that the options name, for signatures made at `at`.

    Without --identity it is the development identity in certs/, made now if there is none, with a
    warning that devices will not trust it. Unless `asks`, nobody is asked for a passphrase, since
    worker processes cannot ask either. Raises UsageError when another option is given without
    --identity, since nobody who names a passphrase means the development identity, and
    IdentityRulesError for an identity that breaks one of `rules`.
    """
    if options.identity is None and options.given:
        message = f"{options.given[0]} is for a key that --identity names"
        raise UsageError(message, hint="Add --identity URI, or leave it out.")
    if options.identity is None:
        refuse_development(rules)
        identity = _development(at)
    else:
        identity = open_identity(
            options.identity,
            passphrase=_passphrase(options, asks=asks),
            certificates=options.certificates,
            at=at,
        )
    refuse_broken_rules(identity, rules, at=at)
    if options.identity is not None:
        for warning in describe(identity, at=at, soon_days=rules.warn_days).warnings:
            warn(warning)
    return Signer(identity, record_of(identity))


def _passphrase(options: IdentityOptions, *, asks: bool) -> Passphrase:
    file, variable = options.passphrase_file, options.passphrase_env
    if file is None and variable is None and not asks:
        return nobody_to_ask
    return passphrase_source(file, variable)


def key_name(options: IdentityOptions, signer: Signer) -> KeyName:
    """Return how another process finds the key of `signer`, which `options` name.

    Names of files are absolute, as the other process may have another current folder.
    """
    uri = options.identity or development_uri(DEVELOPMENT_FOLDER)
    scheme, colon, place = uri.partition(":")
    if scheme in _FILES:
        place = ",".join(str(Path(name).absolute()) for name in place.split(",") if name)
    return KeyName(
        scheme + colon + place,
        _absolute(options.certificates),
        _absolute(options.passphrase_file),
        options.passphrase_env,
        signer.record,
    )


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def record_of(identity: Identity) -> SignerRecord:
    """Return how a manifest names `identity`."""
    return SignerRecord(
        subject=full_name(identity.leaf.subject),
        fingerprint=identity.fingerprint,
        not_after=identity.leaf.not_valid_after_utc,
        chain=tuple(fingerprint(certificate) for certificate in identity.intermediates),
    )


def _development(at: datetime) -> Identity:
    made = ensure_development_identity(DEVELOPMENT_FOLDER, now=clock.now({}))
    if made:
        note(f"Made a development identity in {DEVELOPMENT_FOLDER}/.")
    warn("signing with the development identity: devices will not trust it")
    return open_development_identity(DEVELOPMENT_FOLDER, at=at)
