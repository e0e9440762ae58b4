"""The files of each user of a personal target: spliced where that is proven, else in full."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence

from profilegen.errors import ProfilegenError
from profilegen.plan.model import TargetPlan
from profilegen.release.job import Job
from profilegen.release.personal import user_fields
from profilegen.release.proven import proven, rendered
from profilegen.release.splicing.cutting import Uncuttable
from profilegen.release.splicing.escaping import refuse_unescaped
from profilegen.release.splicing.filling import Files
from profilegen.release.splicing.learning import Learned, Learner, as_files, difference, learn
from profilegen.release.splicing.shapes import Shape, shapes_of
from profilegen.render.user import User, UserRow

LEARN_AFTER = 50
"""Users of one shape that are rendered in full before it pays to cut; cutting costs about as much.

So a short list is served as ever, and shapes that few users have cost nothing more.
"""
SAMPLE_EVERY = 10_000
"""Of so many spliced users one, chosen at random, is rendered in full and compared."""
_MOST_SHAPES = 64


class SplicedFilesError(ProfilegenError):
    """Spliced files are not what full rendering gives: a bug, so nothing may be published."""

    def __init__(self, target: str, user: str, where: str) -> None:
        """Say whose files differ, and `where`."""
        message = f"target {target}: the files of user {user!a} are not those of full rendering"
        hint = (
            "This is a bug in profilegen: nothing was published. Please report it with the policy."
        )
        super().__init__(f"{message}: {where}", hint=hint)


class Spliced:
    """A personal target, ready to give the files of one user after the other.

    `fields` are the names of those whose values it needs, in their order. `readable` has sentences
    on secrets that stand readable in the files of the first user that has some, which is allowed.
    """

    def __init__(
        self, learner: Learner, *, warn: Callable[[str], None], after: int, every: int
    ) -> None:
        """Cut after `after` users of a shape, and compare one of `every` spliced users."""
        self.readable: tuple[str, ...] = ()
        self._learner = learner
        self.fields = tuple(item.name for item in learner.fields)
        self._shapes = learner.shapes
        self._warn = warn
        self._warned = False
        self._after = after
        self._every = every
        self._waiting: Counter[Shape] = Counter()
        self._learned: dict[Shape, Learned | None] = {}
        self._until_sample = self._gap()
        self._since_compared = every
        self._last: tuple[UserRow, Files] | None = None

    def files(self, user: User) -> Files:
        """Return the files of `user`, as devices get them but for encryption and signature.

        Raises what `proven` does where the user is rendered in full, and SplicedFilesError.
        """
        try:
            row = (user.id, *[user.values[name] for name in self.fields])
        except KeyError:  # rendering says which field is missing
            return self._in_full(user)
        return self.files_of([row])[0]

    def files_of(self, rows: Sequence[UserRow]) -> list[Files]:
        """Return the files of several users in their order; otherwise as `files`."""
        shapes = self._shapes.of_rows(rows)
        found = self._spliced(shapes, rows)
        self._sample(rows, found)
        return [
            self._in_full(self._user(row)) if files is None else files
            for row, files in zip(rows, found, strict=True)
        ]

    def finish(self) -> None:
        """Compare the files of the last user that was spliced. Raises SplicedFilesError.

        To be called after each part of a list: not every call compares, but the first one does, and
        any after which no sample of the last SAMPLE_EVERY users would have been compared.
        """
        if self._last is not None and self._since_compared >= self._every:
            self._compare(*self._last)

    def _spliced(self, shapes: Sequence[Shape], rows: Sequence[UserRow]) -> Sequence[Files | None]:
        """Return the files of users whose shape is known, None for those whose are not cut."""
        if shapes.count(shapes[0]) == len(shapes):
            return self._of_shape(shapes[0], rows)
        found: list[Files | None] = [None] * len(rows)
        for kind in dict.fromkeys(shapes):
            places = [place for place, shape in enumerate(shapes) if shape == kind]
            served = self._of_shape(kind, [rows[place] for place in places])
            for place, files in zip(places, served, strict=True):
                found[place] = files
        return found

    def _of_shape(self, shape: Shape, rows: Sequence[UserRow]) -> Sequence[Files | None]:
        learned = self._learned.get(shape)
        if learned is None:
            learned = None if shape in self._learned else self._learn(shape, len(rows))
        # Whose secrets stand readable in a file is said of the first of them, from its own files.
        if learned is None or (learned.readable and not self.readable):
            return [None] * len(rows)
        return learned.files_of(rows)

    def _learn(self, shape: Shape, count: int) -> Learned | None:
        """Return how users of a new `shape` are served, who are `count` more; None while few."""
        self._waiting[shape] += count
        if self._waiting[shape] <= self._after or len(self._learned) >= _MOST_SHAPES:
            return None
        try:
            learned = self._learned[shape] = learn(self._learner, shape)
        except Uncuttable as reason:
            self._learned[shape] = None
            self._say_slow(str(reason))
            return None
        return learned

    def _sample(self, rows: Sequence[UserRow], found: Sequence[Files | None]) -> None:
        """Compare one of the spliced users, where it is time."""
        pairs = [(row, files) for row, files in zip(rows, found, strict=True) if files is not None]
        if not pairs:
            return
        self._last = pairs[-1]
        self._since_compared += len(pairs)
        self._until_sample -= len(pairs)
        if self._until_sample <= 0:
            self._until_sample = self._gap()
            self._compare(*secrets.choice(pairs))

    def _say_slow(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            target = self._learner.plan.target.id
            what = "each user's files are rendered and audited in full, which takes much longer"
            self._warn(f"target {target}: {what}: {reason}")

    def _in_full(self, user: User) -> Files:
        made = proven(self._learner.job, self._learner.plan, user)
        self.readable = self.readable or made.readable
        return as_files(made.artifacts)

    def _compare(self, row: UserRow, served: Files) -> None:
        plan, user = self._learner.plan, self._user(row)
        self._since_compared = 0
        where = difference(served, as_files(rendered(self._learner.job, plan, user)))
        if where:
            raise SplicedFilesError(plan.target.id, user.id, where)

    def _user(self, row: UserRow) -> User:
        return User(row[0], dict(zip(self.fields, row[1:], strict=True)))

    def _gap(self) -> int:
        """Return after how many users the next one is compared: `every` on average."""
        return 1 + secrets.randbelow(2 * self._every - 1)


def splice_target(
    job: Job,
    plan: TargetPlan,
    *,
    warn: Callable[[str], None],
    after: int = LEARN_AFTER,
    every: int = SAMPLE_EVERY,
) -> Spliced:
    """Return a personal target of `job` that serves users of its list one by one.

    `warn` is told, once, why users cannot be served from cut files. Raises UnescapedValueError for
    own templates that let a value change the structure of a file.
    """
    fields = user_fields(job.policy, job.plans)
    accounts = job.policy.accounts_of(plan.target)
    shapes = shapes_of(accounts, [item.name for item in fields])
    learner = Learner(job, plan, fields, shapes)
    if job.templates.folder:
        refuse_unescaped(learner)
    return Spliced(learner, warn=warn, after=after, every=every)
