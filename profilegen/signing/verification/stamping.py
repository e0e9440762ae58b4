"""When was it signed at the latest? What time stamps (RFC 3161) of trusted authorities prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from profilegen.signing.certificates import moment
from profilegen.signing.chain import Chain
from profilegen.signing.failures import RevocationUnknownError, RevokedError
from profilegen.signing.time_stamp import (
    TimeStamp,
    TimeStampError,
    UntrustedAuthorityError,
    check_time_stamp,
    check_token,
)
from profilegen.signing.verification.revocation import Times, check_revocation
from profilegen.signing.verification.steps import (
    State,
    Step,
    StepName,
    absent,
    failed,
    not_checked,
    passed,
)
from profilegen.signing.verification.trusted import Trusted


@dataclass(frozen=True, slots=True)
class Stamped:
    """The step of the time stamp, and the time that it proves, None where it proves none.

    A step that was not checked has a time where all is known but whether its authority is revoked.
    """

    step: Step
    time: datetime | None = None


UNSTAMPED = Stamped(absent(StepName.TIME_STAMP))


def stamp_of_file(response: bytes, *, data: bytes, trusted: Trusted) -> Stamped:
    """Return what the TimeStampResp `response`, a file beside `data`, proves of `data`."""
    return _stamped(partial(check_time_stamp, response), data, trusted)


def stamp_of_tokens(tokens: Iterable[bytes], *, data: bytes, trusted: Trusted) -> Stamped:
    """Return what TimeStampTokens of `data` prove: the earliest time, if none of them is bad."""
    return earliest(_stamped(partial(check_token, token), data, trusted) for token in tokens)


def earliest(found: Iterable[Stamped]) -> Stamped:
    """Return the one of the earliest time; a failed one before it, unchecked ones after it."""
    stamps = [stamp for stamp in found if stamp != UNSTAMPED]
    return min(stamps, key=_rank, default=UNSTAMPED)


def _rank(stamped: Stamped) -> tuple[int, bool, float]:
    order = {State.FAILED: 0, State.PASSED: 1, State.NOT_CHECKED: 2}
    time = 0 if stamped.time is None else stamped.time.timestamp()
    return order[stamped.step.state], stamped.time is None, time


def _stamped(check: Callable[..., TimeStamp], data: bytes, trusted: Trusted) -> Stamped:
    trust = trusted.authorities or trusted.anchors
    try:
        stamp = check(data=data, trust=trust, at=trusted.now)
    except UntrustedAuthorityError as error:
        return Stamped(not_checked(StepName.TIME_STAMP, error.message))
    except TimeStampError as error:
        return Stamped(failed(StepName.TIME_STAMP, error))
    # The clock of the authority may be off by its accuracy: certain is only that it was before.
    time = min(stamp.time + (stamp.accuracy or timedelta()), trusted.now)
    detail = f"of {moment(stamp.time)} by '{stamp.authority}', trusted by {stamp.trusted_by}"
    try:
        _check_unrevoked(stamp.chain, time, trusted)
    except RevokedError as error:
        return Stamped(failed(StepName.TIME_STAMP, error))
    except RevocationUnknownError as error:
        return Stamped(not_checked(StepName.TIME_STAMP, f"{detail}; {error.message}"), time)
    return Stamped(passed(StepName.TIME_STAMP, detail), time)


def _check_unrevoked(chain: Chain, stamped: datetime, trusted: Trusted) -> None:
    """Raise RevokedError or RevocationUnknownError unless the CRLs clear the authority.

    Where none was given at all, the step of revocation says that nobody was asked.
    """
    if trusted.crls is None:
        return
    try:
        check_revocation(chain, trusted.crls, Times(trusted.now, trusted.now))
    except RevokedError:
        # What it stamped before still counts, if its key was safe (RFC 3161 section 4, item 1).
        check_revocation(chain, trusted.crls, Times(stamped, trusted.now))
