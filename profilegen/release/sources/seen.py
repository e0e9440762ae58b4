"""Which ids have come by, in memory that a million of them do not fill.

Of each id 80 bits of a keyed BLAKE2b digest are kept, and the number of its row: 12 bytes in one of
65,536 buckets that the first 16 bits choose. A million ids take 23 MB, where a dictionary takes
150 MB. Two ids with the same 80 bits would be taken for one, and the second be reported as a
duplicate, not left out in silence: the odds are 4 in 10^13 for a million ids (n^2 / 2^81). The key
is drawn for each table, so that nobody can prepare such a pair.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b

_BUCKETS = 1 << 16
_BUCKET_BYTES = 2
_TAG_BYTES = 8
_ROW_BYTES = 4
_RECORD_BYTES = _TAG_BYTES + _ROW_BYTES


class SeenIds:
    """The ids seen so far, each with the number of its row, from 1 to 2^32 - 1."""

    __slots__ = ("_buckets", "_keyed", "_last")

    def __init__(self) -> None:
        """Make a table of no ids."""
        # The key costs a block of its own: it is digested once, and copied for each id.
        self._keyed = blake2b(digest_size=_BUCKET_BYTES + _TAG_BYTES, key=secrets.token_bytes(16))
        self._buckets: list[bytearray | None] = [None] * _BUCKETS
        self._last = bytearray()

    def claim(self, user_id: str, row: int) -> int:
        """Return the row that has `user_id`; 0 when none had it, and now `row` has."""
        state = self._keyed.copy()
        state.update(user_id.encode("utf-8", "surrogatepass"))
        digest = state.digest()
        tag = digest[_BUCKET_BYTES:]
        place = digest[0] << 8 | digest[1]
        bucket = self._buckets[place]
        if bucket is None:
            self._buckets[place] = self._last = bytearray(tag + row.to_bytes(_ROW_BYTES, "big"))
            return 0
        found = bucket.find(tag)
        while found != -1 and found % _RECORD_BYTES:  # it straddles two records
            found = bucket.find(tag, found + 1)
        if found != -1:
            return int.from_bytes(bucket[found + _TAG_BYTES : found + _RECORD_BYTES], "big")
        bucket += tag + row.to_bytes(_ROW_BYTES, "big")
        self._last = bucket
        return 0

    def give_back(self) -> None:
        """Free the id that was claimed last: its row is bad."""
        del self._last[-_RECORD_BYTES:]
