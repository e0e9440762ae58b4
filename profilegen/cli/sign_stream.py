"""`sign -`: one file from standard input, and the signed bytes to standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from profilegen.audit.document import NoDocumentError, Profile, read_document
from profilegen.audit.json_text import read_json
from profilegen.cli.inputs import MAX_INPUT
from profilegen.cli.sign_folder import Form
from profilegen.cli.sign_tasks import Task
from profilegen.errors import InputError, UsageError
from profilegen.signing.signed_file import seems_signed

STREAM = Path("-")
_NAME = "standard input"
_NAME_A_FILE = "Name a file with -o."


def refuse_stream(paths: Sequence[Path], output: Path | None, output_format: str) -> None:
    """Raise UsageError where `-` cannot work as the options are, before anything is read."""
    if len(set(paths)) > 1:
        message = "- (standard input) is signed alone, not with other files"
        raise UsageError(message, hint="Sign it in a run of its own.")
    if sys.stdin.isatty():
        message = "- reads standard input, which is a terminal"
        raise UsageError(message, hint="Pipe a file into it, or name the file.")
    if output is not None and output.is_dir():
        message = f"{output}: is a folder, and standard input has no name for a file in it"
        raise UsageError(message, hint=_NAME_A_FILE)
    if output is None and output_format == "json":
        message = "--format json: the signed bytes themselves go to standard output"
        raise UsageError(message, hint="Name a file for them with -o, or leave --format out.")
    if output is None and sys.stdout.isatty():
        message = "the signature is binary, and standard output is a terminal"
        raise UsageError(message, hint="Redirect it, or name a file with -o.")


def read_stream(output: Path | None, *, detached: bool) -> Task:
    """Return standard input as the task to sign it to `output`.

    A profile is signed inside, JSON beside, and anything else only if `detached` says so: without
    a name, a profile that was cut off looks like any text. Raises InputError for that, for
    nothing at all and for more than MAX_INPUT bytes.
    """
    content = _read()
    form = Form.DETACHED if detached else _form(content)
    return Task(Path(_NAME), content, form, STREAM if output is None else output)


def _read() -> bytes:
    try:
        content = sys.stdin.buffer.read(MAX_INPUT + 1)
    except OSError as error:
        message = f"{_NAME}: cannot be read: {error.strerror}"
        raise InputError(message, hint="Check what is piped into it.") from error
    if not content:
        message = f"{_NAME}: nothing came"
        raise InputError(message, hint="Check the command that should write it.")
    if len(content) > MAX_INPUT:
        message = f"{_NAME}: more than {MAX_INPUT // 1024 // 1024} MiB"
        raise InputError(message, hint="No profile, policy or manifest is that large.")
    return content


def _form(content: bytes) -> Form:
    if seems_signed(content):
        return Form.EMBEDDED
    try:
        document = read_document(_NAME, content)
    except NoDocumentError as error:
        try:
            read_json(content)
        except ValueError:
            message = f"{_NAME}: neither a profile nor JSON"
            hint = "Check what is piped into it; --detached signs anything, beside it."
            raise InputError(message, hint=hint) from error
        return Form.DETACHED
    return Form.EMBEDDED if isinstance(document, Profile) else Form.DETACHED
