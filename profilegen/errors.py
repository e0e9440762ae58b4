"""Every failure a user can cause, each kind with its exit code.

The exit codes are part of the interface: pipelines branch on them (docs/exit-codes.md).
Nothing here knows of click; the command line turns an error into two lines and an exit code.
"""

from __future__ import annotations

from typing import ClassVar


class ProfilegenError(Exception):
    """A failure with a message for people: what is wrong and where, and what to do about it."""

    exit_code: ClassVar[int] = 70
    slug: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep `message` (one line: what is wrong and where) and `hint` (one line: what to do)."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return (message, hint) pairs, one for each thing that is wrong; usually one.

        A kind of error that gathers several faults of one file overrides this.
        """
        return ((self.message, self.hint),)


class CheckError(ProfilegenError):
    """A check ran to its end and found something."""

    exit_code = 1
    slug = "check"


class UsageError(ProfilegenError):
    """The command was called in a way that cannot work."""

    exit_code = 2
    slug = "usage"


class InputError(ProfilegenError):
    """A policy or another input file is invalid."""

    exit_code = 3
    slug = "input"


class SigningError(ProfilegenError):
    """A key, a certificate or a chain cannot be used to sign."""

    exit_code = 4
    slug = "signing"


class VerificationError(ProfilegenError):
    """A signature, a digest or a release is not what was signed."""

    exit_code = 5
    slug = "verification"


class ServiceError(ProfilegenError):
    """The network or a service failed; the same call may work later."""

    exit_code = 6
    slug = "service"
