"""Where output goes: results to standard output, everything else to standard error.

A reader that goes away, as in `profilegen ... | head`, ends the output and not the work: the exit
code stays the answer to what was asked.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping

import click

from profilegen.errors import UsageError


def emit(text: str) -> None:
    """Write a result to standard output; colours go only where a person looks."""
    _write(f"{text}\n")


def emit_json(document: Mapping[str, object]) -> None:
    """Write a result as JSON with two spaces of indent, in the order of `document`."""
    emit(json.dumps(document, indent=2, ensure_ascii=False))


def emit_parts(parts: Iterable[str]) -> None:
    """Write a result that is too large to be made as a whole, as it is, part by part."""
    for part in parts:
        _write(part)


def emit_bytes(content: bytes) -> None:
    """Write a result that is a file's content, byte for byte."""
    _write(content)


def note(text: str) -> None:
    """Tell the person something that is no result; silent with --quiet."""
    context = click.get_current_context(silent=True)
    quiet = context is not None and bool(context.params.get("quiet"))
    if not quiet:
        complain(text)


def warn(text: str) -> None:
    """Warn on standard error, also with --quiet: a warning is never dropped."""
    complain(f"{click.style('warning', fg='yellow', bold=True)}: {one_line(text)}")


def complain(text: str) -> None:
    """Write a line to standard error."""
    try:
        click.echo(text, err=True, color=_color())
    except OSError:  # nobody reads it any more, and there is no other place for it
        _silence(sys.stderr.fileno())


def _color() -> bool | None:
    """Return False where colours are unwanted (no-color.org), None to let the terminal decide."""
    unwanted = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return False if unwanted else None


def one_line(text: str) -> str:
    """Return `text` without characters that would move the cursor or end the line.

    File names come from anyone, and may hold them.
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _write(content: str | bytes) -> None:
    try:
        click.echo(content, nl=False, color=_color())
    except BrokenPipeError:
        _silence(sys.stdout.fileno())
    except OSError as error:
        _silence(sys.stdout.fileno())
        message = f"cannot write to standard output: {error.strerror}"
        raise UsageError(message, hint="Check where the output goes.") from error


def _silence(descriptor: int) -> None:
    """Let what is still written to `descriptor` go nowhere, so that the exit is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
