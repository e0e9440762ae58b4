"""Make the cut files of one target and shape of users, and show that they equal full rendering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from profilegen.errors import InputError
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import UserField
from profilegen.release.job import Job
from profilegen.release.proven import Proven, proven, rendered
from profilegen.release.splicing.adversaries import adversaries
from profilegen.release.splicing.cutting import CutTarget, Uncuttable, cut_artifacts
from profilegen.release.splicing.filling import (
    Files,
    Fill,
    RenderedFile,
    derived,
    filler,
)
from profilegen.release.splicing.guard import Guard
from profilegen.release.splicing.markers import Marked, marked
from profilegen.release.splicing.noticing import Observer
from profilegen.release.splicing.shapes import Shape, Shapes
from profilegen.render.artifact import Artifact
from profilegen.render.text import is_line
from profilegen.render.user import User, UserRow

# Of unlike lengths: what depends on the length of a value differs between the two.
_SIZE, _OTHER_SIZE = 12, 17
_AUDITED = 4


@dataclass(frozen=True, slots=True)
class Learner:
    """Knows a personal target, and what finds the shapes of its users."""

    job: Job
    plan: TargetPlan
    fields: tuple[UserField, ...]
    shapes: Shapes

    def marked(self, shape: Shape, *, size: int = _SIZE) -> Marked:
        """Return a new marker user of `shape`."""
        return marked(
            self.fields,
            shape,
            organization=self.job.policy.organization.identifier,
            target=self.plan.target.id,
            size=size,
        )

    def watched(self, one: Marked) -> tuple[Job, Observer]:
        """Return the job with templates that are watched at work on the marker user `one`."""
        observer = Observer(one.marks.slots)
        templates = replace(self.job.templates, shown=observer.shown)
        return replace(self.job, templates=templates), observer


@dataclass(frozen=True, slots=True)
class Learned:
    """How users of one shape are served: `guard` says which of them, `fill` gives their files.

    `readable` has sentences on the secrets that stand readable in the files, which is allowed.
    """

    guard: Guard
    fill: Fill
    readable: tuple[str, ...]

    def files_of(self, rows: Sequence[UserRow]) -> Sequence[Files | None]:
        """Return the files of each user, None for one who has to be rendered in full."""
        own = derived(rows)
        fit = is_line("".join(chain.from_iterable(rows)))
        if fit and self.guard.lets_through(rows, own.files):
            return self.fill(rows, own)
        if len(rows) == 1:
            return (None,)
        return [files for row in rows for files in self.files_of([row])]


def learn(learner: Learner, shape: Shape) -> Learned:
    """Return how users of `shape` are served.

    Raises Uncuttable where they have to be rendered in full, each.
    """
    one, other = learner.marked(shape), learner.marked(shape, size=_OTHER_SIZE)
    values = tuple(one.user.values.values())
    if learner.shapes.of(values) != shape:
        message = "values of the user equal texts of another account"
        raise Uncuttable(message)
    made, target = _cut(learner, one, other)
    names = tuple(item.name for item in learner.fields)
    fill = filler(
        target.files,
        names,
        organization=learner.job.policy.organization.identifier,
        target=learner.plan.target.id,
    )
    guard = Guard(names, target)
    learned = Learned(guard, fill, made.readable)
    # What an audit thinks of the built-in templates' values is known; it takes most of the time.
    step = 1 if learner.job.templates.folder else _AUDITED
    for number, user in enumerate(adversaries(learner.fields, shape, learner.shapes)):
        _refuse_unlike(learner, learned, user, audited=number % step == 0)
    return learned


def as_files(artifacts: Iterable[Artifact]) -> tuple[RenderedFile, ...]:
    """Return artifacts in the form of spliced files."""
    return tuple(RenderedFile(item.kind, str(item.path), item.content) for item in artifacts)


def difference(one: Sequence[RenderedFile], other: Sequence[RenderedFile]) -> str:
    """Return where two lists of files differ, "" where they are equal."""
    if len(one) != len(other):
        return f"{len(one)} files instead of {len(other)}"
    for mine, theirs in zip(one, other, strict=True):
        if mine[:2] != theirs[:2]:
            return f"{mine.path} instead of {theirs.path}"
        if mine.content != theirs.content:
            pairs = enumerate(zip(mine.content, theirs.content, strict=False))
            shorter = min(len(mine.content), len(theirs.content))
            return f"{mine.path} at byte {next((i for i, (a, b) in pairs if a != b), shorter)}"
    return ""


def _cut(learner: Learner, one: Marked, other: Marked) -> tuple[Proven, CutTarget]:
    """Return the files of the marker user `one`, and cut; `other` must give the same pieces."""
    job, observer = learner.watched(one)
    try:
        made = proven(job, learner.plan, one.user, names=one.names)
        also = rendered(learner.job, learner.plan, other.user, names=other.names)
    except InputError as error:
        message = f"markers in the place of values are refused: {error.message}"
        raise Uncuttable(message) from error
    if observer.heard:
        raise Uncuttable(next(iter(observer.heard)))
    target = cut_artifacts(made.artifacts, one)
    if cut_artifacts(also, other) != target:
        message = "a template does more with a user's value than to write it"
        raise Uncuttable(message)
    return made, target


def _refuse_unlike(learner: Learner, learned: Learned, user: User, *, audited: bool) -> None:
    """Raise Uncuttable unless splicing serves `user` as full rendering does."""
    values = tuple(user.values[item.name] for item in learner.fields)
    (files,) = learned.files_of([(user.id, *values)])
    if files is None:
        return
    try:
        full = (
            proven(learner.job, learner.plan, user).artifacts
            if audited
            else rendered(learner.job, learner.plan, user)
        )
    except InputError as error:
        message = f"what files may hold depends on a user's value: {error.message}"
        raise Uncuttable(message) from error
    where = difference(files, as_files(full))
    if where:
        message = f"a template does more with a user's value than to write it ({where})"
        raise Uncuttable(message)
