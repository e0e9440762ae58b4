"""Libraries that only some identities need: imported when used, named when missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from profilegen.errors import SigningError


@contextmanager
def extra(name: str, *, scheme: str, library: str) -> Iterator[None]:
    """Turn the ImportError of an import of `library` inside the block into a SigningError.

    `name` is the extra of profilegen that installs it, `scheme` the identities that need it.
    """
    try:
        yield
    except ImportError as error:
        message = f"{scheme}: identities need {library}, which is not installed"
        raise SigningError(message, hint=f"Run pip install 'profilegen[{name}]'.") from error
