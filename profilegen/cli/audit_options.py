"""The options of `profilegen audit`, and what follows from them and the configuration file.

An option wins over the configuration file, which wins over what is assumed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen import clock
from profilegen.cli.configuration import config_option
from profilegen.cli.devices import management_of, management_options
from profilegen.errors import UsageError
from profilegen.findings import Severity
from profilegen.inspection.audit_table import FAIL_LEVELS, NEVER, unknown_rule
from profilegen.inspection.configuration import Configuration
from profilegen.inspection.inspect import Question
from profilegen.inspection.suppression import Silence
from profilegen.inspection.tables import MOST_DAYS
from profilegen.signing.identity_rules import SOON_DAYS

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The values of the options that say how files are judged, None or () where not given."""

    enrollment: str | None
    mode: str | None
    oldest: str | None
    ignored: tuple[str, ...]
    only: tuple[str, ...]
    fail_on: str | None
    warn_days: int | None
    config: Path | None


def audit_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add the options that say how files are judged, under the names of `AuditOptions`."""
    options = [
        click.option(
            "--ignore",
            "ignored",
            multiple=True,
            callback=_rules,
            metavar="CODE",
            help="Switch a rule off; may be repeated.",
        ),
        click.option(
            "--only",
            multiple=True,
            callback=_rules,
            metavar="CODE",
            help="Switch all rules off but this; may be repeated.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice(FAIL_LEVELS),
            help=f"Exit 1 on findings from this severity on; {Severity.ERROR} if not given.",
        ),
        click.option(
            "--warn-days",
            type=click.IntRange(0, MOST_DAYS),
            metavar="N",
            help=f"Days before a certificate expires; {SOON_DAYS} if not given.",
        ),
    ]
    function = config_option(function)
    for option in reversed(options):
        function = option(function)
    return management_options(function)


def question_of(options: AuditOptions, configuration: Configuration) -> Question:
    """Return what is asked of the files. Raises UsageError when the clock is set wrongly."""
    configured = configuration.options
    enrollment = options.enrollment or configured.get("enrollment")
    mode = options.mode or configured.get("mode")
    oldest = options.oldest or configured.get("os")
    context, assumed = management_of(enrollment, mode, oldest)
    days = options.warn_days
    if days is None:
        days = int(configured.get("warn-days", SOON_DAYS))
    return Question(
        context,
        clock.now(os.environ),
        days,
        silences=(*_silences(options), *configuration.silences),
        assumed=assumed,
    )


def fail_level(options: AuditOptions, configuration: Configuration) -> Severity | None:
    """Return the mildest severity that fails the run, None if none does."""
    level = options.fail_on or configuration.options.get("fail-on", Severity.ERROR)
    return None if level == NEVER else Severity(level)


def _silences(options: AuditOptions) -> tuple[Silence, ...]:
    found: tuple[Silence, ...] = ()
    if options.only:
        found += (Silence(frozenset(options.only), "--only", others=True),)
    if options.ignored:
        found += (Silence(frozenset(options.ignored), "--ignore"),)
    return found


def _rules(ctx: click.Context, param: click.Parameter, codes: tuple[str, ...]) -> tuple[str, ...]:
    del ctx
    for code in codes:
        if wrong := unknown_rule(code):
            message = f"{param.opts[0]}: {wrong[0]}"
            raise UsageError(message, hint=wrong[1])
    return codes
