"""The request for a time stamp and the answer to it, as bytes (RFC 3161 sections 2.4.1, 2.4.2)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from asn1crypto import core, tsp

from profilegen.signing.algorithms import digest_of
from profilegen.signing.ber import NOT_ASN1, definite, tlv
from profilegen.signing.certificates import printable
from profilegen.signing.time_stamp_failures import InvalidStampError, StampServiceError
from profilegen.signing.time_stamp_info import AGAIN, StampInfo

_SEQUENCE = b"\x30"
_STATUS_GRANTED = bytes.fromhex("3003020100")  # the DER of a PKIStatusInfo that says 0
_DIGEST = "sha256"
_NONCE_BITS = 64
_GRANTED = frozenset({"granted", "granted_with_mods"})
_REFUSED = "Ask whoever runs it, or use another authority."
_HINTS = {"waiting": "Try again later; nothing was written."}
_REASONS = {
    "bad_alg": "the digest algorithm is not supported",
    "bad_request": "the request is not permitted or not supported",
    "bad_data_format": "the request has the wrong format",
    "time_not_available": "its source of time is not available",
    "unaccepted_policy": "the policy is not supported",
    "unaccepted_extensions": "an extension is not supported",
    "add_info_not_available": "the information asked for is not available",
    "system_failure": "it failed",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A request: what is to be stamped, and the nonce that ties the answer to this request."""

    imprint: bytes
    nonce: int

    @property
    def encoded(self) -> bytes:
        """Return the DER of the TimeStampReq; it asks for the authority's certificates."""
        imprint = {
            # NULL, as openssl writes it: older authorities know no other form.
            "hash_algorithm": {"algorithm": _DIGEST, "parameters": core.Null()},
            "hashed_message": self.imprint,
        }
        request = tsp.TimeStampReq(
            {"version": "v1", "message_imprint": imprint, "nonce": self.nonce, "cert_req": True}
        )
        encoded: bytes = request.dump()
        return encoded

    def is_answered_by(self, info: StampInfo) -> bool:
        """Say whether a time stamp is the answer to this request and to no other."""
        return (info.digest, info.imprint, info.nonce) == (_DIGEST, self.imprint, self.nonce)


def new_query(data: bytes) -> Query:
    """Return a request for a time stamp of `data`, unlike every other."""
    return Query(digest_of(data, digest=_DIGEST), secrets.randbits(_NONCE_BITS))


def granted_token(answer: bytes, *, where: str) -> bytes:
    """Return the token in an authority's TimeStampResp.

    Raises StampServiceError, its message starting with `where`, when the authority refuses and for
    what is no such answer.
    """
    try:
        status, token = _taken_apart(answer)
        state = str(status["status"].native)
        refusal = "" if state in _GRANTED and token else _refusal(status)
    except (*NOT_ASN1, InvalidStampError) as error:
        message = f"{where}: the answer is no answer to a request for a time stamp (RFC 3161)"
        raise StampServiceError(message, hint="Check the URL of --timestamp.") from error
    if refusal:
        message = f"{where}: {refusal}"
        raise StampServiceError(message, hint=_HINTS.get(state, _REFUSED))
    return token


def kept_answer(token: bytes) -> bytes:
    """Return the TimeStampResp that is kept: `token`, granted, without words that nobody signed."""
    return tlv(_SEQUENCE, _STATUS_GRANTED + token)


def kept_token(response: bytes) -> bytes:
    """Return the token in what `kept_answer` returned.

    Raises InvalidStampError for anything else, another answer of an authority included: every bit
    of what is kept is one that the token's signature covers, or one that could not be otherwise.
    """
    try:
        _, token = _taken_apart(response)
        same = kept_answer(token) == response
    except NOT_ASN1 as error:
        message = "not a time stamp, or a damaged one"
        raise InvalidStampError(message, hint=AGAIN) from error
    if not same:
        message = "the time stamp is not in the form in which it was written"
        raise InvalidStampError(message, hint=AGAIN)
    return token


def _taken_apart(encoded: bytes) -> tuple[tsp.PKIStatusInfo, bytes]:
    """Return the status of a TimeStampResp and its token, b"" where it has none."""
    whole = definite(encoded)
    if whole.end != len(encoded):
        message = "other bytes follow the time stamp"
        raise InvalidStampError(message, hint=AGAIN)
    # Not as a TimeStampResp: asn1crypto has the token in it as always there.
    parts = core.SequenceOf.load(whole.encoded, strict=True, spec=core.Any)
    status, *tokens = (part.dump() for part in parts)
    if len(tokens) > 1:
        message = "more than one token"
        raise ValueError(message)
    return tsp.PKIStatusInfo.load(status, strict=True), b"".join(tokens)


def _refusal(status: tsp.PKIStatusInfo) -> str:
    if status["status"].native == "waiting":
        return "the authority has no time stamp yet"
    failures = sorted(map(str, status["fail_info"].native or ()))
    reasons = [_REASONS.get(one, printable(one)) for one in failures]
    words = printable(" ".join(status["status_string"].native or ()))
    said = "; ".join(part for part in (*reasons, words) if part)
    return f"the authority refuses: {said or 'it gives no reason'}"
