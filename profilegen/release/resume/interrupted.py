"""Go on with a build that was interrupted, if it was a build of the same."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from profilegen import __version__
from profilegen.catalogue.load import revision
from profilegen.errors import ProfilegenError, UsageError
from profilegen.inspection.user_index import INDEX_NAME, USERS_FOLDER
from profilegen.release.job import Job
from profilegen.release.manifest import sha256
from profilegen.release.resume.journal import JOURNAL_FOLDER, Journal
from profilegen.release.sealing import Signer
from profilegen.release.set_aside import where_is
from profilegen.release.sinks.chunk import CHUNKS_FOLDER
from profilegen.release.sinks.model import Packing
from profilegen.release.staging import stage_of, staged
from profilegen.release.whole_files import failures_of

_CREATED = "time of the build"
_BUG = 70
_DIGEST = re.compile(r"[0-9a-fA-F:]{40,}")
_TOLD = 12
"""Characters of a digest that are told."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A build that did not end: when it began (UTC), and how many users it had done."""

    created: datetime
    users: int


class ResumeError(UsageError):
    """What an interrupted build left is not of the build that should go on with it."""

    slug = "resume"

    def __init__(self, what: str) -> None:
        """Say `what` differs."""
        super().__init__(
            f"--resume: {what}", hint="Build with what it had, or anew without --resume."
        )


def interrupted_build(folder: Path) -> Interrupted | None:
    """Return the build for the place of `folder` that was interrupted, None if there is none."""
    journal = _journal_left(folder)
    try:
        created = datetime.fromisoformat((journal.job() or {})[_CREATED])
    except (KeyError, ValueError):
        return None
    return Interrupted(created, journal.users_done())


def facts_of(job: Job, signer: Signer | None, packing: Packing, *, since: str) -> Mapping[str, str]:
    """Return what decides the bytes of users' files, besides the users, by what people call it.

    `since` is the SHA-256 of the manifest of a release whose signatures are kept, "" for none.
    """
    source = job.source
    chain = () if signer is None else (signer.record.fingerprint, *signer.record.chain)
    encryption = job.encryption
    return {
        _CREATED: job.at.isoformat(),
        "version of profilegen": __version__,
        "catalogue": revision(),
        "policy": sha256(source.content),
        **{f"{item.role} {item.name}": item.sha256 for item in source.inputs},
        "targets": " ".join(plan.target.id for plan in job.plans),
        "identity": " ".join(chain),
        "--since": since,
        "--archive": packing.suffix,
        "--encrypt-for": ""
        if encryption is None
        else " ".join(str(folder) for folder, _ in encryption.folders),
        "--cipher": "" if encryption is None else encryption.cipher,
        "--allow-clear-secrets": str(job.allow_clear_secrets),
    }


@contextmanager
def resumable(folder: Path, facts: Mapping[str, str], *, resume: bool) -> Iterator[Path]:
    """Give the stage of a release for the place of `folder`, as `staged` does, with a journal.

    With `resume` it holds the users' files of an interrupted build of the same `facts`. When the
    block raises, it is kept if users are done, unless the error is a bug: then a hint says so.
    Raises ResumeError when the interrupted build was another one, and what `staged` does.
    """
    journal = Journal(stage_of(folder))
    found = _journal_left(folder).job() if resume else None
    is_ours = False

    def is_worth_keeping(error: BaseException) -> bool:
        is_bug = isinstance(error, Exception) and getattr(error, "exit_code", _BUG) == _BUG
        return not is_bug and journal.users_done() > 0

    private = (JOURNAL_FOLDER, CHUNKS_FOLDER)
    try:
        with staged(
            folder, resume=found is not None, keep=is_worth_keeping, private=private
        ) as stage:
            is_ours = True
            if found is not None:
                _refuse_difference(found, facts)
                with failures_of(folder):
                    _keep_users_only(stage)
            journal.start(facts)
            yield stage
    except ProfilegenError as error:
        users = journal.users_done() if is_ours else 0
        if users and not isinstance(error, ResumeError):
            error.hint = f"{error.hint} {_counted(users)} done; --resume continues.".lstrip()
        raise


def refuse_shorter_list(stage: Path, chunks: int) -> None:
    """Raise ResumeError when the interrupted build had begun more than the first `chunks`."""
    if any(number >= chunks for number in Journal(stage).numbers()):
        message = "the list of users is shorter than that of the interrupted build"
        raise ResumeError(message)


def _journal_left(folder: Path) -> Journal:
    """Return the journal of a build that was interrupted, even in the moment of publishing."""
    stage = stage_of(folder)
    return Journal(where_is(stage, JOURNAL_FOLDER))


def _refuse_difference(found: Mapping[str, str], facts: Mapping[str, str]) -> None:
    for name in (*facts, *found):
        before, now = found.get(name), facts.get(name)
        if before != now:
            values = f"{_shown(before)}, and this one has {_shown(now)}"
            message = f"the interrupted build had another {name}: {values}"
            raise ResumeError(message)


def _shown(value: str | None) -> str:
    """Return a fact for people: of digests and fingerprints the beginning, by which they differ."""
    words = [
        f"{word[:_TOLD]}…" if _DIGEST.fullmatch(word) else word for word in (value or "").split()
    ]
    return " ".join(words) or "none"


def _keep_users_only(stage: Path) -> None:
    """Remove all but users' files: what all users share is quickly made again."""
    for entry in stage.iterdir():
        if entry.name in {JOURNAL_FOLDER, CHUNKS_FOLDER}:
            continue
        if (entry / USERS_FOLDER).is_dir() and not entry.is_symlink():
            for inner in entry.iterdir():
                if inner.name != USERS_FOLDER:
                    _remove(inner)
            (entry / USERS_FOLDER / INDEX_NAME).unlink(missing_ok=True)
        else:
            _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _counted(users: int) -> str:
    return "1 user is" if users == 1 else f"{users:,} users are"
