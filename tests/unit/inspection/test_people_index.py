"""Documents of two indexes find each other, and little waits where the order is one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profilegen.inspection.people_index import BATCH, Join, Named, batches
from profilegen.inspection.user_index import IndexEntry

NAMES = st.lists(st.integers(0, 50), unique=True)


def named(number: int, kind: str = "profile", size: int = 1) -> Named:
    member = f"user{number}.mobileconfig"
    digest = "0" * 64
    entry = IndexEntry(
        *(f"user{number}", "phone/users/00000.tar", member, kind, "embedded", size, "", digest)
    )
    return Named(entry, None)


@given(NAMES, NAMES)
def test_every_document_finds_its_match_or_is_left(old: list[int], new: list[int]) -> None:
    join = Join()
    pairs = list(join.pairs(map(named, old), map(named, new)))
    assert all(before.name == after.name for before, after in pairs)
    assert {before for before, _ in pairs} == {named(at) for at in {*old} & {*new}}
    assert len(pairs) == len({*old} & {*new})
    assert [*join.old.by_key.values()] == [named(at) for at in old if at not in new]
    assert [*join.new.by_key.values()] == [named(at) for at in new if at not in old]
    assert join.old.twice == join.new.twice == []


def test_kinds_are_told_apart() -> None:
    join = Join()
    assert not list(join.pairs([named(1)], [named(1, "declaration")]))
    assert len(join.old.by_key) == len(join.new.by_key) == 1


def test_no_more_waits_than_who_came_and_went() -> None:
    old, new = range(5000), [at for at in range(5003) if at % 1000]
    join = Join()
    most = 0
    for _ in join.pairs(map(named, old), map(named, new)):
        most = max(most, len(join.old.by_key) + len(join.new.by_key))
    # Five went; as many rows of NEW are ahead of those of OLD.
    assert 0 < most <= 2 * 5
    assert len(join.old.by_key) == 5
    assert [one.entry.user for one in join.new.by_key.values()] == ["user5001", "user5002"]


def test_a_document_that_is_named_twice_is_told() -> None:
    join = Join()
    assert not list(join.pairs([named(1), named(1)], []))
    assert join.old.twice == [named(1)]


def test_a_batch_has_as_many_bytes_as_may_be_in_memory() -> None:
    found = list(batches(named(at, size=BATCH // 4) for at in range(10)))
    assert [len(batch) for batch in found] == [4, 4, 2]
    assert list(batches([])) == []
