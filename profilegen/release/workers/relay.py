"""What goes wrong in another process, as values: exceptions of ours do not survive pickling."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from profilegen.errors import (
    CheckError,
    InputError,
    ProfilegenError,
    ServiceError,
    SigningError,
    UsageError,
    VerificationError,
)

_KINDS: dict[int, type[ProfilegenError]] = {
    kind.exit_code: kind
    for kind in (
        CheckError,
        UsageError,
        InputError,
        SigningError,
        VerificationError,
        ServiceError,
    )
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of a worker: what it reports, and its traceback as text.

    `exit_code` is None for an exception that is a bug.
    """

    exit_code: int | None
    slug: str
    message: str
    hint: str
    reports: tuple[tuple[str, str], ...]
    trace: str


def failure_of(error: BaseException) -> Failure:
    """Return `error`, which was raised just now, as a value that can be sent."""
    trace = "".join(traceback.format_exception(error))
    if not isinstance(error, ProfilegenError):
        message = f"{type(error).__name__}: {error}"
        return Failure(None, "", message, "", (), trace)
    reports = tuple(error.reports())
    return Failure(error.exit_code, error.slug, error.message, error.hint, reports, trace)


def error_of(failure: Failure) -> Exception:
    """Return the exception to raise for `failure`: of the same kind, with the same reports."""
    error: Exception
    if failure.exit_code is None:
        error = RuntimeError(f"in a worker: {failure.message}")
    else:
        base = _KINDS.get(failure.exit_code, ProfilegenError)
        error = type(base.__name__, (_WorkerError, base), {"slug": failure.slug})(failure)
    error.add_note(f"In the worker:\n{failure.trace}")
    return error


class _WorkerError(ProfilegenError):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message, hint=failure.hint)
        self._reports = failure.reports

    def reports(self) -> tuple[tuple[str, str], ...]:
        return self._reports
