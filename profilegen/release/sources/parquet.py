"""Rows from Apache Parquet, row group by row group; needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from profilegen.errors import UsageError
from profilegen.extras import extra
from profilegen.policy.model import UserField
from profilegen.release.sources.model import Row, Table, UsersError
from profilegen.release.sources.people import NAMING_COLUMNS

_BATCH = 4096
_BUFFER = 256 * 1024
_TYPES = "Store the column as string, integer or boolean."


def parquet_table(path: Path, *, fields: Sequence[UserField]) -> Table:
    """Return the rows of the Parquet file at `path`: the columns `fields`, and what names people.

    Strings, integers and booleans are values; null is none. A column that is wanted and of another
    type is refused: a time or a fraction has many texts. Raises UsersError for that and for what is
    no Parquet, UsageError when pyarrow is not installed.
    """
    with extra("parquet", needs="Parquet as a list of users needs pyarrow", error=UsageError):
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415
    name = str(path)
    try:
        # Without pre-buffering, a column of a row group is read in pieces.
        file = pq.ParquetFile(pa.OSFile(name), pre_buffer=False, buffer_size=_BUFFER)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _no_parquet(name, error) from error
    columns = tuple(schema.names)
    naming = [column for column in NAMING_COLUMNS if column in columns]
    names = dict.fromkeys((*naming[:1], *(item.name for item in fields)))
    wanted = [one for one in names if one in columns]
    missing = any(item.required and item.name not in columns for item in fields)
    if len(set(columns)) < len(columns) or not naming or missing:
        return Table(name, columns, iter(()))  # which `people` refuses
    for column in wanted:
        _refuse_type(pa, name, column, schema.field(column).type)
    return Table(name, tuple(wanted), _rows(pa, file, name, wanted), names=columns)


def _refuse_type(pa: Any, name: str, column: str, kind: Any) -> None:  # noqa: ANN401 (pyarrow has no types)
    types = pa.types
    value = kind.value_type if types.is_dictionary(kind) else kind
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    others = (types.is_integer, types.is_boolean, types.is_null)
    if not any(test(value) for test in (*texts, *others)):
        message = f"{name}: the column {column} is of the type {kind}"
        raise UsersError(message, hint=_TYPES)


def _rows(pa: Any, file: Any, name: str, wanted: list[str]) -> Iterator[tuple[int, Row]]:  # noqa: ANN401
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
            texts = [_texts(pa, batch.column(column)) for column in wanted]
            for values in zip(*texts, strict=True):
                number += 1
                yield number, ["" if value is None else value for value in values]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _no_parquet(name, error) from error


def _texts(pa: Any, column: Any) -> list[str | None]:  # noqa: ANN401 (pyarrow has no types)
    texts: list[str | None] = column.cast(pa.string()).to_pylist()
    return texts


def _no_parquet(name: str, error: Exception) -> UsersError:
    reason = str(error).partition("\n")[0]
    return UsersError(
        f"{name}: cannot read it as Parquet: {reason:.200}",
        hint="Check that the file is whole, and the format that --users-format says.",
    )
