"""Parquet: types that have one text, columns that are wanted, files that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.model import BadRow, UsersError
from profilegen.release.sources.parquet import parquet_table
from profilegen.release.sources.people import people
from profilegen.render.user import UserRow
from tests.unit.release.sources.lists import EMAIL

STAFF = UserField("staff", FieldKind.TEXT, required=False, pattern="")


def read(path: Path, *fields: UserField) -> list[UserRow | BadRow]:
    table = parquet_table(path, fields=fields)
    return list(people(table, fields))


def written(path: Path, columns: dict[str, Any], **options: Any) -> Path:  # noqa: ANN401 - pyarrow's
    file = path / "users.parquet"
    pq.write_table(pa.table(columns), file, **options)
    return file


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, None, -3], pa.int64()), ["1", "", "-3"]),
        (pa.array([2**64 - 1, 0, 7], pa.uint64()), [str(2**64 - 1), "0", "7"]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array(["Zoë", None, "  x "], pa.large_string()), ["Zoë", "", "x"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([None, None, None]), ["", "", ""]),
    ],
    ids=["integer", "unsigned", "boolean", "string", "dictionary", "null"],
)
def test_what_has_one_text(values: pa.Array, texts: list[str], tmp_path: Path) -> None:
    file = written(tmp_path, {"id": ["a", "b", "c"], "staff": values})
    assert read(file, STAFF) == [
        (user_id, text) for user_id, text in zip("abc", texts, strict=True)
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5], "double"),
        ([datetime(2026, 1, 1, tzinfo=UTC)], "timestamp[us, tz=UTC]"),
        ([b"a"], "binary"),
        ([["a"]], "list<element: string>"),
    ],
)
def test_what_has_many_texts_is_refused(values: list[object], kind: str, tmp_path: Path) -> None:
    file = written(tmp_path, {"id": ["a"], "staff": values, "other": [2.5]})
    with pytest.raises(UsersError) as caught:
        read(file, STAFF)
    assert caught.value.message == f"{file}: the column staff is of the type {kind}"
    assert caught.value.hint == "Store the column as string, integer or boolean."
    assert read(file) == [("a",)]


def test_rows_have_their_numbers_over_row_groups(tmp_path: Path) -> None:
    ids = [*map(str, range(9_000)), "7"]
    emails = [f"u{number}@example.com" for number in ids]
    file = written(tmp_path, {"email": emails, "id": ids}, row_group_size=1000)
    rows = read(file, EMAIL)
    assert rows[-2:] == [
        ("8999", "u8999@example.com"),
        BadRow(9001, "id: '7' is the user of row 8 already"),
    ]


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    file = written(tmp_path, {"id": ["a"], "name": ["x"]})
    with pytest.raises(UsersError) as caught:
        read(file, EMAIL)
    assert caught.value.message == f"{file}: no column for email; it has id, name"
    with pytest.raises(UsersError, match="no column id, which names the person; it has name"):
        read(written(tmp_path, {"name": ["x"]}))


@pytest.mark.parametrize("content", [b"", b"id,email\n", b"PAR1PAR1", b"PAR1" * 100])
def test_files_that_are_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "users.parquet"
    file.write_bytes(content)
    with pytest.raises(UsersError) as caught:
        read(file, EMAIL)
    assert caught.value.message.startswith(f"{file}: cannot read it as Parquet: ")
    assert caught.value.hint


def test_a_file_that_breaks_inside(tmp_path: Path) -> None:
    ids = [f"user {number}" for number in range(20_000)]
    file = written(tmp_path, {"id": ids}, row_group_size=1000)
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4000] = bytes(4000)
    file.write_bytes(content)
    with pytest.raises(UsersError, match="cannot read it as Parquet"):
        read(file)
