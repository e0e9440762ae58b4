"""`profilegen build`: from a policy to a signed release."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.bad_rows import BadRowsError, bad_row_report
from profilegen.cli.build_job import (
    BuildOptions,
    make_job,
    open_people,
    tell_readable,
    workforce_of,
)
from profilegen.cli.build_options import (
    for_users,
    refuse_contradictions,
    refuse_without_files,
    refuse_without_users,
)
from profilegen.cli.build_output import Made, tell_made
from profilegen.cli.build_work import built_release
from profilegen.cli.configuration import config_option, configuration_of
from profilegen.cli.encryption import (
    UNSIGNED_WARNING,
    EncryptionOptions,
    encryption_options,
)
from profilegen.cli.identities import IdentityOptions, open_signer
from profilegen.cli.inputs import PolicyFile, read_policy
from profilegen.cli.options import identity_options, output_options, target_option
from profilegen.cli.output import note, warn
from profilegen.cli.packing import packing_options
from profilegen.cli.rotation import (
    Succession,
    line_of,
    rotate_option,
    succeed,
    tell_succession,
)
from profilegen.cli.users import UsersOptions, users_options
from profilegen.cli.workers import (
    Workers,
    tell_interrupted,
    telling_what_is_kept,
    workers_options,
)
from profilegen.inspection.configuration import Configuration
from profilegen.policy.targets import IosTarget
from profilegen.release.job import Job
from profilegen.release.refusals import refuse_impossible
from profilegen.release.resume.interrupted import Interrupted, interrupted_build
from profilegen.release.since.earlier import refuse_no_release
from profilegen.release.sinks.model import Packing
from profilegen.signing.time_stamp import request_time_stamp


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
@users_options
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
@encryption_options
@identity_options
@rotate_option
@packing_options
@workers_options
@config_option
@output_options
def build(  # noqa: PLR0913  (one parameter for each option of the command)
    policy_file: Path,
    *,
    output: Path,
    users: UsersOptions,
    target: str,
    templates: Path | None,
    unsigned: bool,
    timestamp: str | None,
    encrypt_for: tuple[Path, ...],
    cipher: str | None,
    allow_clear_secrets: bool,
    identity: str | None,
    certificates: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    rotate: bool,
    packing: Packing,
    workers: Workers,
    resume: bool,
    since: Path | None,
    config: Path | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Build a signed release from a policy.

    Every file is audited from its bytes and compared with the plan before it is signed. Without
    --identity a development identity in certs/ is made and used.
    """
    del quiet
    chosen = IdentityOptions(identity, certificates, passphrase_file, passphrase_env)
    refuse_contradictions(chosen, unsigned=unsigned, timestamp=timestamp, since=since)
    options = BuildOptions(
        output=output,
        users=users.source,
        templates=templates,
        target=target,
        encryption=EncryptionOptions(encrypt_for, cipher, allow_clear_secrets),
        identity=chosen,
        workers=workers,
        packing=packing,
        resume=resume,
        since=since,
    )
    idle = for_users(options)
    if users.source is None:
        refuse_without_users(idle)
    configuration = configuration_of(config)
    source = read_policy(policy_file)
    found = interrupted_build(output)
    job = _job(source, options, idle, found)
    people = None if users.source is None else open_people(source, users.source, job)
    refuse_impossible(job, output, has_users=people is not None)
    tell_readable(job)
    if job.encryption is not None and unsigned:
        warn(UNSIGNED_WARNING)
    succession = _succession(
        options, job, configuration, unsigned=unsigned, rotate=rotate, timestamp=timestamp
    )
    name = "" if users.source is None else users.source.shown_name
    begun = time.monotonic()
    with telling_what_is_kept(output), bad_row_report(users, name, output) as report:
        crew = workforce_of(source, options, job, succession.signer)
        going_on = replace(options, resume=resume and found is not None)
        built = built_release(job, going_on, succession.signer, people, crew, report)
    made = Made(output, built, succession, report.count, time.monotonic() - begun)
    if people is not None and people.passed_over():
        note(f"References to other servers that were not followed: {people.passed_over()}.")
    tell_made(made, own_templates=bool(job.templates.folder), output_format=output_format)
    if report.count:
        file = "" if users.bad_rows is None else str(users.bad_rows)
        raise BadRowsError(name, report.kept, count=report.count, report=file)


def _job(
    source: PolicyFile, options: BuildOptions, idle: tuple[str, ...], found: Interrupted | None
) -> Job:
    """Return what to build, and say what becomes of the interrupted build `found`, if there is one.

    `idle` are the options given that are for users' files. Raises what `make_job` does, and
    UsageError where these can do nothing.
    """
    job = make_job(source, options, _time(found if options.resume else None))
    refuse_without_files(idle, job)
    if options.since is not None:
        refuse_no_release(options.since)
    tell_interrupted(options.output, found, resume=options.resume, since=options.since)
    return job


def _succession(  # noqa: PLR0913  (the options that decide it)
    options: BuildOptions,
    job: Job,
    configuration: Configuration,
    *,
    unsigned: bool,
    rotate: bool,
    timestamp: str | None,
) -> Succession:
    """Open the identity, and tell people where it is another than the last release's."""
    rules = configuration.identity_rules
    asks = options.workers.crew is None
    signer = None if unsigned else open_signer(options.identity, at=job.at, rules=rules, asks=asks)
    line = line_of(job.policy.organization.identifier, options.output, configuration)
    found = succeed(line, signer, rotate=rotate)
    profiles = any(isinstance(plan.target, IosTarget) for plan in job.plans)
    tell_succession(found, line, options.output, profiles=profiles)
    if found.signer is None or timestamp is None:
        return found
    stamp = partial(request_time_stamp, url=timestamp)
    return replace(found, signer=replace(found.signer, stamp=stamp))


def _time(interrupted: Interrupted | None) -> datetime:
    """Return the time of the build: of one that goes on, the time when it began."""
    if interrupted is None or clock.is_set(os.environ):
        return clock.now(os.environ)
    return interrupted.created
