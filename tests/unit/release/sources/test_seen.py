"""Ids that were seen: each one found again, none of the others, in little memory."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.errors import UsageError
from profilegen.release.sources.seen import SeenIds

MANY = 100_000
"""More than stay in memory: the first ones are in the temporary file."""
SOME = (1, 7_777, MANY - 1)


def claim_many(seen: SeenIds) -> None:
    assert not any(seen.claim(f"user {row}", row) for row in range(1, MANY))


def found_again(seen: SeenIds) -> tuple[int, ...]:
    return tuple(seen.claim(f"user {row}", MANY) for row in SOME)


@given(st.lists(st.text(st.characters(), max_size=3)))
def test_the_same_as_a_dictionary(ids: list[str]) -> None:
    known = dict[str, int]()
    seen = SeenIds()
    for row, user_id in enumerate(ids, start=1):
        assert seen.claim(user_id, row) == known.setdefault(user_id, row) % row
    assert [seen.claim(user_id, 0) for user_id in known] == [*known.values()]


def test_an_id_that_is_given_back_is_free() -> None:
    seen = SeenIds()
    assert [seen.claim("a", 1), seen.claim("b", 2)] == [0, 0]
    seen.give_back()
    assert [seen.claim("b", 3), seen.claim("b", 4), seen.claim("a", 5)] == [0, 3, 1]


def test_many_ids_take_few_octets_each() -> None:
    seen = SeenIds()
    tracemalloc.start()
    claim_many(seen)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found_again(seen) == SOME
    assert peak < 9 * MANY  # 3 of each, what buckets grow by, and 256 kB for the newest


def test_ids_that_are_given_back_at_any_time_are_free() -> None:
    seen = SeenIds()
    for row in range(1, MANY):
        assert not seen.claim(f"user {row}", row)
        if row % 3 == 0:
            seen.give_back()
    firsts = [seen.claim(f"user {row}", MANY) for row in range(1, MANY, 1_000)]
    assert firsts == [0 if row % 3 == 0 else row for row in range(1, MANY, 1_000)]


@pytest.mark.parametrize("fault", ["no file", "full", "half"])
def test_without_a_temporary_file_all_stays_in_memory(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    class Full(io.BytesIO):
        def write(self, content: object, /) -> int:
            if fault == "half":
                return super().write(bytes(content)[:100])  # type: ignore[call-overload]
            raise OSError(28, "No space left on device")

    def temporary_file(**_: object) -> Full:
        if fault == "no file":
            raise FileNotFoundError(2, "No usable temporary directory found")
        return Full()

    monkeypatch.setattr(tempfile, "TemporaryFile", temporary_file)
    seen = SeenIds()
    claim_many(seen)
    assert found_again(seen) == SOME


def test_a_temporary_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.BytesIO):
        def read(self, _: object = None, /) -> NoReturn:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Broken())
    seen = SeenIds()
    claim_many(seen)
    with pytest.raises(UsageError) as caught:
        seen.claim("user 1", MANY)
    assert str(caught.value) == "the temporary file of ids cannot be read: Input/output error"
    assert caught.value.hint == "Set TMPDIR to a folder on another disk."
