"""`profilegen audit`: what is wrong in anyone's profiles and policies, and what they leave open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from profilegen.audit.document import DocumentError
from profilegen.catalogue.rules import rules
from profilegen.cli.audit_options import (
    AuditOptions,
    audit_options,
    fail_level,
    question_of,
)
from profilegen.cli.configuration import configuration_of
from profilegen.cli.devices import device_key_of, device_key_options
from profilegen.cli.inputs import STREAM, STREAM_NAME, read_stream
from profilegen.cli.options import quiet_option
from profilegen.cli.output import emit, emit_json, emit_parts
from profilegen.cli.progress import progress
from profilegen.errors import CheckError, InputError, UsageError
from profilegen.findings import Severity
from profilegen.inspection.archived_documents import open_documents
from profilegen.inspection.audit_table import unknown_rule
from profilegen.inspection.files import each_source
from profilegen.inspection.inspect import Question, inspect_device, inspect_files
from profilegen.inspection.model import Inspection
from profilegen.inspection.opening import Opened, open_bytes
from profilegen.inspection.releases import Releases
from profilegen.report.audit_flows import flow_lines, flow_rows
from profilegen.report.audit_json import audit_json
from profilegen.report.audit_text import audit_text
from profilegen.report.rule_text import rule_text, rules_document, rules_text
from profilegen.report.sarif import sarif_document
from profilegen.signing.decrypt import DeviceKey

_EVERY_RULE = "all"
_FAILING = {
    Severity.ERROR: " that are errors",
    Severity.WARNING: " that are errors or warnings",
    Severity.NOTE: "",
}
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


class _UnreadableFilesError(DocumentError):
    """Several of the named files are no documents."""

    def __init__(self, errors: Sequence[InputError]) -> None:
        super().__init__(f"{len(errors)} files cannot be read")
        self._errors = tuple(errors)

    def reports(self) -> tuple[tuple[str, str], ...]:
        return tuple(report for error in self._errors for report in error.reports())


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
)
@click.option("--as-device", is_flag=True, help="Also judge all files as one device gets them.")
@audit_options
@device_key_options
@click.option("--explain", metavar="CODE", help="Explain a rule, or list `all`, and stop.")
@click.option("--flows", "all_flows", is_flag=True, help="Each flow with what decides it.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How results are printed.",
)
@quiet_option
def audit(  # noqa: PLR0913  (one parameter for each option of the command)
    files: tuple[Path, ...],
    *,
    as_device: bool,
    enrollment: str | None,
    mode: str | None,
    oldest: str | None,
    ignored: tuple[str, ...],
    only: tuple[str, ...],
    fail_on: str | None,
    warn_days: int | None,
    config: Path | None,
    device_key: str | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    explain: str | None,
    all_flows: bool,
    output_format: str,
    quiet: bool,
) -> None:
    """Say what is wrong in FILE..., and which channels they leave open for which account.

    Takes profiles, Android policies, declarations and iOS app configurations, signed or not, and
    folders of them; `-` reads one from standard input. How a release's devices are managed its
    manifest says, where no option does. A rule that is switched off, here or in the
    configuration file, fails nothing; what it found is counted all the same.
    """
    del quiet  # read by `note`
    if explain is not None:
        _explain(explain, output_format)
        return
    if not files:
        raise click.MissingParameter(param_type="argument", param_hint="'FILE...'")
    options = AuditOptions(enrollment, mode, oldest, ignored, only, fail_on, warn_days, config)
    configuration = configuration_of(config)
    question = question_of(options, configuration)
    key = device_key_of(device_key, passphrase_file, passphrase_env)
    inspection = _judge(files, key, question, as_device=as_device)
    _print(inspection, output_format, all_flows=all_flows)
    _check(inspection, fail_level(options, configuration))


def _explain(code: str, output_format: str) -> None:
    if output_format == "sarif":
        message = "--explain prints text or json, no sarif"
        raise UsageError(message, hint="Leave out --format.")
    wrong = None if code == _EVERY_RULE else unknown_rule(code)
    if wrong is not None:
        message = f"--explain: {wrong[0]}"
        raise UsageError(message, hint=wrong[1])
    chosen = [rule for rule in rules().values() if code in {rule.code, _EVERY_RULE}]
    if output_format == "json":
        emit_json(rules_document(chosen))
    else:
        emit(rules_text(chosen) if code == _EVERY_RULE else rule_text(chosen[0]))


def _judge(
    files: Sequence[Path], key: DeviceKey | None, question: Question, *, as_device: bool
) -> Inspection:
    """Return what is found in the files. Raises DocumentError for named ones without a document."""
    releases = Releases(question.context, question.assumed or {})
    errors: list[InputError] = []
    with progress("files") as tell:
        opened: Iterable[Opened] = _told(_open_all(files, key, releases, errors), tell)
        if as_device:
            opened = tuple(opened)
        inspection = inspect_files(opened, question)
    if len(errors) > 1:
        raise _UnreadableFilesError(errors)
    if errors:
        raise errors[0]
    if as_device:
        inspection = replace(inspection, device=inspect_device(opened, question))
    said = tuple(releases.stated.values())
    return replace(inspection, stated=said, unused=tuple(releases.unused))


def _open_all(
    files: Sequence[Path], key: DeviceKey | None, releases: Releases, errors: list[InputError]
) -> Iterator[Opened]:
    """Yield what all files hold, one after the other; those of named files go to `errors` too."""
    if STREAM in files:
        yield _noted(open_bytes(STREAM_NAME, read_stream(), key=key), errors)
    for source in each_source([file for file in files if file != STREAM]):
        for opened in open_documents(source, key=key):
            placed = releases.placed(source, opened)
            yield _noted(placed, errors) if source.named else placed


def _noted(opened: Opened, errors: list[InputError]) -> Opened:
    if opened.error is not None:
        errors.append(opened.error)
    return opened


def _told(files: Iterable[Opened], tell: Callable[[int], None]) -> Iterator[Opened]:
    for number, file in enumerate(files):
        tell(number)
        yield file


def _print(inspection: Inspection, output_format: str, *, all_flows: bool) -> None:
    match output_format:
        case "json":
            emit_parts(audit_json(inspection))
        case "sarif":
            emit_json(sarif_document(inspection, folder=Path.cwd()))
        case _:
            flows = flow_rows if all_flows else flow_lines
            emit(audit_text(inspection, flows=flows, paint=_paint))


def _paint(severity: Severity, text: str) -> str:
    return click.style(text, fg=_COLOURS[severity], bold=severity is Severity.ERROR)


def _check(inspection: Inspection, level: Severity | None) -> None:
    """Raise CheckError when anything is as bad as `level`; None lets everything pass."""
    if level is None:
        return
    findings = [finding for part in inspection.parts for finding in part.findings]
    failing = sum(finding.severity.reaches(level) for finding in findings)
    if failing:
        message = f"findings{_FAILING[level]}: {failing}"
        raise CheckError(message, hint="Each says in the output above what is wrong.")
