"""How another process makes the same job: by the names of files and keys, never by what they hold.

Whatever it finds under a name has to be what the first process found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from profilegen.errors import InputError, SigningError, UsageError
from profilegen.plan.decide import make_plan
from profilegen.policy.load import load_policy
from profilegen.release.encryption import Encryption, open_encryption
from profilegen.release.inputs import input_files
from profilegen.release.job import Job
from profilegen.release.manifest import InputFile, SignerRecord, Source
from profilegen.release.material import read_material
from profilegen.release.sealing import Signer
from profilegen.render.environment import open_templates
from profilegen.secrets import Secret
from profilegen.signing.certificates import fingerprint
from profilegen.signing.encrypt import ContentCipher
from profilegen.signing.identity import open_identity
from profilegen.signing.passphrase import passphrase_in, passphrase_in_environment


@dataclass(frozen=True, slots=True)
class KeyName:
    """Where a signing key is and where its passphrase stands; `uri` is that of `--identity`.

    `record` tells which identity it must be.
    """

    uri: str = field(repr=False)
    certificates: Path | None
    passphrase_file: Path | None
    passphrase_env: str | None
    record: SignerRecord


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a job for users is made of.

    `content` are the bytes of the policy that was read from the file at `policy`; `targets` the ids
    of the targets in their order. `inputs` are the other files with the digests that they had.
    """

    policy: Path
    content: bytes = field(repr=False)
    targets: tuple[str, ...]
    at: datetime
    templates: Path | None = None
    encrypt_for: tuple[Path, ...] = ()
    cipher: ContentCipher | None = None
    allow_clear_secrets: bool = False
    inputs: tuple[InputFile, ...] = ()
    key: KeyName | None = None


class ChangedInputError(InputError):
    """A file is not any more what the build began with."""

    slug = "changed-input"

    def __init__(self, item: InputFile) -> None:
        """Name the file by its role and name."""
        super().__init__(
            f"{item.role} {item.name}: changed since the build began",
            hint="Leave the files alone while a release is built, and build again.",
        )


def open_job(recipe: Recipe, environment: Mapping[str, str]) -> Job:
    """Return the job of `recipe`; secrets of certificates come from `environment`.

    Raises what reading its files raises, and ChangedInputError for one that has changed.
    """
    policy = load_policy(str(recipe.policy), recipe.content)
    plan = make_plan(policy, today=recipe.at.date())
    plans = tuple(item for item in plan.targets if item.target.id in recipe.targets)
    material = read_material(policy, recipe.policy.parent, environment)
    found = input_files(policy, material, templates=recipe.templates)
    for item in set(recipe.inputs).symmetric_difference(found):
        raise ChangedInputError(item)
    return Job(
        source=Source(policy, recipe.policy.name, recipe.content, found),
        plans=plans,
        templates=open_templates(recipe.templates),
        material=material,
        at=recipe.at,
        encryption=_encryption(recipe),
        allow_clear_secrets=recipe.allow_clear_secrets,
    )


def open_signer_of(key: KeyName, environment: Mapping[str, str], *, at: datetime) -> Signer:
    """Return the signer that `key` names, opened in this process.

    Raises what `open_identity` does, and SigningError when it is another one than expected.
    """
    identity = open_identity(
        key.uri,
        passphrase=lambda: _passphrase(key, environment),
        certificates=key.certificates,
        at=at,
    )
    found = tuple(map(fingerprint, (identity.leaf, *identity.intermediates)))
    if found != (key.record.fingerprint, *key.record.chain):
        message = "a worker finds another identity under the same name than the build began with"
        raise SigningError(message, hint="Let all workers reach the same key and certificates.")
    return Signer(identity, key.record)


def nobody_to_ask() -> Secret:
    """Stand in for the passphrase that a person would have to type in. Raises UsageError."""
    message = "--workers: the key needs a passphrase or PIN, and workers have nobody to ask"
    raise UsageError(message, hint="Use --passphrase-file or --passphrase-env.")


def _passphrase(key: KeyName, environment: Mapping[str, str]) -> Secret:
    if key.passphrase_file is not None:
        return passphrase_in(key.passphrase_file)
    if key.passphrase_env is not None:
        return passphrase_in_environment(key.passphrase_env, environment)
    return nobody_to_ask()


def _encryption(recipe: Recipe) -> Encryption | None:
    if recipe.cipher is None:
        return None
    return open_encryption(
        recipe.encrypt_for,
        cipher=recipe.cipher,
        at=recipe.at,
        has_users=True,
        shared=False,  # the first process encrypts what all users share
        personal=True,
    )
