"""`profilegen diff`: what changes on a device between two files, folders or releases."""

from __future__ import annotations

from pathlib import Path

import click

from profilegen.audit.diff.compare import compare, compare_as_device
from profilegen.audit.diff.model import Fate
from profilegen.audit.model import NEWEST_MACOS, Context
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.cli.audit_options import device_key_of, device_key_options
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.errors import CheckError
from profilegen.inspection.comparing import Asked, Comparison, open_side
from profilegen.report.diff_json import diff_document
from profilegen.report.diff_text import diff_text
from profilegen.versions import Version, parse_version

_ENROLLMENT = Enrollment.DEVICE
_MODE = Mode.WORK_PROFILE


class OpensError(CheckError):
    """NEW lets more through than OLD."""

    slug = "opens"


def _version(ctx: click.Context, param: click.Parameter, value: str | None) -> Version | None:
    try:
        return None if value is None else parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--as-device", is_flag=True, help="Compare the flows of all files as one device gets them."
)
@click.option(
    "--enrollment",
    type=click.Choice([item.value for item in Enrollment]),
    help=f"How Apple devices are managed; {_ENROLLMENT} if not given and no release says it.",
)
@click.option(
    "--mode",
    type=click.Choice([item.value for item in Mode]),
    help=f"How Android devices are managed; {_MODE} if not given and no release says it.",
)
@click.option(
    "--os",
    "oldest",
    callback=_version,
    metavar="V",
    help="Oldest OS version in use; the newest known if not given and no release says it.",
)
@device_key_options
@output_options
def diff(  # noqa: PLR0913  (one parameter for each option of the command)
    old: Path,
    new: Path,
    *,
    as_device: bool,
    enrollment: str | None,
    mode: str | None,
    oldest: Version | None,
    device_key: str | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Say what changes on a device when NEW takes the place of OLD.

    Both are files, folders or releases, of anyone, signed or not. Exit code 1 if anything opens,
    or may open.
    """
    del quiet  # read by `note`
    key = device_key_of(device_key, passphrase_file, passphrase_env)
    asked = Asked(*_management(enrollment, mode, oldest), key)
    before, after = (open_side(path, asked) for path in (old, new))
    for text in (*before.skipped, *after.skipped):
        note(f"Skipped {text}")
    judge = compare_as_device if as_device else compare
    difference = judge(before.versions, after.versions, asked.context)
    said = all(version.context for side in (before, after) for version in side.versions)
    assumed = {} if said and not as_device else asked.assumed
    comparison = Comparison(before, after, difference, assumed)
    if output_format == "json":
        emit_json(diff_document(comparison))
    else:
        emit(diff_text(comparison))
    anew = difference.fates(Fate.RECREATED)
    if anew:
        warn(f"accounts that devices would remove and set up anew: {anew}")
    if difference.opens:
        message = f"flows that open or may open: {difference.opens}"
        raise OpensError(message, hint="Each stands above with the settings that decide it.")


def _management(
    enrollment: str | None, mode: str | None, oldest: Version | None
) -> tuple[Context, dict[str, str]]:
    """Return how devices are managed, and what of it was not given."""
    context = Context(
        Enrollment(enrollment or _ENROLLMENT),
        Mode(mode or _MODE),
        oldest or newest_version(Platform.IOS),
        oldest or newest_version(Platform.ANDROID),
        oldest or NEWEST_MACOS,
    )
    given = {"--enrollment": enrollment, "--mode": mode, "--os": oldest}
    taken = {
        "--enrollment": context.enrollment,
        "--mode": context.mode,
        "--os": f"iOS {context.ios}, Android {context.android}, macOS {context.macos}",
    }
    return context, {option: taken[option] for option, value in given.items() if value is None}
