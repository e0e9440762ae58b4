"""Options of `build` that exclude each other, or can do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from profilegen.cli.build_job import BuildOptions
from profilegen.cli.identities import IdentityOptions
from profilegen.errors import UsageError
from profilegen.release.job import Job
from profilegen.release.personal import user_places
from profilegen.signing.time_stamp import check_url


def refuse_contradictions(
    identity: IdentityOptions, *, unsigned: bool, timestamp: str | None, since: Path | None
) -> None:
    """Raise UsageError for what no build can be, and for a URL of --timestamp that is none."""
    if unsigned and identity.given:
        message = f"--unsigned and {identity.given[0]} exclude each other"
        raise UsageError(message, hint="Leave one of them out.")
    given = {"--timestamp": timestamp is not None, "--since": since is not None}
    for option in (name for name, is_given in given.items() if unsigned and is_given):
        message = f"--unsigned and {option} exclude each other"
        raise UsageError(message, hint="Leave one of them out.")
    if timestamp is not None:
        check_url(timestamp)


def for_users(options: BuildOptions) -> tuple[str, ...]:
    """Return which of the `options` given are for users' files only."""
    given: Mapping[str, bool] = {
        "--archive": options.packing.archive is not None,
        "--workers": options.workers.given,
        "--resume": options.resume,
        "--since": options.since is not None,
    }
    return tuple(name for name, is_given in given.items() if is_given)


def refuse_without_users(options: tuple[str, ...]) -> None:
    """Raise UsageError when there are `options` for users' files; there is no list of users."""
    for option in options:
        message = f"{option} is for users' files, and there is no list of users"
        raise UsageError(message, hint=f"Name one with --users, or leave {option} out.")


def refuse_without_files(options: tuple[str, ...], job: Job) -> None:
    """Raise UsageError when there are `options` for users' files, and no target has any."""
    if any(user_places(job.policy, plan) for plan in job.plans):
        return
    for option in options:
        message = f"{option} is for users' files, and these targets have none"
        hint = (
            f"Leave {option} out, or put user fields into the policy: a target with `variables` "
            "has the same files for all, which its service fills in."
        )
        raise UsageError(message, hint=hint)
