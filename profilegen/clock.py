"""The one place that asks what time it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from profilegen.errors import UsageError

_EPOCH = "SOURCE_DATE_EPOCH"


def is_set(environment: Mapping[str, str]) -> bool:
    """Say whether the environment, and not the clock, tells the time."""
    return _EPOCH in environment


def now(environment: Mapping[str, str]) -> datetime:
    """Return the time of this run in UTC, whole seconds.

    SOURCE_DATE_EPOCH (seconds since 1970, reproducible-builds.org) wins over the clock, so that
    two builds of the same input give the same bytes. Raises UsageError when it is not a number.
    """
    epoch = environment.get(_EPOCH)
    if epoch is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        message = f"SOURCE_DATE_EPOCH is not a time in seconds since 1970: {epoch!r}"
        hint = "Set it to a whole number, before the year 10000, or unset it."
        raise UsageError(message, hint=hint) from error
