"""The index of users' files: what is written is read again, and nothing else is read."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.inspection.user_index import (
    COLUMNS,
    IndexEntry,
    cell_of,
    line_of,
    open_index,
    read_index,
    user_of,
)

FOLDER = "phone/users"
DIGEST = "0123456789abcdef" * 4
ENTRY = IndexEntry("anna", f"{FOLDER}/3f/anna.json", "", "profile", "embedded", 7, DIGEST, DIGEST)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def row_of(entry: IndexEntry) -> tuple[str, ...]:
    """Return the cells of an entry in the order of COLUMNS, as a build writes them."""
    _, *middle, since, readers = entry
    return (cell_of(entry.user), *map(str, middle), since, " ".join(readers))


def written(*rows: tuple[str, ...]) -> io.StringIO:
    return io.StringIO("".join(map(line_of, (COLUMNS, *rows))), newline="")


def changed(**cells: str) -> tuple[str, ...]:
    return tuple(cells.get(name, cell) for name, cell in zip(COLUMNS, row_of(ENTRY), strict=True))


@given(TEXT)
def test_any_id_is_read_as_it_was_written(user: str) -> None:
    entry = IndexEntry(
        *(user, f"{FOLDER}/00007.tar", "anna.json", "profile", "embedded", 7, DIGEST, DIGEST),
        since=DIGEST,
        encrypted_for=(DIGEST, DIGEST[::-1]),
    )
    assert list(read_index(written(row_of(entry), row_of(ENTRY)), folder=FOLDER)) == [entry, ENTRY]


@given(TEXT)
def test_no_cell_of_a_user_is_a_formula_for_a_spreadsheet(user: str) -> None:
    cell = cell_of(user)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))  # noqa: RUF001  (they are meant)
    assert user_of(cell) == user


@pytest.mark.parametrize("user", ["anna", "4711", "anna=lee", "a@example.com", "张三"])
def test_other_ids_stand_as_they_are(user: str) -> None:
    assert cell_of(user) == user


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"file": "phone/users/../x"}, "no file below phone/users"),
        ({"file": "/etc/passwd"}, "no file below phone/users"),
        ({"file": "phone/other/x"}, "no file below phone/users"),
        ({"file": "phone/users/"}, "no file below phone/users"),
        ({"file": "phone/users"}, "no file below phone/users"),
        ({"file": "phone/users/a//b"}, "no file below phone/users"),
        ({"file": "phone/users/a\nb"}, "no file below phone/users"),
        ({"file": "phone/users/index.csv"}, "no file below phone/users"),
        ({"member": "../x"}, "no file below phone/users"),
        ({"member": "/x"}, "no file below phone/users"),
        ({"member": "a\\b"}, "no file below phone/users"),
        ({"size": "-1"}, "how large"),
        ({"size": "7.0"}, "how large"),
        ({"size": "\u0667"}, "how large"),
        ({"size": "1" * 13}, "how large"),
        ({"sha256": "ab"}, "how large"),
        ({"sha256": DIGEST.upper()}, "how large"),
        ({"content_sha256": ""}, "how large"),
        ({"since": "yesterday"}, "how large"),
        ({"encrypted_for": "anna"}, "how large"),
        ({"signature": "maybe"}, "how it is signed"),
        ({"kind": ""}, "how it is signed"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_number(cells: dict[str, str], reason: str) -> None:
    rows = read_index(written(row_of(ENTRY), changed(**cells)), folder=FOLDER)
    assert next(rows) == ENTRY
    with pytest.raises(ValueError, match=reason) as caught:
        next(rows)
    assert str(caught.value).startswith("row 2: ")


@pytest.mark.parametrize("text", ["", "user,file\r\n", "a" * 1000, '"', "\0"])
def test_what_has_another_header_is_no_index(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^(its first row is not user,file|unexpected|line contains)"
    ):
        list(read_index(io.StringIO(text, newline=""), folder=FOLDER))


def test_a_row_of_other_length() -> None:
    with pytest.raises(ValueError, match="row 1: 9 cells instead of 10"):
        list(read_index(written(row_of(ENTRY)[:-1]), folder=FOLDER))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "index.csv"
    path.write_bytes(",".join(COLUMNS).encode() + b"\r\n\xff\r\n")
    with pytest.raises(ValueError, match="codec can't decode"):
        list(open_index(path, folder=FOLDER))
