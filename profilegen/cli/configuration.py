"""The option `--config`, and the configuration file that it names or the one that lies here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.cli.inputs import read_bytes
from profilegen.inspection.configuration import NOTHING_SET, Configuration, read_configuration

CONFIGURATION = Path("profilegen.toml")
_P = ParamSpec("_P")
_R = TypeVar("_R")


def config_option(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `--config FILE` as `config`."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"Configuration file; {CONFIGURATION} here, if there is one.",
    )(function)


def configuration_of(path: Path | None) -> Configuration:
    """Return what the configuration file says, of `path` or the one in the current folder.

    Raises InputError when it cannot be read, with all mistakes that are in it.
    """
    if path is None and not CONFIGURATION.is_file():
        return NOTHING_SET
    file = path or CONFIGURATION
    return read_configuration(file, read_bytes(file))
