"""What a token signs, and what becomes of what it returns."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from profilegen.signing.keys.pkcs11_mechanism import ecdsa_der

_NUMBERS = st.integers(min_value=1, max_value=2**384 - 1)


@given(r=_NUMBERS, s=_NUMBERS)
def test_the_halves_of_an_ecdsa_signature_become_der(r: int, s: int) -> None:
    assert decode_dss_signature(ecdsa_der(r.to_bytes(48) + s.to_bytes(48))) == (r, s)


@pytest.mark.parametrize("raw", [b"", b"\x01", b"\x01\x00", b"\x00\x01", bytes(64), b"\x01" * 63])
def test_what_is_no_ecdsa_signature(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no ECDSA signature"):
        ecdsa_der(raw)
