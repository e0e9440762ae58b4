"""Verify many files that are signed alike: what they have in common is judged once.

A file is like a model that was judged when it is the model's bytes with another content, the digest
of that, another signature, and the lengths that follow. Then everything that the judge said of the
model holds for it, if the digest and the signature do: the rest is the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.signing.algorithms import (
    STRONG_DIGESTS,
    PublicKey,
    digest_of,
    signature_is_valid,
)
from profilegen.signing.batch import constants_of, framing
from profilegen.signing.ber import element_start

_SET = b"\x31"
# An ECDSA signature is as much shorter as its two numbers begin with zeros. Files whose signature
# is shorter than this are too few to matter (1 in 2^32), and are judged like any other.
_SHORTER = 5
_TRIES = 4
# From this many bytes of a number on, a pair of them is longer than a header of two bytes says.
_LARGE = 61


@dataclass(frozen=True, slots=True)
class Model:
    """A signed file that was judged, taken apart.

    `lengths` are those that signatures of the key have, most frequent first; `overhead` is how much
    longer the file is than its content. All are in bytes.
    """

    key: PublicKey
    digest: str
    digest_size: int
    signed_prefix: bytes
    lengths: tuple[int, ...]
    overhead: int
    embeds: bool
    frame: Callable[[int, int], tuple[bytes, bytes, bytes]] = field(repr=False)

    def content_of(self, signed: bytes, content: bytes | None = None) -> bytes | None:
        """Return what `signed` signs, None unless it is like the model and its signature holds.

        `content` is what a detached signature is over.
        """
        for length in self.lengths:
            parts = self._parts(signed, length)
            if parts is not None:
                inner, digest, signature = parts
                found = inner if self.embeds else content
                if found is None or digest_of(found, digest=self.digest) != digest:
                    return None
                data = self.signed_prefix + digest
                valid = signature_is_valid(self.key, signature, data, digest=self.digest)
                return found if valid else None
        return None

    def _parts(self, signed: bytes, length: int) -> tuple[bytes, bytes, bytes] | None:
        """Return content, digest and signature of `signed`, if its signature is of that length."""
        size = self._content_size(len(signed), length) if self.embeds else 0
        if size < 0:
            return None
        before, middle, after = self.frame(size, length)
        start = len(before) + size
        digest = start + len(middle)
        signature = len(signed) - length
        rest = signature - len(after)
        alike = (
            signed.startswith(before)
            and signed.startswith(middle, start)
            and signed.startswith(after, rest)
            and rest - digest == self.digest_size
        )
        if not alike:
            return None
        return signed[len(before) : start], signed[digest:rest], signed[signature:]

    def _content_size(self, total: int, length: int) -> int:
        """Return how long the content of a file of `total` bytes can be, negative where none can.

        The headers around a content grow with it, by a few bytes.
        """
        size = max(0, total - self.overhead)  # it may have shorter headers than the model
        for _ in range(_TRIES):
            tried, parts = size, sum(map(len, self.frame(size, length)))
            size = total - parts - self.digest_size - length
            if size == tried or size < 0:
                return size
        return -1


def model_of(
    signed: bytes, content: bytes | None, key: PublicKeyTypes, *, digest: str
) -> Model | None:
    """Return a model of a file that a judge found without fault, None when it is no such file.

    `content` is what a detached signature is over, None where it is embedded; `key` that of the
    one signer, and `digest` the name of the digest. The model is tried on the file itself.
    """
    if digest not in STRONG_DIGESTS or not isinstance(key, PublicKey):
        return None
    try:
        constants = constants_of(signed)
    except (IndexError, KeyError, TypeError, ValueError):  # of asn1crypto, for another form
        return None
    embeds = content is None
    inner = constants.content if embeds else content
    if inner is None:
        return None
    size = len(digest_of(b"", digest=digest))
    attributes = element_start(_SET, len(constants.attributes) + size) + constants.attributes
    model = Model(
        key=key,
        digest=digest,
        digest_size=size,
        signed_prefix=attributes,
        lengths=tuple(_lengths(key)),
        overhead=len(signed) - len(inner),
        embeds=embeds,
        frame=framing(constants, size, embeds=embeds),
    )
    return model if model.content_of(signed, content) == inner else None


def _lengths(key: PublicKey) -> Iterator[int]:
    bytes_of_key = (key.key_size + 7) // 8
    if isinstance(key, rsa.RSAPublicKey):
        yield bytes_of_key
        return
    # Two INTEGERs in a SEQUENCE (RFC 3279 section 2.2.3), each with a zero in front as often as
    # not; the header of the SEQUENCE of P-521 has one byte more.
    longest = 2 * (2 + bytes_of_key + 1) + (2 if bytes_of_key < _LARGE else 3)
    yield from (longest - less for less in (1, 0, 2, 3, 4, _SHORTER))
