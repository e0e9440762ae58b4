"""Ids that were seen: each one found again, none of the others, in little memory."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from profilegen.release.sources.seen import SeenIds


@given(st.lists(st.text(st.characters(), max_size=3)))
def test_the_same_as_a_dictionary(ids: list[str]) -> None:
    seen, known = SeenIds(), dict[str, int]()
    for row, user_id in enumerate(ids, start=1):
        assert seen.claim(user_id, row) == known.setdefault(user_id, row) % row
    assert [seen.claim(user_id, 0) for user_id in known] == [*known.values()]


def test_an_id_that_is_given_back_is_free() -> None:
    seen = SeenIds()
    assert [seen.claim("a", 1), seen.claim("b", 2)] == [0, 0]
    seen.give_back()
    assert [seen.claim("b", 3), seen.claim("b", 4), seen.claim("a", 5)] == [0, 3, 1]


def test_many_ids_share_buckets() -> None:
    seen, many = SeenIds(), 200_000
    tracemalloc.start()
    assert not any(seen.claim(f"user {row}", row) for row in range(1, many))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [seen.claim(f"user {row}", many) for row in (1, 77_777, many - 1)] == [
        1,
        77_777,
        many - 1,
    ]
    assert peak < 80 * many  # mostly of the 65,536 buckets, which a million ids share
