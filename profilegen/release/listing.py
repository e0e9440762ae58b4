"""Find what lies in a folder of users' files although nothing names it, without a list of them all.

Both sides are summed up: of every path a BLAKE2b digest with a key that is drawn for the occasion,
added on one side and taken away on the other, modulo 2^128. Nothing remains when both have the same
paths, each as often; that it does so for others has odds of 1 in 2^128, and nobody can prepare
paths for a key that is not drawn yet. Only when something remains are digests kept, to tell what.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

_SUM_BYTES = 16
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Paths that are found and not named, and paths that are named more than once."""

    added: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


def compare_paths(
    named: Callable[[], Iterable[str]], found: Callable[[], Iterable[str]]
) -> Mismatch:
    """Compare the paths that are named with those that are found; each is gone through twice.

    What is named and not found is not told here. Memory grows with the number of named paths only
    when there is a mismatch, by some 100 bytes each.
    """
    digest_of = _digests(_SUM_BYTES)
    rest = sum(_numbers(named(), digest_of)) - sum(_numbers(found(), digest_of))
    if rest % (1 << 8 * _SUM_BYTES) == 0:
        return Mismatch()
    known: set[bytes] = set()
    repeated = tuple(path for path in named() if _is_known(digest_of(path), known))
    added = tuple(path for path in found() if digest_of(path) not in known)
    return Mismatch(added, repeated)


def _digests(size: int) -> Callable[[str], bytes]:
    state = blake2b(digest_size=size, key=secrets.token_bytes(_KEY_BYTES))

    def digest_of(path: str) -> bytes:
        copy = state.copy()
        copy.update(path.encode("utf-8", "surrogateescape"))
        return copy.digest()

    return digest_of


def _numbers(paths: Iterable[str], digest_of: Callable[[str], bytes]) -> Iterator[int]:
    for path in paths:
        yield int.from_bytes(digest_of(path), "big")


def _is_known(digest: bytes, known: set[bytes]) -> bool:
    if digest in known:
        return True
    known.add(digest)
    return False
