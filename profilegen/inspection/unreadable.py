"""The error of a comparison whose files cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from profilegen.errors import InputError

VERIFY = "`profilegen verify` says what is wrong with the release."


class UnreadableSideError(InputError):
    """Files of a side cannot be read, so what differs cannot be said."""

    slug = "unreadable"

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """Keep every fault with what to do about it; there is at least one."""
        super().__init__(faults[0][0], hint=faults[0][1])
        self._faults = tuple(faults)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every file that cannot be read."""
        return self._faults
