"""`profilegen diff`: what changes on a device between two files, folders or releases."""

from __future__ import annotations

from pathlib import Path

import click

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
from profilegen.inspection.comparing import compare_paths
from profilegen.inspection.sides import Asked
from profilegen.inspection.signers import signer_differences
from profilegen.inspection.unreadable import UnreadableSideError
from profilegen.report.diff_json import diff_document
from profilegen.report.diff_text import diff_text

_CROWDED = (
    "--as-device takes the files of several people for those of one device: what is open for one "
    "hides what opens for others"
)


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
    comparison = compare_paths(old, new, asked, as_device=as_device, rotation=rotate)
    difference = comparison.difference
    for text in (*comparison.old.skipped, *comparison.new.skipped):
        note(f"Skipped {text}")
    for path in comparison.crowded:
        warn(f"{path}: {_CROWDED}")
    if output_format == "json":
        emit_json(diff_document(comparison))
    else:
        emit(diff_text(comparison))
    tell_differences(signer_differences(difference), rotate=rotate)
    anew = difference.fates(Fate.RECREATED)
    if anew:
        warn(f"accounts that devices would remove and set up anew: {anew}")
    opens = _opens(difference.opens)
    if comparison.faults:
        raise UnreadableSideError((*comparison.faults, *opens))
    if opens:
        ((message, hint),) = opens
        raise OpensError(message, hint=hint)


def _opens(number: int) -> tuple[tuple[str, str], ...]:
    if not number:
        return ()
    hint = "Each stands above with the settings that decide it."
    return ((f"flows that open or may open: {number:,}", hint),)
