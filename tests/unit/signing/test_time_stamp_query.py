"""Asking an authority: what is sent, which answers are taken, and how a refusal reads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from asn1crypto import tsp

from profilegen.errors import UsageError
from profilegen.signing.ber import tlv
from profilegen.signing.time_stamp import check_time_stamp, request_time_stamp
from profilegen.signing.time_stamp_failures import StampServiceError
from profilegen.signing.time_stamp_query import granted_token, kept_answer, kept_token, new_query
from profilegen.signing.trust import Trust
from tests.support import authority, stamps
from tests.support.authority import Answer, openssl_reply, query_for, serve
from tests.support.stamps import Recipe

DATA = b"the signature of a manifest"
DIGEST = hashlib.sha256(DATA).digest()
TRUST = Trust((authority.authority().root.certificate,), "roots.pem")
OTHER = "Use another authority."


def test_a_request() -> None:
    sent = tsp.TimeStampReq.load(new_query(DATA).encoded, strict=True)
    nonce = sent["nonce"].native
    assert sent.native == {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256", "parameters": None},
            "hashed_message": DIGEST,
        },
        "req_policy": None,
        "nonce": nonce,
        "cert_req": True,
        "extensions": None,
    }
    others = {tsp.TimeStampReq.load(new_query(DATA).encoded)["nonce"].native for _ in range(50)}
    assert len(others | {nonce}) == 51
    assert max(others) > 2**56


def test_an_authority_is_asked_once_and_its_answer_holds() -> None:
    with serve() as server:
        kept = request_time_stamp(DATA, url=server.url)
    assert len(server.queries) == 1
    stamp = check_time_stamp(kept, data=DATA, trust=TRUST, at=datetime.now(UTC))
    assert stamp.authority == "CN=Time Authority"


def test_words_that_nobody_signed_are_not_kept() -> None:
    kept = []
    for words in (None, ["Operation Okay"]):
        with serve(partial(_reworded, words=words)) as server:
            kept.append(tsp.TimeStampResp.load(request_time_stamp(DATA, url=server.url)))
    assert [one["status"].dump().hex() for one in kept] == ["3003020100"] * 2


def _reworded(query: bytes, *, words: list[str] | None) -> Answer:
    answer = tsp.TimeStampResp.load(openssl_reply(query))
    answer["status"] = {"status": "granted_with_mods", "status_string": words}
    return Answer(answer.dump(force=True))


def refused(reply: Callable[[bytes], bytes]) -> tuple[str, str]:
    with serve(lambda query: Answer(reply(query))) as server:
        with pytest.raises(StampServiceError) as caught:
            request_time_stamp(DATA, url=server.url)
        assert caught.value.exit_code == 6
        assert len(server.queries) == 1
        return caught.value.message.removeprefix(f"{server.url}: "), caught.value.hint


def _other_nonce(query: bytes) -> bytes:
    nonce = tsp.TimeStampReq.load(query)["nonce"].native
    return openssl_reply(query_for(DIGEST, nonce=nonce + 1))


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(_other_nonce, id="nonce"),
        pytest.param(lambda _: openssl_reply(query_for(DIGEST, nonce=None)), id="no-nonce"),
        pytest.param(
            lambda query: openssl_reply(
                query_for(bytes(32), nonce=tsp.TimeStampReq.load(query)["nonce"].native)
            ),
            id="imprint",
        ),
        pytest.param(
            lambda query: openssl_reply(
                query_for(
                    hashlib.sha512(DATA).digest(),
                    digest="sha512",
                    nonce=tsp.TimeStampReq.load(query)["nonce"].native,
                )
            ),
            id="digest",
        ),
    ],
)
def test_a_stamp_for_another_request(reply: Callable[[bytes], bytes]) -> None:
    assert refused(reply) == (
        "the answer is a time stamp for another request",
        "Check who answers: the authority, or a proxy's store.",
    )


def test_a_stamp_of_the_same_data_that_was_kept_by_a_proxy() -> None:
    with serve() as server:
        kept = request_time_stamp(DATA, url=server.url)
    assert refused(lambda _: kept)[0] == "the answer is a time stamp for another request"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lambda _: b"", id="nothing"),
        pytest.param(lambda _: b"<html>", id="text"),
        pytest.param(lambda query: query, id="echo"),
        pytest.param(lambda query: openssl_reply(query)[:-1], id="cut"),
        pytest.param(lambda query: openssl_reply(query) + b"\n", id="trailing"),
    ],
)
def test_what_is_no_answer(reply: Callable[[bytes], bytes]) -> None:
    assert refused(reply) == (
        "the answer is no answer to a request for a time stamp (RFC 3161)",
        "Check the URL of --timestamp.",
    )


def _damaged(query: bytes) -> bytes:
    answer = bytearray(openssl_reply(query))
    answer[-1] ^= 1
    return bytes(answer)


def _without_certificate(query: bytes) -> bytes:
    answer = tsp.TimeStampResp.load(openssl_reply(query))
    answer["time_stamp_token"]["content"]["certificates"] = None
    encoded: bytes = answer.dump(force=True)
    return encoded


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        pytest.param(
            _damaged,
            "the answer is of no use: the signature of the time stamp does not hold: the signature"
            " is not one of the signer's key over this content",
            id="damaged",
        ),
        pytest.param(
            _without_certificate,
            "the answer is of no use: the certificate of the authority is not in the time stamp",
            id="no-certificate",
        ),
    ],
)
def test_a_stamp_that_proves_nothing(reply: Callable[[bytes], bytes], message: str) -> None:
    assert refused(reply) == (message, OTHER)


def _status(status: str, *, words: list[str] | None = None, failures: int | None = None) -> bytes:
    info = tsp.PKIStatusInfo({"status": status, "status_string": words})
    if failures is not None:
        info["fail_info"] = {tsp.PKIFailureInfo._map[failures]}  # noqa: SLF001 - bits by their names
    return bytes([0x30, len(info.dump())]) + bytes(info.dump())


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (
            _status("rejection", failures=0, words=["SHA-256 \x1b[31mis", "unknown"]),
            "the authority refuses: the digest algorithm is not supported; SHA-256 ?[31mis unknown",
            "Ask whoever runs it, or use another authority.",
        ),
        (
            _status("rejection", failures=25),
            "the authority refuses: it failed",
            "Ask whoever runs it, or use another authority.",
        ),
        (
            _status("rejection"),
            "the authority refuses: it gives no reason",
            "Ask whoever runs it, or use another authority.",
        ),
        (
            _status("granted"),
            "the authority refuses: it gives no reason",
            "Ask whoever runs it, or use another authority.",
        ),
        (
            _status("waiting"),
            "the authority has no time stamp yet",
            "Try again later; nothing was written.",
        ),
        (
            _status("revocation_warning", words=["soon"]),
            "the authority refuses: soon",
            "Ask whoever runs it, or use another authority.",
        ),
    ],
    ids=["algorithm", "failure", "no-reason", "no-token", "waiting", "revocation"],
)
def test_a_refusal(answer: bytes, message: str, hint: str) -> None:
    assert refused(lambda _: answer) == (message, hint)


def test_a_refusal_of_openssl() -> None:
    # It refuses digests that it was not told to take.
    answer = openssl_reply(query_for(bytes(16), digest="md5"))
    with pytest.raises(StampServiceError) as caught:
        granted_token(answer, where="http://tsa")
    assert caught.value.message == (
        "http://tsa: the authority refuses: the digest algorithm is not supported;"
        " Message digest algorithm is not supported."
    )


def test_a_granted_token_of_somebody_else_is_read() -> None:
    token = stamps.token(DATA, Recipe())
    response = tsp.TimeStampResp()
    response["status"] = {"status": "granted", "status_string": ["fine"]}
    response["time_stamp_token"] = tsp.ContentInfo.load(token)
    assert granted_token(response.dump(), where="") == token


def test_nothing_is_asked_at_a_url_that_is_none() -> None:
    with pytest.raises(UsageError):
        request_time_stamp(DATA, url="file:///etc/passwd")


@pytest.mark.parametrize("size", [0x7E, 0x80, 0x17E, 0x180, 0x480])
def test_what_is_kept_is_the_token_as_it_stands(size: int) -> None:
    """asn1crypto takes a length that ends in 0x80 for the indefinite form."""
    token = tlv(b"\x30", b"\x05\0" * (size // 2))
    assert kept_token(kept_answer(token)) == token
