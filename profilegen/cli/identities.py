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
from profilegen.release.sealing import Signer
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.description import describe
from profilegen.signing.development import (
    ensure_development_identity,
    open_development_identity,
)
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.identity_rules import (
    IdentityRules,
    refuse_broken_rules,
    refuse_development,
)

DEVELOPMENT_FOLDER = Path("certs")


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


def open_signer(options: IdentityOptions, *, at: datetime, rules: IdentityRules) -> Signer:
    """Return the signer that the options name, for signatures made at `at`.

    Without --identity it is the development identity in certs/, made now if there is none, with a
    warning that devices will not trust it. Raises UsageError when another option is given without
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
            passphrase=passphrase_source(options.passphrase_file, options.passphrase_env),
            certificates=options.certificates,
            at=at,
        )
    refuse_broken_rules(identity, rules, at=at)
    if options.identity is not None:
        for warning in describe(identity, at=at, soon_days=rules.warn_days).warnings:
            warn(warning)
    return Signer(identity, record_of(identity))


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
