"""Make the artifacts of users; who cannot have any is refused, and the others are served."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from profilegen.errors import InputError
from profilegen.release.finishing import finisher
from profilegen.release.job import Job
from profilegen.release.personal import user_places
from profilegen.release.signed_files import Finished
from profilegen.release.sinks.model import Refused
from profilegen.release.splicing.filling import Files
from profilegen.release.splicing.splice import Spliced, splice_target
from profilegen.render.user import UserRow

IN_VAIN = 50
"""So many users at the beginning of a list are refused that nobody will be served: the job is at
fault. Other chunks ask nothing of the kind, or it would matter who works on which."""


class Maker:
    """Makes the artifacts of all personal targets of a job."""

    def __init__(self, job: Job) -> None:
        """Cut nothing yet."""
        self._warnings: list[str] = []
        warn = self._warnings.append
        self._targets = [
            _Target(plan.target.id, splice_target(job, plan, warn=warn), finisher(job, plan))
            for plan in job.plans
            if user_places(job.policy, plan)
        ]
        self._has_served = False
        self._in_vain: int | None = None
        """How many of a list were refused before anybody was served, None behind its beginning."""

    def begin(self, number: int) -> None:
        """Begin with the users of the chunk `number`."""
        self._in_vain = None if number else 0

    def artifacts(
        self, fields: tuple[str, ...], rows: Sequence[UserRow]
    ) -> tuple[list[Finished], list[Refused]]:
        """Return the artifacts of users who have values of `fields`, and who cannot have any.

        The users of each target come in their order. Raises InputError, with what is wrong with the
        last of them, when the first IN_VAIN of a list are refused; and what splicing raises where
        it is at fault itself.
        """
        try:
            found = [*self._of_all(fields, rows)], list[Refused]()
        except InputError:
            found = self._one_by_one(fields, rows)
        if found[0]:
            self._has_served, self._in_vain = True, None
        return found

    def finish(self) -> None:
        """Compare the files of the last user, where that is due; raises as `Spliced.finish`."""
        for target in self._targets:
            target.spliced.finish()

    def new_warnings(self) -> tuple[str, ...]:
        """Return what makes it slow and was not returned before; nothing before one is served."""
        if not self._has_served:
            return ()
        warnings, self._warnings[:] = tuple(self._warnings), []
        return warnings

    @property
    def readable(self) -> Mapping[str, tuple[str, ...]]:
        """Sentences on secrets that are readable in files, by target; see `Spliced`."""
        return {target.id: target.spliced.readable for target in self._targets}

    def _of_all(self, fields: tuple[str, ...], rows: Sequence[UserRow]) -> Iterator[Finished]:
        for target in self._targets:
            for row, files in zip(rows, target.files_of(fields, rows), strict=True):
                yield from target.finished(row[0], files)

    def _one_by_one(
        self, fields: tuple[str, ...], rows: Sequence[UserRow]
    ) -> tuple[list[Finished], list[Refused]]:
        made: list[Finished] = []
        refused: list[Refused] = []
        for row in rows:
            try:
                made += [*self._of_all(fields, [row])]
                self._in_vain = None
            except InputError as error:
                refused.append(Refused(row[0], error.message, error.hint))
                self._count_in_vain(error)
        return made, refused

    def _count_in_vain(self, error: InputError) -> None:
        if self._in_vain is not None:
            self._in_vain += 1
            if self._in_vain == IN_VAIN:
                raise error


@dataclass(frozen=True, slots=True)
class _Target:
    """A personal target at work: `finished` makes of its files what devices get."""

    id: str
    spliced: Spliced
    finished: Callable[[str, Files], list[Finished]]

    def files_of(self, fields: tuple[str, ...], rows: Sequence[UserRow]) -> list[Files]:
        """Return the files of users who have values of `fields` in this order."""
        needed = self.spliced.fields
        if needed != fields:
            places = (0, *(1 + fields.index(name) for name in needed))
            rows = [tuple([row[place] for place in places]) for row in rows]
        return self.spliced.files_of(rows)
