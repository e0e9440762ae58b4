"""`profilegen build`: from a policy to a signed release."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.identities import IdentityOptions, open_signer
from profilegen.cli.inputs import PolicyFile, chosen_targets, read_bytes, read_policy
from profilegen.cli.options import identity_options, output_options, target_option
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.cli.progress import progress
from profilegen.errors import CheckError, UsageError
from profilegen.plan.decide import make_plan
from profilegen.plan.model import TargetPlan
from profilegen.plan.notes import secret_notes
from profilegen.policy.filled import faults_of
from profilegen.release.build import (
    Built,
    Job,
    build_release,
    refuse_impossible,
    user_fields,
)
from profilegen.release.manifest import Source
from profilegen.release.material import read_material
from profilegen.release.sealing import Signer
from profilegen.release.users import BadRow, read_users
from profilegen.render.environment import TemplateSet, open_templates, refuse_unused
from profilegen.render.user import User
from profilegen.signing.time_stamp import request_time_stamp

SCHEMA = "profilegen.build/1"


class BadRowsError(CheckError):
    """Some rows of the list of users are bad; everybody else's artifacts were built."""

    slug = "users"

    def __init__(self, name: str, rows: tuple[BadRow, ...]) -> None:
        """Keep the rows of the file `name`; there is at least one."""
        count = "1 row was" if len(rows) == 1 else f"{len(rows)} rows were"
        super().__init__(
            f"{name}: {count} left out",
            hint="Correct what is wrong and build again; the release holds all other users.",
        )
        self.lines = tuple(f"{name}: row {row.row}: {row.message}" for row in rows)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each row and one that says what to do."""
        return (*((line, "") for line in self.lines), (self.message, self.hint))


@dataclass(frozen=True, slots=True)
class _Options:
    """Where the release goes and what it is made with."""

    output: Path
    users: Path | None
    templates: Path | None
    target: str


@click.command()
@click.argument("policy_file", metavar="POLICY", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("dist"),
    show_default=True,
    metavar="DIR",
    help="Folder of the release; an earlier release there is replaced.",
)
@click.option(
    "--users",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="One artifact per user and target, from the rows of a CSV file.",
)
@target_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Own templates; they may add payloads, never change a decision.",
)
@click.option("--unsigned", is_flag=True, help="Write a release that nobody has signed.")
@click.option(
    "--timestamp",
    metavar="URL",
    help="Authority (RFC 3161) that states when the release was signed.",
)
@identity_options
@output_options
def build(  # noqa: PLR0913  (one parameter for each option of the command)
    policy_file: Path,
    *,
    output: Path,
    users: Path | None,
    target: str,
    templates: Path | None,
    unsigned: bool,
    timestamp: str | None,
    identity: str | None,
    certificates: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Build a signed release from a policy.

    Every file is audited from its bytes and compared with the plan before it is signed. Without
    --identity a development identity in certs/ is made and used.
    """
    del quiet
    chosen = IdentityOptions(identity, certificates, passphrase_file, passphrase_env)
    if unsigned and chosen.given:
        message = f"--unsigned and {chosen.given[0]} exclude each other"
        raise UsageError(message, hint="Leave one of them out.")
    if unsigned and timestamp is not None:
        message = "--unsigned and --timestamp exclude each other"
        raise UsageError(message, hint="Leave one of them out.")
    at = clock.now(os.environ)
    options = _Options(output, users, templates, target)
    source = read_policy(policy_file)
    job = _job(source, options, at)
    people = None if users is None else _people(source, users, job.plans)
    refuse_impossible(job, output, has_users=people is not None)
    signer = None if unsigned else open_signer(chosen, at=at)
    if signer is not None and timestamp is not None:
        signer = replace(signer, stamp=partial(request_time_stamp, url=timestamp))
    with progress("users") as tell:
        built = build_release(job, output, signer=signer, users=people, progress=tell)
    if output_format == "json":
        emit_json(_document(output, built, signer))
    else:
        emit(_text(output, built, signer))
    if built.bad_rows:
        raise BadRowsError(str(users), built.bad_rows)


def _job(source: PolicyFile, options: _Options, at: datetime) -> Job:
    plan = make_plan(source.policy, today=at.date())
    plans = chosen_targets(plan, options.target)
    secrets = (note for item in plans for note in secret_notes(source.policy, item.target))
    for warning in (*plan.warnings, *secrets):
        warn(warning)
    return Job(
        source=Source(source.policy, source.name, source.content),
        plans=plans,
        templates=_templates(options.templates),
        material=read_material(source.policy, source.folder, os.environ),
        at=at,
    )


def _templates(folder: Path | None) -> TemplateSet:
    templates = open_templates(folder)
    if folder is not None:
        refuse_unused(folder)
    return templates


def _people(
    source: PolicyFile, path: Path, plans: tuple[TargetPlan, ...]
) -> Iterator[User | BadRow]:
    """Return the users in the file at `path`, with every field that the plans need."""
    policy = source.policy
    fields = user_fields(policy, plans)
    if not fields:
        note("No account of these targets has a user field: the same files serve all users.")
    served = {account.id: account for plan in plans for account in policy.accounts_of(plan.target)}
    return read_users(
        str(path),
        read_bytes(path),
        fields=fields,
        faults_of=lambda values: faults_of(served.values(), values),
    )


def _document(output: Path, built: Built, signer: Signer | None) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "release": str(output),
        "files": dict(sorted(built.files.items())),
        "users": built.users,
        "bad_rows": [{"row": row.row, "message": row.message} for row in built.bad_rows],
        "signer": None
        if signer is None
        else {"subject": signer.record.subject, "fingerprint": signer.record.fingerprint},
    }


def _text(output: Path, built: Built, signer: Signer | None) -> str:
    kinds = (
        ("profile", "profile", "profiles"),
        ("android-policy", "Android policy", "Android policies"),
        ("declaration", "declaration", "declarations"),
        ("app-configuration", "app configuration", "app configurations"),
    )
    counts = ", ".join(
        _counted(built.files[kind], one, many) for kind, one, many in kinds if built.files.get(kind)
    )
    people = f" for {_counted(built.users, 'user', 'users')}" if built.users else ""
    signed = "not signed" if signer is None else f"signed by {signer.record.subject}"
    return f"{output}: {counts}{people}, {signed}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
