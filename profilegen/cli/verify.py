"""`profilegen verify`: signed files of anyone, and whole releases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.inputs import (
    STREAM,
    InputPath,
    input_name,
    read_bytes,
    read_input,
)
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, one_line, warn
from profilegen.cli.verify_options import trust_options, trusted_by
from profilegen.errors import InputError, UsageError, VerificationError
from profilegen.release.verify import is_release, verify_release
from profilegen.report.verification import Verification
from profilegen.report.verify_json import verifications_document
from profilegen.report.verify_text import verification_lines
from profilegen.signing.message import looks_signed
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport
from profilegen.signing.verification.steps import Verdict
from profilegen.signing.verification.trusted import Trusted

_SIGNATURE_SUFFIX = ".p7s"
_PROFILE_SUFFIX = ".mobileconfig"
_UNREADABLE = "unreadable"


class NotVerifiedError(VerificationError):
    """At least one of the paths does not verify."""

    slug = "not-verified"

    def __init__(self, results: tuple[Verification, ...]) -> None:
        """Keep the results that failed; there is at least one."""
        super().__init__(results[0].faults[0][0], hint=results[0].faults[0][1])
        self.results = results

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every fault of every path."""
        return tuple(fault for result in self.results for fault in result.faults)


class UnreadableError(InputError):
    """Some of the paths cannot be read, and nothing is wrong with the others."""

    slug = "unreadable"

    def __init__(self, results: tuple[Verification, ...]) -> None:
        """Keep the results that failed; there is at least one."""
        super().__init__(results[0].faults[0][0], hint=results[0].faults[0][1])
        self.results = results

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every fault of every path."""
        return tuple(fault for result in self.results for fault in result.faults)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=InputPath())
@trust_options
@click.option(
    "--content",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The file that a detached signature under another name belongs to.",
)
@output_options
def verify(
    paths: tuple[Path, ...],
    *,
    content: Path | None,
    output_format: str,
    quiet: bool,
    **given: object,
) -> None:
    """Verify signed files or whole releases, and say what came of each step.

    A release is a folder with release.json: its signature is verified, then every file that it
    names, and that nothing was added. A detached signature FILE.p7s is found beside FILE. `-` reads
    a signed file, or with --content a detached signature, from standard input.

    A result is "valid" when every step was checked; without --crl nobody asks whether a certificate
    was revoked, and the result says so. Exit code 5 when a step fails.
    """
    del quiet
    if content is not None and len(paths) > 1:
        message = "--content is for one signature"
        raise UsageError(message, hint="Verify the signatures one at a time.")
    # The real time: SOURCE_DATE_EPOCH is for reproducing a build, not for judging one.
    trusted = trusted_by(given, now=clock.now({}))
    results = tuple(_verify_path(path, content, trusted) for path in paths)
    if output_format == "json":
        trust = trusted.anchors.describe()
        emit_json(verifications_document(results, trust=trust, at=trusted.now))
    else:
        _print(results)
    failed = tuple(result for result in results if result.verdict is Verdict.INVALID)
    if any(result.kind != _UNREADABLE for result in failed):
        raise NotVerifiedError(failed)
    if failed:
        raise UnreadableError(failed)


def _verify_path(path: Path, content: Path | None, trusted: Trusted) -> Verification:
    try:
        if path == STREAM or not is_release(path):
            return _file(path, content, trusted)
        if content is not None:
            message = f"--content is for a detached signature, and {path} is a release"
            raise UsageError(message, hint="Leave --content out.")
        return _release(path, trusted)
    except InputError as error:
        return Verification(input_name(path), _UNREADABLE, Verdict.INVALID, faults=error.reports())


def _release(path: Path, trusted: Trusted) -> Verification:
    report = verify_release(path, trusted=trusted)
    signature = report.signature
    return Verification(
        path,
        "release",
        report.verdict,
        steps=(*(() if signature is None else signature.steps), *report.steps),
        signers=() if signature is None else signature.signers,
        warnings=() if signature is None else signature.warnings,
        faults=_with_hints([(fault.message, fault.hint) for fault in report.faults]),
    )


def _file(path: Path, content: Path | None, trusted: Trusted) -> Verification:
    if path != STREAM and path.is_dir():
        message = f"{path}: the folder is no release: it has no release.json"
        raise InputError(message, hint="Name a release, or the signed files themselves.")
    signature, signed = _parts(path, content)
    report = Judge(trusted).judge(
        read_input(signature), content=None if signed is None else read_bytes(signed)
    )
    name = input_name(path)
    return Verification(
        name,
        "file",
        report.verdict,
        steps=report.steps,
        signers=report.signers,
        warnings=(*report.warnings, *_detached_warnings(report, signed)),
        faults=_with_hints([(f"{name}: {fault.message}", fault.hint) for fault in report.faults]),
    )


def _with_hints(faults: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the faults with each hint said once, behind the last fault that it is for."""
    last = {hint: number for number, (_, hint) in enumerate(faults)}
    return tuple(
        (message, hint if last[hint] == number else "")
        for number, (message, hint) in enumerate(faults)
    )


def _parts(path: Path, content: Path | None) -> tuple[Path, Path | None]:
    """Return the file with the signature, and the one that it signs unless that is embedded."""
    if content is not None or path == STREAM:
        return path, content
    if path.suffix == _SIGNATURE_SUFFIX:
        signed = path.with_suffix("")
        return path, signed if signed.is_file() else None
    beside = path.with_name(f"{path.name}{_SIGNATURE_SUFFIX}")
    if beside.is_file() and not looks_signed(read_bytes(path)):
        return beside, path
    return path, None


def _detached_warnings(report: FileReport, signed: Path | None) -> tuple[str, ...]:
    detached = any(signer.detached for signer in report.signers)
    if detached and signed is not None and signed.suffix == _PROFILE_SUFFIX:
        return ("the signature is detached: devices need it embedded in the profile",)
    return ()


def _print(results: tuple[Verification, ...]) -> None:
    for result in results:
        for line in verification_lines(result):
            emit(one_line(line))
        # What devices may not like of a file is no matter once it does not hold.
        for warning in () if result.verdict is Verdict.INVALID else result.all_warnings:
            warn(f"{result.path}: {warning}")
