"""People in a comparison, in words: who came and went, and whose files differ alike."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.diff.model import Difference, FileDifference
from profilegen.audit.diff.people import People
from profilegen.report.lines import limited

_NAMED = 2
_SHOWN = 5


def name_of(file: FileDifference) -> str:
    """Return the name of a file that differs, or of those of several people."""
    personal = file.personal
    is_pair = file.old and file.new and file.old != file.new
    if personal is not None and len(personal.users) > 1:
        users = limited(personal.users, _NAMED)
        return f"{personal.target}/users of {people_count(len(personal.users))} ({users})"
    if personal is not None and is_pair:
        return f"{personal.target}/users of {personal.users[0]}"
    if is_pair:
        return f"{file.old} => {file.new}"
    return file.new or file.old


def people_lines(difference: Difference) -> Iterator[str]:
    """Yield who was removed, added and changed, the first of each by name.

    Of those who were added it is told whom they are compared with.
    """
    people = difference.people
    if people is None:
        return
    for mark, users, said in (
        ("-", people.removed, "removed: only in OLD, which opens nothing"),
        ("+", people.added, f"added: only in NEW{_standing(difference)}"),
        ("~", people.changed, "changed: in both, with files that differ"),
    ):
        if users:
            yield f"  {mark} {people_count(len(users))} {said}"
            yield f"      {limited(users, _SHOWN)}"
    if people.strangers:
        yield (
            f"  ! Nobody is in both who has files for {limited(people.strangers, _SHOWN)}: who was "
            f"added is compared with who was removed, but for what is each person's own."
        )


def _standing(difference: Difference) -> str:
    """Return for how many people who were added flows move, "" for none."""
    users = {
        user
        for file in difference.files
        if file.stand_in and file.movements and file.personal and file.personal.moved
        for user in file.personal.users
    }
    if not users:
        return ""
    return f"; flows move for {len(users):,} of them, compared with other people in OLD"


def people_summary(people: People | None) -> str:
    """Return how many people were removed, added and changed, "" where none were."""
    if people is None or not (people.removed or people.added or people.changed):
        return ""
    return (
        f"{people_count(len(people.removed))} removed, {len(people.added):,} added, "
        f"{len(people.changed):,} changed"
    )


def people_count(number: int) -> str:
    """Return a number of people: `1 person`, `2 people`."""
    return f"{number:,} {'person' if number == 1 else 'people'}"
