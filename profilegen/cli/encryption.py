"""The options of `build` that say who can read what a profile holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.errors import UsageError
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.release.encryption import Encryption, open_encryption
from profilegen.release.personal import profile_kinds
from profilegen.signing.encrypt import ContentCipher

_P = ParamSpec("_P")
_R = TypeVar("_R")
_CIPHER = ContentCipher.AES_128
UNSIGNED_WARNING = (
    "profiles are encrypted but not signed: whoever has a device's certificate can put other "
    "payloads in their place"
)


@dataclass(frozen=True, slots=True)
class EncryptionOptions:
    """The values of the options; nothing is encrypted where `paths` is empty."""

    paths: tuple[Path, ...]
    cipher: str | None
    allow_clear_secrets: bool


def encryption_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `encrypt_for`, `cipher` and `allow_clear_secrets`."""
    options = [
        click.option(
            "--encrypt-for",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="PATH",
            help=(
                "Encrypt profiles for the device certificates in a file or folder; repeatable. "
                "With --users a folder with a file for each user: ID.pem, .der, .cer or .crt."
            ),
        ),
        click.option(
            "--cipher",
            type=click.Choice([item.value for item in ContentCipher]),
            help=f"How payloads are encrypted; {_CIPHER} if not given.",
        ),
        click.option(
            "--allow-clear-secrets",
            is_flag=True,
            help="Build files with passwords that whoever has them can read.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def encryption_of(
    options: EncryptionOptions,
    policy: Policy,
    plans: tuple[TargetPlan, ...],
    *,
    at: datetime,
    has_users: bool,
) -> Encryption | None:
    """Return the encryption that the options ask for, None for none.

    Raises UsageError where there is nothing to encrypt, and what `open_encryption` does.
    """
    if not options.paths:
        if options.cipher is not None:
            message = "--cipher is for profiles that --encrypt-for encrypts"
            raise UsageError(message, hint="Add --encrypt-for PATH, or leave it out.")
        return None
    kinds = profile_kinds(policy, plans)
    if not kinds:
        message = "--encrypt-for: no target has a profile, and nothing else can be encrypted"
        raise UsageError(message, hint="Leave it out, or choose a target with platform: ios.")
    return open_encryption(
        options.paths,
        cipher=ContentCipher(options.cipher or _CIPHER),
        at=at,
        has_users=has_users,
        shared=False in kinds,
        personal=True in kinds,
    )
