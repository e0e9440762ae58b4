"""Where output goes: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click


def emit(text: str) -> None:
    """Write a result to standard output; colours go only where a person looks."""
    click.echo(text)


def emit_json(document: Mapping[str, object]) -> None:
    """Write a result as JSON with two spaces of indent, in the order of `document`."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """Tell the person something that is no result; silent with --quiet."""
    context = click.get_current_context(silent=True)
    quiet = context is not None and bool(context.params.get("quiet"))
    if not quiet:
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Warn on standard error, also with --quiet: a warning is never dropped."""
    click.echo(f"{click.style('warning', fg='yellow', bold=True)}: {text}", err=True)
