"""What is found and not named is told, whatever the order, without keeping a list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profilegen.release.listing import Mismatch, compare_paths

PATHS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3), max_size=12)


@given(named=PATHS, found=st.sets(st.text(max_size=3)))
def test_added_and_repeated_paths_are_told(named: list[str], found: set[str]) -> None:
    files = [path for path in found if path.isprintable()]
    mismatch = compare_paths(lambda: named, lambda: files)
    assert set(mismatch.added) == set(files) - set(named)
    assert len(mismatch.repeated) == len(named) - len(set(named))


@given(PATHS)
def test_the_same_paths_in_any_order(paths: list[str]) -> None:
    once = list(dict.fromkeys(paths))
    assert compare_paths(lambda: once, lambda: reversed(once)) == Mismatch()


def test_a_name_that_is_no_text() -> None:
    assert compare_paths(lambda: ["a"], lambda: ["a", "\udcff"]).added == ("\udcff",)


def test_nothing_is_kept_where_both_are_the_same() -> None:
    """Both are gone through once: a second time would be for telling what differs."""
    asked: list[str] = []

    def paths(side: str) -> list[str]:
        asked.append(side)
        return ["a", "b"]

    compare_paths(lambda: paths("named"), lambda: paths("found"))
    assert asked == ["named", "found"]
