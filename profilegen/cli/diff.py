"""`profilegen diff`: what changes on a device between two files, folders or releases."""

from __future__ import annotations

from pathlib import Path

import click

from profilegen.audit.diff.compare import compare, compare_as_device
from profilegen.audit.diff.model import Fate
from profilegen.cli.devices import (
    device_key_of,
    device_key_options,
    management_of,
    management_options,
)
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.cli.rotation import rotate_option, tell_differences
from profilegen.errors import CheckError
from profilegen.inspection.comparing import Asked, Comparison, open_side
from profilegen.inspection.signers import signer_differences
from profilegen.report.diff_json import diff_document
from profilegen.report.diff_text import diff_text


class OpensError(CheckError):
    """NEW lets more through than OLD."""

    slug = "opens"


@click.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--as-device", is_flag=True, help="Compare the flows of all files as one device gets them."
)
@management_options
@device_key_options
@rotate_option
@output_options
def diff(  # noqa: PLR0913  (one parameter for each option of the command)
    old: Path,
    new: Path,
    *,
    as_device: bool,
    enrollment: str | None,
    mode: str | None,
    oldest: str | None,
    device_key: str | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    rotate: bool,
    output_format: str,
    quiet: bool,
) -> None:
    """Say what changes on a device when NEW takes the place of OLD.

    Both are files, folders or releases, of anyone, signed or not. How a release's devices are
    managed its manifest says. Exit code 1 if anything opens, or may open.
    """
    del quiet  # read by `note`
    key = device_key_of(device_key, passphrase_file, passphrase_env)
    asked = Asked(*management_of(enrollment, mode, oldest), key)
    before, after = (open_side(path, asked) for path in (old, new))
    for text in (*before.skipped, *after.skipped):
        note(f"Skipped {text}")
    judge = compare_as_device if as_device else compare
    difference = judge(before.versions, after.versions, asked.context)
    said = all(version.context for side in (before, after) for version in side.versions)
    assumed = {} if said and not as_device else asked.assumed
    comparison = Comparison(before, after, difference, assumed, rotate)
    if output_format == "json":
        emit_json(diff_document(comparison))
    else:
        emit(diff_text(comparison))
    tell_differences(signer_differences(difference), rotate=rotate)
    anew = difference.fates(Fate.RECREATED)
    if anew:
        warn(f"accounts that devices would remove and set up anew: {anew}")
    if difference.opens:
        message = f"flows that open or may open: {difference.opens}"
        raise OpensError(message, hint="Each stands above with the settings that decide it.")
