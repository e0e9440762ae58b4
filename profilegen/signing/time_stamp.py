"""Time stamps of an authority (RFC 3161): ask for one, and check what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from profilegen.errors import VerificationError
from profilegen.signing.certificates import full_name, moment
from profilegen.signing.chain import Chain
from profilegen.signing.path import trusted_chain
from profilegen.signing.time_stamp_authority import check_authority, check_chain
from profilegen.signing.time_stamp_failures import (
    InvalidStampError,
    StampServiceError,
    TimeStampError,
    UntrustedAuthorityError,
)
from profilegen.signing.time_stamp_http import SECONDS, check_url, post, shown
from profilegen.signing.time_stamp_info import check_imprint
from profilegen.signing.time_stamp_query import granted_token, kept_answer, kept_token, new_query
from profilegen.signing.time_stamp_token import Token, read_token
from profilegen.signing.trust import Trust

__all__ = [
    "InvalidStampError",
    "TimeStamp",
    "TimeStampError",
    "UntrustedAuthorityError",
    "check_time_stamp",
    "check_token",
    "check_url",
    "request_time_stamp",
]

_MAX_SKEW = timedelta(minutes=5)
_CLOCK = "Check the clock and SOURCE_DATE_EPOCH."


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A time stamp that holds: the data existed at `time` (UTC), says the authority `chain[0]`.

    The time is off by no more than `accuracy`, None where the authority does not say. `policy`,
    a dotted number, is the one that it stamps by, and `serial` its number for this stamp.
    """

    time: datetime
    chain: Chain
    trusted_by: str
    accuracy: timedelta | None
    policy: str
    serial: int

    @property
    def authority(self) -> str:
        """Return the name of the authority, safe to print."""
        return full_name(self.chain[0].subject)


def request_time_stamp(data: bytes, *, url: str, seconds: float = SECONDS) -> bytes:
    """Return the answer (DER of a TimeStampResp) of the authority at `url` for `data`.

    The answer is for this request, intact and by an authority as RFC 3161 has them; whether anybody
    trusts it is for verification. Asks once, for `seconds` at most. Raises UsageError as
    `check_url` does, and StampServiceError (exit code 6) for every failure on the way.
    """
    check_url(url)
    where, query = shown(url), new_query(data)
    encoded = granted_token(post(url, query.encoded, seconds=seconds), where=where)
    try:
        token = read_token(encoded)
        check_authority(token)
    except TimeStampError as error:
        message = f"{where}: the answer is of no use: {error.message}"
        raise StampServiceError(message, hint="Use another authority.") from error
    if not query.is_answered_by(token.info):
        message = f"{where}: the answer is a time stamp for another request"
        raise StampServiceError(
            message, hint="Check who answers: the authority, or a proxy's store."
        )
    return kept_answer(token.encoded)


def check_time_stamp(response: bytes, *, data: bytes, trust: Trust, at: datetime) -> TimeStamp:
    """Return what the TimeStampResp `response` proves of `data`.

    `response` is in the form that `request_time_stamp` returned. Raises as `check_token` does.
    """
    return check_token(kept_token(response), data=data, trust=trust, at=at)


def check_token(token: bytes, *, data: bytes, trust: Trust, at: datetime) -> TimeStamp:
    """Return what the TimeStampToken `token`, DER or BER of a ContentInfo, proves of `data`.

    The authority's certificates are judged at `at`, which is now: once they have expired, nobody
    answers for the authority's key (RFC 3161 section 4). Raises InvalidStampError when it is
    damaged, weak or for other data, UntrustedAuthorityError when it is intact and its authority is
    not trusted at `at`.
    """
    found = read_token(token)
    check_imprint(found.info, data)
    check_authority(found)
    chain = _chain(found, trust, at)
    _check_time(found, at)
    info = found.info
    return TimeStamp(info.time, chain, trust.describe(), info.accuracy, info.policy, info.serial)


def _chain(token: Token, trust: Trust, at: datetime) -> Chain:
    try:
        chain = trusted_chain(token.authority, token.others, trust=trust, at=at)
    except VerificationError as error:
        message = f"the authority of the time stamp is not trusted: {error.message}"
        hint = "Trust its root with --trust-timestamp FILE, if it is the one you expect."
        raise UntrustedAuthorityError(message, hint=hint) from error
    check_chain(token, chain)
    return chain


def _check_time(token: Token, at: datetime) -> None:
    # Two clocks never agree, and `at` may be cut to whole seconds.
    if token.info.time > at + (token.info.accuracy or timedelta()) + _MAX_SKEW:
        message = (
            f"the time stamp is of the future: {moment(token.info.time)}, and it is {moment(at)}"
        )
        raise InvalidStampError(message, hint=_CLOCK)
