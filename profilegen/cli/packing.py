"""The options of `build` that say how users' files lie in the release."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from profilegen.errors import UsageError
from profilegen.release.sinks.model import ArchiveKind, Packing

_P = ParamSpec("_P")
_R = TypeVar("_R")


def packing_options(function: Callable[_P, _R]) -> Callable[..., _R]:
    """Add --archive and --compress, and give `packing` for both."""

    @click.option(
        "--archive",
        type=click.Choice([kind.value for kind in ArchiveKind]),
        help="Pack users' files into archives instead of folders.",
    )
    @click.option(
        "--compress",
        is_flag=True,
        help="Compress the archives: tar becomes tar.gz, and members of zip are deflated.",
    )
    @wraps(function)
    def packed(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        kwargs["packing"] = _packing(kwargs.pop("archive"), compress=bool(kwargs.pop("compress")))
        return function(*args, **kwargs)

    return packed


def _packing(archive: object, *, compress: bool) -> Packing:
    if archive is None:
        if compress:
            message = "--compress is for archives"
            raise UsageError(message, hint="Add --archive tar or --archive zip.")
        return Packing()
    return Packing(ArchiveKind(str(archive)), compress)
