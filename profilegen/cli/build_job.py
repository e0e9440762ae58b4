"""From the options of `build` to the job, the people that it is for, and who does the work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from profilegen.cli.encryption import EncryptionOptions, encryption_of
from profilegen.cli.identities import IdentityOptions, key_name
from profilegen.cli.inputs import PolicyFile, chosen_targets
from profilegen.cli.output import note, warn
from profilegen.cli.users import standard_input
from profilegen.cli.workers import Workers
from profilegen.plan.decide import make_plan
from profilegen.plan.notes import readable_secrets
from profilegen.plan.variables import places_of, service_of
from profilegen.policy.filled import fault_finder
from profilegen.release.fleet import Workforce
from profilegen.release.inputs import input_files
from profilegen.release.job import Job
from profilegen.release.manifest import Source
from profilegen.release.material import read_material
from profilegen.release.personal import user_fields, user_places
from profilegen.release.recipe import Recipe
from profilegen.release.sealing import Signer
from profilegen.release.sinks.model import Packing
from profilegen.release.sources.open import OpenUsers, open_users
from profilegen.release.sources.source import UserSource
from profilegen.render.environment import TemplateSet, open_templates, refuse_unused
from profilegen.render.user import UserRow

_READABLE = "stands readable in the profile: keep the release as you keep the secret"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Where the release goes and what it is made with."""

    output: Path
    users: UserSource | None
    templates: Path | None
    target: str
    encryption: EncryptionOptions
    identity: IdentityOptions
    workers: Workers
    packing: Packing
    resume: bool
    since: Path | None

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Return what a statement tells of the options: names of files, not where they lie."""
        chosen = self.encryption
        values = {
            "users": "" if self.users is None else self.users.short_name,
            "templates": "" if self.templates is None else self.templates.name,
            "encrypt-for": ", ".join(path.name for path in chosen.paths),
            "cipher": chosen.cipher or "",
            "allow-clear-secrets": "true" if chosen.allow_clear_secrets else "",
            "archive": self.packing.archive or "",
            "compress": "true" if self.packing.compressed else "",
        }
        return tuple((name, value) for name, value in values.items() if value)


def make_job(source: PolicyFile, options: BuildOptions, at: datetime) -> Job:
    """Return what to build of `source` at the time `at` (UTC); warn of what the plan says.

    Raises what reading its files raises, and UsageError for options that do not fit the policy.
    """
    plan = make_plan(source.policy, today=at.date())
    plans = chosen_targets(plan, options.target)
    for warning in plan.warnings:
        warn(warning)
    chosen = options.encryption
    has_users = options.users is not None
    templates = _templates(options.templates)
    material = read_material(source.policy, source.folder, os.environ)
    inputs = input_files(source.policy, material, templates=options.templates)
    return Job(
        source=Source(source.policy, source.name, source.content, inputs, options.named),
        plans=plans,
        templates=templates,
        material=material,
        at=at,
        encryption=encryption_of(chosen, source.policy, plans, at=at, has_users=has_users),
        allow_clear_secrets=chosen.allow_clear_secrets,
    )


def tell_readable(job: Job) -> None:
    """Warn of the secrets that the policy puts into profiles in the clear, which is allowed here.

    What an engineer's own templates put there, the files will tell.
    """
    if job.encryption is not None or job.templates.folder:
        return
    for plan in job.plans:
        for secret in readable_secrets(job.policy, plan.target):
            warn(f"{secret} {_READABLE}")


def _templates(folder: Path | None) -> TemplateSet:
    templates = open_templates(folder)
    if folder is not None:
        refuse_unused(folder)
    return templates


def open_people(source: PolicyFile, users: UserSource, job: Job) -> OpenUsers:
    """Return the users that `users` lists, with all that the job needs of each."""
    policy, plans = source.policy, job.plans
    fields = user_fields(policy, plans)
    _tell_unneeded(users, job)
    served = {
        account.id: account
        for plan in plans
        if user_places(policy, plan)
        for account in policy.accounts_of(plan.target)
    }
    faults_of = fault_finder(served.values(), [item.name for item in fields])

    def all_faults(row: UserRow) -> tuple[str, ...]:
        faults = faults_of(row[1:])
        return faults if job.encryption is None else (*faults, *_device_faults(job, row[0]))

    people = open_users(users, fields, faults_of=all_faults, standard_input=standard_input)
    for doubt in people.doubts:
        warn(doubt)
    return people


def _tell_unneeded(users: UserSource, job: Job) -> None:
    """Say which targets take nothing of a list of users, since a service fills their fields in."""
    filled = {
        service.name: ", ".join(
            plan.target.id for plan in job.plans if service_of(plan.target) == service
        )
        for plan in job.plans
        if (service := service_of(plan.target)) is not None and places_of(job.policy, plan.target)
    }
    if any(user_places(job.policy, plan) for plan in job.plans):
        for name, targets in filled.items():
            note(f"Not from the list: {name} fills in the user fields of {targets}.")
        return
    why = "; ".join(f"{name} fills in those of {targets}" for name, targets in filled.items())
    warn(
        f"--users {users.name}: no file of these targets takes a user field from a list"
        f"{f' ({why})' if why else ''}: the same files serve all users"
    )


def _device_faults(job: Job, user: str) -> Iterator[str]:
    """Yield why the profile of `user` cannot be encrypted."""
    fault = "" if job.encryption is None else job.encryption.fault_of(user)
    if fault:
        yield fault


def workforce_of(
    source: PolicyFile, options: BuildOptions, job: Job, signer: Signer | None
) -> Workforce:
    """Return who serves users, and how other processes find all that it takes."""
    if options.workers.crew is None:
        return Workforce()
    encryption = options.encryption
    recipe = Recipe(
        policy=source.folder.absolute() / source.name,
        content=source.content,
        targets=tuple(plan.target.id for plan in job.plans),
        at=job.at,
        templates=None if options.templates is None else options.templates.absolute(),
        encrypt_for=tuple(path.absolute() for path in encryption.paths),
        cipher=None if job.encryption is None else job.encryption.cipher,
        allow_clear_secrets=encryption.allow_clear_secrets,
        inputs=job.source.inputs,
        key=None if signer is None else key_name(options.identity, signer),
    )
    return Workforce(options.workers.crew, recipe, options.workers.may_be_far)
