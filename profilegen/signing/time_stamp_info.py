"""What a time stamp states: the TSTInfo of RFC 3161 section 2.4.2."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import core, tsp, x509

from profilegen.signing.algorithms import STRONG_DIGESTS, digest_of
from profilegen.signing.ber import definite
from profilegen.signing.certificates import printable
from profilegen.signing.time_stamp_failures import InvalidStampError

_MAX_ACCURACY = timedelta(days=366)  # with less of it the time says nothing, and none is negative
AGAIN = "Build the release again, or get it again from where it was built."


@dataclass(frozen=True, slots=True)
class StampInfo:
    """The statement of an authority: `imprint`, a digest by the algorithm `digest`, existed then.

    `time` is in UTC and off by no more than `accuracy`, None where the authority does not say.
    `policy` is a dotted number. `nonce` repeats the one of the request, None where there was none.
    `named` is who the authority says that it is, None where it does not.
    """

    time: datetime
    accuracy: timedelta | None
    digest: str
    imprint: bytes
    serial: int
    policy: str
    nonce: int | None
    named: x509.GeneralName | None


def read_info(encoded: bytes) -> StampInfo:
    """Return what the DER of a TSTInfo states.

    Raises InvalidStampError for another version, a digest that can be forged, and an extension that
    has to be understood; what NOT_ASN1 names where it is no TSTInfo.
    """
    definite(encoded)  # what stands in a token's OCTET STRING has met no bounds yet
    info = tsp.TSTInfo.load(encoded, strict=True)
    if info["version"].native != "v1":
        message = f"the version of the time stamp is {info['version'].native}, not v1"
        raise InvalidStampError(message, hint=AGAIN)
    _refuse_extensions(info["extensions"])
    digest = str(info["message_imprint"]["hash_algorithm"]["algorithm"].native)
    if digest not in STRONG_DIGESTS:
        message = f"the time stamp is for a digest by {printable(digest)}, which can be forged"
        raise InvalidStampError(message, hint="Use an authority that stamps SHA-256.")
    nonce, named = info["nonce"].native, info["tsa"]
    return StampInfo(
        time=_time(info["gen_time"]),
        accuracy=_accuracy(info["accuracy"]),
        digest=digest,
        imprint=bytes(info["message_imprint"]["hashed_message"].native),
        serial=int(info["serial_number"].native),
        policy=str(info["policy"].dotted),
        nonce=None if nonce is None else int(nonce),
        named=None if isinstance(named, core.Void) else named,
    )


def check_imprint(info: StampInfo, data: bytes) -> None:
    """Raise InvalidStampError unless `data` is what was stamped."""
    if not hmac.compare_digest(info.imprint, digest_of(data, digest=info.digest)):
        message = "the time stamp is for other data"
        raise InvalidStampError(message, hint=AGAIN)


def _refuse_extensions(found: tsp.Extensions) -> None:
    # None that is critical in the wild has a meaning for us (RFC 3161 section 2.4.2).
    for extension in () if isinstance(found, core.Void) else found:
        if extension["critical"].native:
            message = (
                "the time stamp has a critical extension that is not known here:"
                f" {printable(str(extension['extn_id'].dotted))}"
            )
            raise InvalidStampError(message, hint="Use another authority.")


def _time(value: core.GeneralizedTime) -> datetime:
    time = value.native
    if not isinstance(time, datetime) or time.tzinfo is None:
        message = "not a time in UTC"
        raise ValueError(message)
    return time


def _accuracy(value: tsp.Accuracy) -> timedelta | None:
    if isinstance(value, core.Void):
        return None
    seconds, millis, micros = (value[name].native or 0 for name in ("seconds", "millis", "micros"))
    accuracy = timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)
    if not timedelta() <= accuracy <= _MAX_ACCURACY:
        message = "an accuracy that is none"
        raise ValueError(message)
    return accuracy
