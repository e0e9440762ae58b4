"""A passphrase or PIN that stands in a file or in an environment variable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from profilegen.errors import SigningError
from profilegen.secrets import Secret

_MAX_CHARACTERS = 4096


def passphrase_in(path: Path) -> Secret:
    """Return the first line of a UTF-8 file. Raises SigningError when there is none to read."""
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(_MAX_CHARACTERS)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot read the passphrase file: {_why(error)}"
        raise SigningError(message, hint="Check the path and that you may read it.") from error
    # Not `splitlines`: a passphrase may hold a form feed or U+2028, which other tools take as such.
    line = text.partition("\n")[0]
    if not line:
        message = f"{path}: the passphrase file is empty"
        raise SigningError(message, hint="Put the passphrase on its first line.")
    return Secret(line)


def passphrase_in_environment(name: str, environment: Mapping[str, str]) -> Secret:
    """Return what the variable `name` holds. Raises SigningError when it holds nothing."""
    value = environment.get(name)
    if not value:
        message = f"the environment variable {name} holds no passphrase"
        raise SigningError(message, hint=f"Set {name}, or use --passphrase-file.")
    return Secret(value)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "error" if isinstance(error, OSError) else "not UTF-8 text"
