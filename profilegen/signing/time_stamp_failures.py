"""Why a time stamp proves nothing, or could not be had; callers branch on the first two."""

from __future__ import annotations

from profilegen.errors import ServiceError, VerificationError


class TimeStampError(VerificationError):
    """A time stamp proves nothing: it is damaged, for other data, or of nobody trusted."""

    slug = "time-stamp"


class InvalidStampError(TimeStampError):
    """It is no time stamp of this data, whoever made it: damaged, weak, or of something else."""

    slug = "time-stamp-invalid"


class UntrustedAuthorityError(TimeStampError):
    """The time stamp is intact, but its authority is not trusted, expired, or no authority."""

    slug = "time-stamp-authority"


class StampServiceError(ServiceError):
    """The authority gave no time stamp; the same request may succeed later."""

    slug = "time-stamp-service"
