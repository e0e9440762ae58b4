"""`sign -`: one file from standard input, and the signed bytes to standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from profilegen.audit.document import NoDocumentError, Profile, read_document
from profilegen.audit.json_text import read_json
from profilegen.cli.inputs import STREAM, STREAM_NAME, read_stream, refuse_terminal
from profilegen.cli.sign_folder import Form
from profilegen.cli.sign_tasks import Task
from profilegen.errors import InputError, UsageError
from profilegen.signing.signed_file import seems_signed

_NAME_A_FILE = "Name a file with -o."


def refuse_stream(paths: Sequence[Path], output: Path | None, output_format: str) -> None:
    """Raise UsageError where `-` cannot work as the options are, before anything is read."""
    if len(set(paths)) > 1:
        message = "- (standard input) is signed alone, not with other files"
        raise UsageError(message, hint="Sign it in a run of its own.")
    refuse_terminal()
    if output is not None and output.is_dir():
        message = f"{output}: is a folder, and standard input has no name for a file in it"
        raise UsageError(message, hint=_NAME_A_FILE)
    if output is None and output_format == "json":
        message = "--format json: the signed bytes themselves go to standard output"
        raise UsageError(message, hint="Name a file for them with -o, or leave --format out.")
    if output is None and sys.stdout.isatty():
        message = "the signature is binary, and standard output is a terminal"
        raise UsageError(message, hint="Redirect it, or name a file with -o.")


def stream_task(output: Path | None, *, detached: bool) -> Task:
    """Return standard input as the task to sign it to `output`.

    A profile is signed inside, JSON beside, and anything else only if `detached` says so: without
    a name, a profile that was cut off looks like any text. Raises InputError for that, for
    nothing at all and for more than MAX_INPUT bytes.
    """
    content = read_stream()
    form = Form.DETACHED if detached else _form(content)
    return Task(Path(STREAM_NAME), content, form, STREAM if output is None else output)


def _form(content: bytes) -> Form:
    if seems_signed(content):
        return Form.EMBEDDED
    try:
        document = read_document(STREAM_NAME, content)
    except NoDocumentError as error:
        try:
            read_json(content)
        except ValueError:
            message = f"{STREAM_NAME}: neither a profile nor JSON"
            hint = "Check what is piped into it; --detached signs anything, beside it."
            raise InputError(message, hint=hint) from error
        return Form.DETACHED
    return Form.EMBEDDED if isinstance(document, Profile) else Form.DETACHED
