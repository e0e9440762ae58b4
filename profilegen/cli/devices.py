"""Options that say what files do not: how a device is managed, what it runs, its own key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.audit.model import NEWEST_MACOS, Context
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.cli.options import passphrase_options, passphrase_source
from profilegen.errors import UsageError
from profilegen.signing.decrypt import DeviceKey, open_device_key
from profilegen.versions import parse_version

_ENROLLMENT = Enrollment.DEVICE
_MODE = Mode.WORK_PROFILE
_P = ParamSpec("_P")
_R = TypeVar("_R")


def management_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `enrollment`, `mode` and `oldest`, texts that are valid, or None."""
    options = [
        click.option(
            "--enrollment",
            type=click.Choice([item.value for item in Enrollment]),
            help=f"How Apple devices are managed; {_ENROLLMENT} if not given.",
        ),
        click.option(
            "--mode",
            type=click.Choice([item.value for item in Mode]),
            help=f"How Android devices are managed; {_MODE} if not given.",
        ),
        click.option(
            "--os",
            "oldest",
            callback=_version,
            metavar="V",
            help="Oldest OS version in use; the newest known if not given.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def management_of(
    enrollment: str | None, mode: str | None, oldest: str | None
) -> tuple[Context, dict[str, str]]:
    """Return how devices are managed, and by option what was taken where nothing was given."""
    version = None if oldest is None else parse_version(oldest)
    context = Context(
        Enrollment(enrollment or _ENROLLMENT),
        Mode(mode or _MODE),
        version or newest_version(Platform.IOS),
        version or newest_version(Platform.ANDROID),
        version or NEWEST_MACOS,
    )
    given = {"--enrollment": enrollment, "--mode": mode, "--os": oldest}
    taken = {
        "--enrollment": context.enrollment,
        "--mode": context.mode,
        "--os": f"iOS {context.ios}, Android {context.android}, macOS {context.macos}",
    }
    return context, {option: taken[option] for option, value in given.items() if value is None}


def device_key_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add `device_key`, `passphrase_file` and `passphrase_env`."""
    return click.option(
        "--device-key",
        metavar="URI",
        help="Key that opens what is encrypted for a device: pem:FILE[,FILE...] or p12:FILE.",
    )(passphrase_options(function))


def device_key_of(
    uri: str | None, passphrase_file: Path | None, passphrase_env: str | None
) -> DeviceKey | None:
    """Return the key that the options name, None if they name none; errors as for identities."""
    if uri is not None:
        return open_device_key(uri, passphrase_source(passphrase_file, passphrase_env))
    for option, value in (
        ("--passphrase-file", passphrase_file),
        ("--passphrase-env", passphrase_env),
    ):
        if value is not None:
            message = f"{option} is for a key that --device-key names"
            raise UsageError(message, hint="Add --device-key URI, or leave it out.")
    return None


def _version(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None:
            parse_version(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from error
    return value
