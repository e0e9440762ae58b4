"""Values that must not show up in output, logs, exceptions or releases."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A passphrase or PIN that prints as `***` and cannot be pickled to another process."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Wrap `value`."""
        self._value = value

    def reveal(self) -> str:
        """Return the value, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Return `***`."""
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        """Refuse: a secret never leaves the process that read it."""
        message = "a secret cannot be pickled"
        raise TypeError(message)
