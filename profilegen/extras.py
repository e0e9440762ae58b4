"""Libraries that not everybody needs: imported when used, named when missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from profilegen.errors import ProfilegenError


@contextmanager
def extra(name: str, *, needs: str, error: type[ProfilegenError]) -> Iterator[None]:
    """Turn the ImportError of an import inside the block into an `error`.

    `name` is the extra of profilegen that installs the library; `needs` says in words what needs
    which library: `pkcs11: identities need python-pkcs11`.
    """
    try:
        yield
    except ImportError as missing:
        message = f"{needs}, which is not installed"
        raise error(message, hint=f"Run pip install 'profilegen[{name}]'.") from missing
