"""Sign many files with one identity at one time: everything constant is encoded once.

A file costs one digest, one operation of the key and the joining of a few parts. The bytes are
those of `cms.sign_embedded` and `cms.sign_detached`, which make the model that is taken apart here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from asn1crypto import cms

from profilegen.errors import SigningError
from profilegen.signing.ber import element_start
from profilegen.signing.cms import MAX_CONTENT, sign_detached, sign_embedded
from profilegen.signing.identity import Identity

_SEQUENCE, _SET, _OCTETS, _EXPLICIT = b"\x30", b"\x31", b"\x04", b"\xa0"
_SHA256 = "sha256"
# Pairs of a content's and a signature's length whose headers are kept: users differ little.
_FRAMES = 4096
_MODEL = b"the model"


@dataclass(frozen=True, slots=True)
class Constants:
    """The parts of a SignedData (RFC 5652 section 5.1) that no content changes, as DER.

    `opening` is what stands before the content in the SignedData; `certificates` what follows it;
    `signer` what stands before the attributes in the SignerInfo, `algorithm` what follows them.
    `attributes` are those that are signed, up to the value of the digest, without their header.
    `content` is the model's own, None where it is detached.
    """

    kind: bytes
    opening: bytes
    content_type: bytes
    certificates: bytes
    signer: bytes
    attributes: bytes
    algorithm: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class BatchSigner:
    """Signs as the functions of `cms` do, with the same identity and signing time for all files."""

    _sign_bytes: Callable[[bytes], bytes] = field(repr=False)
    _hash: str
    _hasher: Callable[[bytes], hashlib._Hash] = field(repr=False)
    _signed_prefix: bytes
    _embedded: Callable[[int, int], tuple[bytes, bytes, bytes]] = field(repr=False)
    _detached: Callable[[int, int], tuple[bytes, bytes, bytes]] = field(repr=False)

    def sign_embedded(
        self, contents: Sequence[bytes], *, sha256: Sequence[bytes] = ()
    ) -> list[bytes]:
        """Return for each of `contents` the DER of a SignedData that holds it.

        `sha256` are their digests, where those are known already. All are signed one after the
        other before they are put together, which keeps the key in the processor's cache. Raises as
        `cms.sign_embedded` does.
        """
        made = []
        for content, (digest, signature) in zip(
            contents, self._sign(contents, sha256), strict=True
        ):
            before, middle, after = self._embedded(len(content), len(signature))
            made.append(b"".join((before, content, middle, digest, after, signature)))
        return made

    def sign_detached(
        self, contents: Sequence[bytes], *, sha256: Sequence[bytes] = ()
    ) -> list[bytes]:
        """Return the DER of a SignedData over each of `contents`, without it; else as the other."""
        made = []
        for digest, signature in self._sign(contents, sha256):
            before, middle, after = self._detached(0, len(signature))
            made.append(b"".join((before, middle, digest, after, signature)))
        return made

    def _sign(
        self, contents: Sequence[bytes], sha256: Sequence[bytes]
    ) -> list[tuple[bytes, bytes]]:
        """Return the digest and the signature of each of `contents`."""
        longest = max(map(len, contents), default=0)
        if longest > MAX_CONTENT:
            message = f"{longest} bytes are more than the {MAX_CONTENT} that can be signed"
            raise SigningError(message, hint="Sign a smaller file.")
        digests = sha256
        if not sha256 or self._hash != _SHA256:
            digests = [self._hasher(content).digest() for content in contents]
        sign, prefix = self._sign_bytes, self._signed_prefix
        return [(digest, sign(prefix + digest)) for digest in digests]


def batch_signer(identity: Identity, *, signed_at: datetime) -> BatchSigner:
    """Return the signer of many files with `identity` at `signed_at`.

    Signs two models. Raises SigningError as `cms.sign_embedded` does.
    """
    embedded = constants_of(sign_embedded(_MODEL, identity, signed_at=signed_at))
    detached = constants_of(sign_detached(_MODEL, identity, signed_at=signed_at))
    size = hashlib.new(identity.scheme.digest).digest_size
    return BatchSigner(
        identity.sign_bytes,
        identity.scheme.digest,
        getattr(hashlib, identity.scheme.digest),  # half a microsecond faster than `new`
        element_start(_SET, len(embedded.attributes) + size) + embedded.attributes,
        framing(embedded, size, embeds=True),
        framing(detached, size, embeds=False),
    )


def constants_of(model: bytes) -> Constants:
    """Return the parts of `model`, the DER of a SignedData as `cms` makes it, and its content.

    Whether it is just such a one, the caller knows or finds out by `framing`.
    """
    info = cms.ContentInfo.load(model)
    signed = info["content"]
    signer = signed["signer_infos"][0]
    attributes = signer["signed_attrs"].contents
    digest = signer["signed_attrs"][2]["values"][0].native
    return Constants(
        kind=info["content_type"].dump(),
        opening=signed["version"].dump() + signed["digest_algorithms"].dump(),
        content_type=signed["encap_content_info"]["content_type"].dump(),
        certificates=signed["certificates"].dump(),
        signer=b"".join(signer[name].dump() for name in ("version", "sid", "digest_algorithm")),
        attributes=attributes.removesuffix(digest),
        algorithm=signer["signature_algorithm"].dump(),
        content=signed["encap_content_info"]["content"].native,
    )


def framing(
    constants: Constants, digest_size: int, *, embeds: bool
) -> Callable[[int, int], tuple[bytes, bytes, bytes]]:
    """Return the function that gives, for two lengths, what stands around content and digest.

    They are those of the content and of the signature, in bytes; what it gives stands before the
    content, between content and digest, and between digest and signature. `digest_size` is in bytes
    too; `embeds` says that the content is inside.
    """

    @lru_cache(_FRAMES)
    def frame(content_size: int, signature_size: int) -> tuple[bytes, bytes, bytes]:
        after = constants.algorithm + element_start(_OCTETS, signature_size)
        attributes_size = len(constants.attributes) + digest_size
        start = constants.signer + element_start(_EXPLICIT, attributes_size) + constants.attributes
        info_size = len(start) + digest_size + len(after) + signature_size
        info = element_start(_SEQUENCE, info_size) + start
        infos = element_start(_SET, info_size + len(info) - len(start)) + info
        middle = constants.certificates + infos
        rest = len(middle) + digest_size + len(after) + signature_size
        before = constants.content_type
        if embeds:
            octets = element_start(_OCTETS, content_size)
            before += element_start(_EXPLICIT, len(octets) + content_size) + octets
        encapsulated = len(before) + content_size
        before = constants.opening + element_start(_SEQUENCE, encapsulated) + before
        for outer, inside in ((_SEQUENCE, b""), (_EXPLICIT, constants.kind), (_SEQUENCE, b"")):
            size = len(before) + content_size + rest
            before = inside + element_start(outer, size) + before
        return before, middle, after

    return frame
