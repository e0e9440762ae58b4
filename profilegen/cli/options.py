"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.errors import SigningError, UsageError
from profilegen.secrets import Secret
from profilegen.signing.passphrase import passphrase_in, passphrase_in_environment

_P = ParamSpec("_P")
_R = TypeVar("_R")


def output_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `--format text|json` as `output_format` and `--quiet` as `quiet`."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How results are printed.",
    )(quiet_option(function))


def quiet_option(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `--quiet` as `quiet`."""
    return click.option("--quiet", is_flag=True, help="Print results and warnings only.")(function)


def target_option(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `--target ID` as `target`, "" when it is not given; twice is wrong usage."""

    def only_one(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> str:
        if len(values) > 1:
            message = f"--target names one target, not {len(values)}"
            raise UsageError(message, hint="Leave it out for all targets, or run once for each.")
        return values[0] if values else ""

    return click.option(
        "--target", multiple=True, callback=only_one, metavar="ID", help="Only this target."
    )(function)


def identity_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `identity`, `certificates`, `passphrase_file` and `passphrase_env`."""
    options = [
        click.option(
            "--identity",
            metavar="URI",
            help=(
                "Signing identity: pem:FILE[,FILE...], p12:FILE, pkcs11:token=LABEL;object=LABEL,"
                " awskms:ARN, or a kind that a plugin adds."
            ),
        ),
        click.option(
            "--certificates",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Certificates that do not come with the key, PEM or DER.",
        ),
    ]
    function = passphrase_options(function)
    for option in reversed(options):
        function = option(function)
    return function


def passphrase_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `passphrase_file` and `passphrase_env`."""
    options = [
        click.option(
            "--passphrase-file",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="File whose first line is the passphrase or PIN of the key.",
        ),
        click.option(
            "--passphrase-env",
            metavar="NAME",
            help="Environment variable that holds the passphrase or PIN of the key.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def passphrase_source(
    passphrase_file: Path | None, passphrase_env: str | None
) -> Callable[[], Secret]:
    """Return a function that gets the passphrase from where the options say, or asks for it.

    The function raises SigningError when the file or variable gives none, and when there is no
    terminal to ask on. Raises UsageError when both options are given.
    """
    if passphrase_file is not None and passphrase_env is not None:
        message = "--passphrase-file and --passphrase-env exclude each other"
        raise UsageError(message, hint="Give one of them.")
    if passphrase_file is not None:
        return lambda: passphrase_in(passphrase_file)
    if passphrase_env is not None:
        return lambda: passphrase_in_environment(passphrase_env, os.environ)
    return _from_prompt


def _from_prompt() -> Secret:
    if not sys.stdin.isatty():
        message = "the key needs a passphrase or PIN, and there is no terminal to ask for it"
        raise SigningError(message, hint="Use --passphrase-file or --passphrase-env.")
    value: str = click.prompt("Passphrase or PIN", hide_input=True, err=True)
    return Secret(value)
