"""What can be said against a build before any key is touched, and of a list that holds nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from profilegen.errors import InputError, UsageError
from profilegen.policy.fields import FieldPlace
from profilegen.release.cleanness import refuse_planned_secrets
from profilegen.release.job import Job
from profilegen.release.personal import user_places
from profilegen.release.sinks.model import Refused
from profilegen.release.sources.model import BadRow
from profilegen.release.staging import refuse_foreign_folder
from profilegen.release.variables import refuse_encrypted_variables
from profilegen.release.verify import added_files, is_release


class MissingFieldsError(InputError):
    """The policy needs user fields and nothing supplies them."""

    slug = "user-fields"

    def __init__(self, places: Sequence[FieldPlace]) -> None:
        """Name every place that needs a field; there is at least one."""
        names = ", ".join(dict.fromkeys(place.field for place in places))
        where = "; ".join(dict.fromkeys(map(str, places)))
        super().__init__(
            f"nothing supplies the user fields that the policy needs: {names} ({where})",
            hint="Name a list of users: --users FILE.csv with a column for each field.",
        )
        self.places = tuple(places)


class NoUsersError(InputError):
    """The list of users holds nobody to build for: a release of nothing replaces no other."""

    slug = "no-users"

    def __init__(self, bad_rows: tuple[BadRow, ...]) -> None:
        """Keep the rows that are wrong; there may be none at all."""
        what = "no row is right" if bad_rows else "it has no rows"
        super().__init__(
            f"nobody to build for in the list of users: {what}; the release stays as it was",
            hint="Correct the list of users and build again.",
        )
        self.bad_rows = bad_rows

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each row and one that says what to do."""
        lines = ((f"row {row.row}: {row.message}", "") for row in self.bad_rows)
        return (*lines, (self.message, self.hint))


class NobodyServedError(InputError):
    """Nothing can be made for anybody in the list of users."""

    slug = "refused"

    def __init__(self, first: Refused) -> None:
        """Say what stands against the first of them: it is likely the same for all."""
        super().__init__(first.reason, hint=first.hint)


def refuse_impossible(job: Job, folder: Path, *, has_users: bool) -> None:
    """Raise what can be said of a build before any key is touched.

    MissingFieldsError when a target needs user fields and there are no users; ClearSecretsError
    when the policy has secrets that anybody could read; UsageError when there is no profile to
    encrypt or a service has to fill it in, and when `folder` holds something that may not be
    replaced.
    """
    places = [place for plan in job.plans for place in user_places(job.policy, plan)]
    if places and not has_users:
        raise MissingFieldsError(places)
    if job.encryption is not None:
        refuse_encrypted_variables(job.policy, job.plans)
    refuse_planned_secrets(job.policy, job.plans, job.secret_rule)
    refuse_foreign_folder(folder)
    added = added_files(folder) if is_release(folder) else ()
    if added:
        message = f"{folder}: holds {added[0]}, which is no file of the release there"
        raise UsageError(message, hint="Move it away: the whole folder will be replaced.")
