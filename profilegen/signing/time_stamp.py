"""Time stamps of an authority (RFC 3161): ask for one, and check what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from profilegen.errors import VerificationError
from profilegen.signing.chain import Chain
from profilegen.signing.trust import Trust


class TimeStampError(VerificationError):
    """A time stamp proves nothing: it is damaged, for other data, or of nobody trusted."""

    slug = "time-stamp"


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """A time stamp that holds: the data existed at `time` (UTC), says the authority `chain[0]`."""

    time: datetime
    chain: Chain
    trusted_by: str


def request_time_stamp(data: bytes, *, url: str) -> bytes:
    """Return the answer (DER of a TimeStampResp) of the authority at `url` for `data`."""
    raise NotImplementedError


def check_time_stamp(response: bytes, *, data: bytes, trust: Trust, at: datetime) -> TimeStamp:
    """Return what the TimeStampResp `response` proves of `data`; raise TimeStampError."""
    raise NotImplementedError


def check_token(token: bytes, *, data: bytes, trust: Trust, at: datetime) -> TimeStamp:
    """Return what the TimeStampToken `token` (DER of a ContentInfo) proves of `data`."""
    raise NotImplementedError
