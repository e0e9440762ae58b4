"""Which ids have come by, in memory that a million of them do not fill.

Of each id 96 bits of a keyed BLAKE2b digest are kept, and the number of its row. Memory has 24 of
the bits, in one of 16,384 buckets that the first 14 choose: that is enough to say of nearly every
new id that it is new. Where it is not, a temporary file has all of them. Two ids with the same 96
bits would be taken for one, and the second be reported as a duplicate, not left out in silence: the
odds are 6 in 10^18 for a million ids (n^2 / 2^97). The key is drawn for each table, so that nobody
can prepare such a pair.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b

from profilegen.release.sources.spilled import DIGEST_BYTES, SpilledRows, find_record

_BUCKET_BITS = 14
_UNUSED_BITS = 16 - _BUCKET_BITS
_TAG_BYTES = 3
_TAG = slice(2, 2 + _TAG_BYTES)


class SeenIds:
    """The ids seen so far, each with the number of its row, from 1 to 2^32 - 1."""

    __slots__ = ("_buckets", "_keyed", "_last", "_rows")

    def __init__(self) -> None:
        """Make a table of no ids."""
        # The key costs a block of its own: it is digested once, and copied for each id.
        self._keyed = blake2b(digest_size=DIGEST_BYTES, key=secrets.token_bytes(16))
        self._buckets = [bytearray() for _ in range(1 << _BUCKET_BITS)]
        self._last = self._buckets[0]
        self._rows = SpilledRows()

    def claim(self, user_id: str, row: int) -> int:
        """Return the row that has `user_id`; 0 when none had it, and now `row` has."""
        digest = self._digest(user_id)
        bucket = self._buckets[(digest[0] << 8 | digest[1]) >> _UNUSED_BITS]
        tag = digest[_TAG]
        if find_record(bucket, tag, _TAG_BYTES) != -1 and (first := self._rows.row_of(digest)):
            return first
        bucket += tag
        self._last = bucket
        self._rows.add(digest, row)
        return 0

    def row_of(self, user_id: str) -> int:
        """Return the row that has `user_id`, 0 when none has."""
        return self._rows.row_of(self._digest(user_id))

    def give_back(self) -> None:
        """Free the id that was claimed last: its row is bad."""
        del self._last[-_TAG_BYTES:]
        self._rows.take_back()

    def _digest(self, user_id: str) -> bytes:
        state = self._keyed.copy()
        state.update(user_id.encode("utf-8", "surrogatepass"))
        return state.digest()
