"""The options of `build` that say who does the work, and that an interrupted build goes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from click.core import ParameterSource

from profilegen.cli.core_files import forbid_core_files
from profilegen.cli.output import note
from profilegen.errors import UsageError
from profilegen.release.folder import ReleaseFault, read_file
from profilegen.release.manifest import MANIFEST, MANIFEST_SIGNATURE
from profilegen.release.manifest_reading import ManifestVersionError, read_manifest
from profilegen.release.resume.interrupted import Interrupted, interrupted_build
from profilegen.release.workers.cluster import SCHEME, Cluster
from profilegen.release.workers.interface import Crew
from profilegen.release.workers.processes import Processes

_P = ParamSpec("_P")
_R = TypeVar("_R")
_AUTO = frozenset({"auto", "0"})
_MOST = 512


@dataclass(frozen=True, slots=True)
class Workers:
    """Who serves users: this process where `crew` is None; see `Workforce`.

    `given` says that somebody asked for it.
    """

    crew: Crew | None = None
    may_be_far: bool = False
    given: bool = False


def workers_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `workers`, a Workers, `resume`, and `since`, a path or None."""
    options = [
        click.option(
            "--workers",
            metavar="N|dask://HOST:PORT",
            default="1",
            show_default=True,
            callback=_workers,
            help="Processes that make users' files (auto: one for each CPU), or a Dask cluster.",
        ),
        click.option(
            "--resume",
            is_flag=True,
            help="Go on with an interrupted build of the same release, if there is one.",
        ),
        click.option(
            "--since",
            type=click.Path(path_type=Path),
            metavar="RELEASE",
            help="Keep the signatures of this earlier release for files that did not change.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _workers(context: click.Context, option: click.Parameter, value: str) -> Workers:
    source = context.get_parameter_source(str(option.name))
    return replace(workers_of(value), given=source is not ParameterSource.DEFAULT)


def workers_of(text: str) -> Workers:
    """Return the workers that the value of --workers names; raises UsageError for none."""
    if text.startswith(SCHEME):
        return Workers(Cluster(_place(text.removeprefix(SCHEME))), may_be_far=True)
    if text in _AUTO:
        count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    else:
        count = int(text) if text.isascii() and text.isdecimal() else 0
    if not count or count > _MOST:
        message = f"--workers {text}: not a number from 1 to {_MOST}, auto or dask://HOST:PORT"
        raise UsageError(message, hint="Give as many as there are CPUs, or auto.")
    if count == 1:
        return Workers()
    return Workers(Processes(count, partial(begin_worker, Path.cwd())))


def _place(text: str) -> str:
    """Return HOST:PORT as it was given; raise UsageError for what is no such thing."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isascii() and port.isdecimal()) or set(text) & set("/@?# "):
        message = f"--workers {SCHEME}{text}: not of the form {SCHEME}HOST:PORT"
        raise UsageError(message, hint="Name the host and port of the Dask scheduler.")
    return text


def begin_worker(folder: Path) -> None:
    """Let a new process be as careful with its memory as the first one, in the same folder."""
    forbid_core_files()
    os.chdir(folder)


def tell_interrupted(
    output: Path, found: Interrupted | None, *, resume: bool, since: Path | None
) -> None:
    """Say what becomes of the interrupted build of `output` that was `found`, if any.

    A build that was killed when its release was in its place already left nothing: then a person
    is told of what release there is, and, unless signatures are kept by `since`, how to keep them.
    """
    if resume and found is None:
        created = _built_at(output)
        there = f"; the release there was built at {created}" if created else ""
        note(f"Nothing to resume: no build of {output} was interrupted{there}. It begins anew.")
        if created and since is None:
            note(
                f"If that release is the one you want, add --since {output} to sign no file twice."
            )
    if found is not None and found.users and not resume:
        note(
            f"An interrupted build of {output} had {found.users:,} users done; without --resume"
            " they are made again."
        )


def _built_at(folder: Path) -> str:
    """Return the time of the signed release in `folder`, as its manifest has it, "" for none."""
    try:
        read_file(folder, MANIFEST_SIGNATURE)
        return read_manifest(read_file(folder, MANIFEST)).created
    except (OSError, ValueError, ReleaseFault, ManifestVersionError):
        return ""


@contextmanager
def telling_what_is_kept(output: Path) -> Iterator[None]:
    """Say what is left when a person interrupts the block, if it can be gone on with."""
    try:
        yield
    except KeyboardInterrupt:
        found = interrupted_build(output)
        if found is not None and found.users:
            note(f"{found.users:,} users are done; --resume continues the build.")
        raise
