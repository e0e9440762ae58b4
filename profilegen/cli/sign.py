"""`profilegen sign`: put a signature into a profile, or beside any other file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.configuration import config_option, configuration_of
from profilegen.cli.identities import IdentityOptions, open_signer
from profilegen.cli.inputs import STREAM, InputPath
from profilegen.cli.options import identity_options, output_options
from profilegen.cli.output import emit, emit_bytes, emit_json, note, one_line
from profilegen.cli.progress import progress
from profilegen.cli.resigning import Signatory, plain_content, replaced_note, signatories_at
from profilegen.cli.sign_folder import Form, Skip
from profilegen.cli.sign_stream import refuse_stream, stream_task
from profilegen.cli.sign_tasks import Task, Work, plan_work
from profilegen.cli.sign_variables import refuse_placeholders
from profilegen.release.sealing import Signer
from profilegen.release.whole_files import replace_files
from profilegen.signing.cms import sign_detached, sign_embedded

SCHEMA = "profilegen.sign/1"
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class _Signed:
    """What came of one task; `replaced` made the signature that was in the file `where`."""

    task: Task
    content: bytes
    where: Path
    replaced: tuple[Signatory, ...]


@click.command()
@click.argument(
    "paths",
    metavar="FILE|FOLDER|-...",
    nargs=-1,
    required=True,
    type=InputPath(),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="File, or for several files and for a folder the folder, to write to.",
)
@click.option("--detached", is_flag=True, help="Sign beside the file, also for a profile.")
@click.option(
    "--allow-placeholders",
    is_flag=True,
    help="Sign profiles although an MDM service would fill in values and break the signature.",
)
@identity_options
@config_option
@output_options
def sign(  # noqa: PLR0913  (one parameter for each option of the command)
    paths: tuple[Path, ...],
    *,
    output: Path | None,
    detached: bool,
    allow_placeholders: bool,
    identity: str | None,
    certificates: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    config: Path | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Sign profiles and other files.

    A profile is signed inside its own CMS and written to NAME.signed.mobileconfig; any other file
    gets a detached signature NAME.p7s. A signature that is there already is replaced, and the
    output says whose it was.

    Of a folder, every profile and JSON file in it and below is signed, or none if one of them
    cannot be: the results lie beside the files, or with -o in another folder as these lie in
    theirs. `-` signs standard input to standard output, or to the file of -o.
    """
    del quiet
    at = clock.now(os.environ)
    rules = configuration_of(config).identity_rules
    options = IdentityOptions(identity, certificates, passphrase_file, passphrase_env)
    if STREAM in paths:
        refuse_stream(paths, output, output_format)
        task = stream_task(output, detached=detached)
        refuse_placeholders(() if allow_placeholders else (task,))
        signer = open_signer(options, at=at, rules=rules)
        _sign_stream(task, output, signer, at, output_format)
        return
    work = plan_work(paths, output, detached=detached)
    refuse_placeholders(() if allow_placeholders else work.tasks)
    signer = open_signer(options, at=at, rules=rules)
    _report(work, _sign_files(work.tasks, signer, at), signer, output_format)


def _sign_files(tasks: Sequence[Task], signer: Signer, at: datetime) -> list[_Signed]:
    """Sign and write every file, or none."""
    done: list[_Signed] = []

    def signed() -> Iterator[tuple[Path, bytes]]:
        with progress("files") as tell:
            for task in tasks:
                one = _sign(task, signer, at)
                done.append(one)
                tell(len(done))
                yield task.place, one.content

    replace_files(signed())
    return done


def _sign_stream(
    task: Task, output: Path | None, signer: Signer, at: datetime, output_format: str
) -> None:
    if output is not None:
        work = Work((task,), ())
        _report(work, _sign_files(work.tasks, signer, at), signer, output_format)
        return
    signed = _sign(task, signer, at)
    _tell_replaced([signed])
    what = "signed" if task.form is Form.EMBEDDED else "detached signature"
    emit_bytes(signed.content)
    note(f"{task.source}: {what} by {signer.record.subject}")


def _sign(task: Task, signer: Signer, at: datetime) -> _Signed:
    if task.form is Form.DETACHED:
        signature = sign_detached(task.content, signer.identity, signed_at=at)
        return _Signed(task, signature, task.place, _standing_at(task.place))
    plain, before = plain_content(str(task.source), task.content)
    signed = sign_embedded(plain, signer.identity, signed_at=at)
    if before:
        return _Signed(task, signed, task.source, before)
    return _Signed(task, signed, task.place, _standing_at(task.place))


def _standing_at(place: Path) -> tuple[Signatory, ...]:
    return () if place == STREAM else signatories_at(place)


def _report(work: Work, signed: Sequence[_Signed], signer: Signer, output_format: str) -> None:
    _tell_replaced(signed)
    record = signer.record
    if output_format == "json":
        emit_json(
            {
                "schema": SCHEMA,
                "signer": {"subject": record.subject, "fingerprint": record.fingerprint},
                "files": [_document(one) for one in signed],
                "skipped": [
                    {"file": str(path), "reason": str(reason)} for path, reason in work.skipped
                ],
            }
        )
        return
    for one in signed:
        emit(one_line(f"{one.task.place}: signed by {record.subject}"))
    _tell_skipped(work)


def _document(signed: _Signed) -> dict[str, object]:
    replaced: list[dict[str, object]] = [
        {"subject": one.subject, "fingerprint": one.fingerprint} for one in signed.replaced
    ]
    return {
        "file": str(signed.task.source),
        "signed": str(signed.task.place),
        "replaced": replaced[0] | {"others": replaced[1:]} if replaced else None,
    }


def _tell_replaced(signed: Sequence[_Signed]) -> None:
    for one in signed:
        if one.replaced:
            note(one_line(f"{one.where}: {replaced_note(one.replaced)}"))


def _tell_skipped(work: Work) -> None:
    for reason in Skip:
        paths = [path for path, why in work.skipped if why is reason]
        if paths:
            count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
            names = ", ".join(map(str, paths[:_SHOWN_NAMES]))
            more = ", ..." if len(paths) > _SHOWN_NAMES else ""
            note(one_line(f"{count} not signed ({reason}): {names}{more}"))
