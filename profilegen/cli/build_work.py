"""The work of `profilegen build`, while it shows how far it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from profilegen.cli.build_job import BuildOptions
from profilegen.cli.fleet_output import size_on_disk
from profilegen.cli.output import warn
from profilegen.cli.progress import progress
from profilegen.release.build import Built, build_release
from profilegen.release.fleet import Fleet, Workforce
from profilegen.release.job import Job
from profilegen.release.sealing import Signer
from profilegen.release.sinks.model import Refused
from profilegen.release.sources.bad_rows import BadRowReport
from profilegen.release.sources.model import BadRow
from profilegen.release.sources.open import OpenUsers


def built_release(  # noqa: PLR0913, PLR0917 (what to build, for whom, and by whom)
    job: Job,
    options: BuildOptions,
    signer: Signer | None,
    people: OpenUsers | None,
    workforce: Workforce,
    report: BadRowReport,
) -> Built:
    """Build the release of `job` for `people`, if there are any; `report` gets the bad rows.

    Raises what `build_release` does.
    """
    fleet = None
    if people is not None:
        rows = report.watch(people.rows)
        fleet = Fleet(
            people.fields,
            rows,
            people.input,
            workforce,
            options.since,
            warn,
            refuse=partial(_refused, people, report),
        )
    with progress(
        "users",
        expected=lambda: _expected(report, people),
        failures=lambda: _bad_rows(report.count),
    ) as tell:
        built = build_release(
            job,
            options.output,
            signer=signer,
            fleet=fleet,
            packing=options.packing,
            resume=options.resume,
            tell=lambda tally: tell(tally.users),
        )
    return replace(built, size=size_on_disk(built, options.output, options.packing))


def _refused(people: OpenUsers, report: BadRowReport, refused: Refused) -> BadRow | None:
    """Report a user whom nothing can be made for; return the row where it is to be kept."""
    row = BadRow(people.row_of(refused.user), refused.reason)
    return row if report.add(row) else None


def _expected(report: BadRowReport, people: OpenUsers | None) -> float:
    """Return how many users there will be, if the rest of the list is like the rows read so far.

    Rows are read long before their users are done.
    """
    share = 0.0 if people is None else people.share()
    return report.good / share if share else 0.0


def _bad_rows(count: int) -> str:
    if count == 1:
        return "1 bad row"
    return f"{count:,} bad rows" if count else ""
