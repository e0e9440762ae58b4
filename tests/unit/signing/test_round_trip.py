"""Sign and verify agree on every content, and one changed byte is never overlooked."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.errors import VerificationError
from profilegen.signing.algorithms import scheme_of, signer
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.identity import Identity
from profilegen.signing.trust import Trust
from profilegen.signing.verify import verify
from tests.support import pki

KINDS = st.sampled_from(["rsa-2048", "p256", "p384"])
TIMES = st.datetimes(
    min_value=datetime(1950, 1, 1),  # noqa: DTZ001 - hypothesis wants the zone apart
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)


@cache
def _identity(kind: str) -> Identity:
    chain = pki.chain(kind)
    return Identity(
        leaf=chain.leaf.certificate,
        intermediates=(chain.intermediate.certificate,),
        root=chain.root.certificate,
        scheme=scheme_of(chain.leaf.key.public_key(), where="test"),
        sign_bytes=signer(chain.leaf.key, where="test"),
    )


def _trust(kind: str) -> Trust:
    return Trust((pki.chain(kind).root.certificate,), "root.pem")


@given(kind=KINDS, content=st.binary(), time=TIMES)
def test_what_is_signed_verifies_and_comes_back(kind: str, content: bytes, time: datetime) -> None:
    data = sign_embedded(content, _identity(kind), signed_at=time)
    assert data == sign_embedded(content, _identity(kind), signed_at=time)
    verified = verify(data, trust=_trust(kind), at=pki.NOW)
    assert verified.content == content
    assert verified.signed_at == time.replace(microsecond=0)


@given(kind=KINDS, content=st.binary())
def test_detached_signatures_verify_with_their_content_only(kind: str, content: bytes) -> None:
    data = sign_detached(content, _identity(kind), signed_at=pki.NOW)
    verified = verify(data, trust=_trust(kind), content=content, at=pki.NOW)
    assert verified.content == content
    with pytest.raises(VerificationError):
        verify(data, trust=_trust(kind), content=content + b" ", at=pki.NOW)


@given(
    kind=KINDS,
    place=st.integers(min_value=0),
    change=st.integers(min_value=1, max_value=255),
)
def test_a_changed_byte_is_never_overlooked(kind: str, place: int, change: int) -> None:
    data = bytearray(sign_embedded(b"<plist/>", _identity(kind), signed_at=pki.NOW))
    data[place % len(data)] ^= change
    with pytest.raises(VerificationError):
        verify(bytes(data), trust=_trust(kind), at=pki.NOW)


@pytest.mark.parametrize("kind", ["rsa-2048", "p256"])
def test_no_byte_at_all_is_free_to_change(kind: str) -> None:
    data = sign_embedded(b"<plist/>", _identity(kind), signed_at=pki.NOW)
    overlooked = []
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        try:
            verify(bytes(changed), trust=_trust(kind), at=pki.NOW)
        except VerificationError:
            continue
        overlooked.append(place)
    assert overlooked == []


@given(data=st.data(), kind=KINDS)
def test_a_cut_or_longer_file_is_refused(data: st.DataObject, kind: str) -> None:
    whole = sign_embedded(b"<plist/>", _identity(kind), signed_at=pki.NOW)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    more = whole + data.draw(st.binary(min_size=1))
    for changed in (cut, more):
        with pytest.raises(VerificationError):
            verify(changed, trust=_trust(kind), at=pki.NOW)
