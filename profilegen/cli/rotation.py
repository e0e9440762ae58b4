"""The option `--rotate`, and what people are told when another identity signs than before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.audit.diff.versions import SignedBy
from profilegen.cli.output import note, warn
from profilegen.inspection.configuration import Configuration
from profilegen.inspection.signers import SignerDifference
from profilegen.release.line import (
    KnownFrom,
    Line,
    SignerChange,
    last_release,
    rotated_from,
    signed_by,
    signer_changes,
)
from profilegen.release.sealing import Signer
from profilegen.report.lines import counted

_P = ParamSpec("_P")
_R = TypeVar("_R")
_SHOWN = 16
_REFUSED = "devices refuse the update of a profile that was installed by hand, and take it over MDM"
_UNCHECKED = "no device checks it, those who verify may"
_ASK = "--rotate says that it is meant"


@dataclass(frozen=True, slots=True)
class Succession:
    """Who signs a release, in the place of whom, and whether that is meant."""

    signer: Signer | None
    changes: tuple[SignerChange, ...]
    meant: bool


def rotate_option(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `--rotate` as `rotate`."""
    return click.option(
        "--rotate",
        is_flag=True,
        help="Another identity signs than before, and that is meant: no warning.",
    )(function)


def line_of(identifier: str, folder: Path, configuration: Configuration) -> Line:
    """Return the release line `identifier` as the release in `folder` and the pins know it."""
    return Line(identifier, last_release(folder), configuration.pins.get(identifier, ""))


def succeed(line: Line, signer: Signer | None, *, rotate: bool) -> Succession:
    """Return who signs the next release of `line`; its manifest names whom it takes over from."""
    new = None if signer is None else signed_by(signer)
    changes = signer_changes(line, new)
    if rotate and signer is not None and new is not None:
        record = replace(signer.record, rotated_from=rotated_from(line, new))
        signer = replace(signer, record=record)
    return Succession(signer, changes, rotate)


def tell_succession(succession: Succession, line: Line, folder: Path, *, profiles: bool) -> None:
    """Warn of another signer than before, or note it where it is meant.

    `profiles` says that there are profiles among the files: only these do devices check.
    """
    tell = note if succession.meant else warn
    for change in succession.changes:
        said = _said(change, line, folder)
        same = _same_key(change.old, change.new)
        after = "" if succession.meant else f"; {_ASK}"
        tell(f"{said}{same}: {_REFUSED if profiles else _UNCHECKED}{after}")
    if not succession.meant:
        return
    if not succession.changes:
        known = line.pin or (line.last is not None and line.last.signer is not None)
        same = f"the same identity signed the last release in {folder}"
        nobody = f"{folder} holds no signed release, and nothing is pinned for {line.identifier}"
        note(f"--rotate changes nothing: {same if known else nobody}.")
    new = None if succession.signer is None else succession.signer.record.fingerprint
    if line.pin and new and new != line.pin:
        note(f'Pin the new identity in [signing.pins]: "{line.identifier}" = "{new}"')


def tell_differences(differences: Iterable[SignerDifference], *, rotate: bool) -> None:
    """Warn of files that another identity signed than before, or note them where that is meant."""
    found = tuple(differences)
    for item in found:
        if not item.is_known:
            files = counted(item.files, "file")
            warn(f"whether the same identity signed {files} cannot be said: no certificate in it")
            continue
        who = "nobody" if item.new is None else _name(item.new)
        said = (
            f"{who} signed {counted(item.files, 'file')} of NEW, {_name(item.old)} signed OLD"
            f"{_same_key(item.old, item.new)}: {_REFUSED if item.profiles else _UNCHECKED}"
        )
        if rotate:
            note(said)
        else:
            warn(f"{said}; {_ASK}")
    if rotate and not found:
        note("--rotate changes nothing: no file of NEW has another signer than in OLD.")


def changes_document(succession: Succession) -> Iterator[dict[str, object]]:
    """Yield each change as JSON values."""
    for change in succession.changes:
        yield {
            "known_from": change.known_from.value,
            "old": {"subject": change.old.name or None, "fingerprint": change.old.fingerprint},
            "same_key": None if change.new is None else change.old.has_key_of(change.new),
            "meant": succession.meant,
        }


def _said(change: SignerChange, line: Line, folder: Path) -> str:
    now = "nobody" if change.new is None else _name(change.new)
    if change.known_from is KnownFrom.RELEASE:
        return f"{now} signs this release, {_name(change.old)} signed the last one in {folder}"
    return f"{now} signs {line.identifier}, which is pinned to {_short(change.old)}"


def _name(signer: SignedBy) -> str:
    return f"{signer.name} ({_short(signer)})"


def _short(signer: SignedBy) -> str:
    return f"SHA-256 {signer.fingerprint[:_SHOWN]}..."


def _same_key(old: SignedBy, new: SignedBy | None) -> str:
    if new is None or not old.has_key_of(new):
        return ""
    return " (with the same key, but another certificate is another identity)"
