"""Which of several controls is written: the weakest that closes, or the strongest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from profilegen.versions import Version

_T = TypeVar("_T")


def choose(
    controls: Sequence[_T], *, strongest: bool, minimum_os: Version, since: Callable[[_T], Version]
) -> _T:
    """Return one of `controls`, which stand weakest first and are not empty.

    A control that every device of the target already knows comes before one that needs a newer
    system, since only the first closes the channel on all of them.
    """
    known = [control for control in controls if since(control) <= minimum_os]
    return (known or controls)[-1 if strongest else 0]
