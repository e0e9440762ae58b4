"""Libraries that only some sources need: imported when used, named when missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from profilegen.errors import UsageError


@contextmanager
def extra(name: str, *, source: str, library: str) -> Iterator[None]:
    """Turn the ImportError of an import of `library` inside the block into a UsageError.

    `name` is the extra of profilegen that installs it, `source` the sources that need it.
    """
    try:
        yield
    except ImportError as error:
        message = f"{source} as a list of users needs {library}, which is not installed"
        raise UsageError(message, hint=f"Run pip install 'profilegen[{name}]'.") from error
