"""Lines of bytes: their ends, their encodings, their digest, and bytes that are no text."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.errors import UsageError
from profilegen.release.sources import reading
from profilegen.release.sources.model import UsersError
from profilegen.release.sources.reading import MAX_LINE, DigestedStream, Lines
from tests.unit.release.sources.lists import lines


@given(st.text("ab\r\n\u2028\x0b\x85ü"), st.integers(1, 5))
def test_lines_are_those_of_python_wherever_blocks_end(text: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK", block)
        assert [*lines(text)] == [*io.StringIO(text, newline="")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1"]
)
def test_encodings(encoding: str) -> None:
    text = "id,name\nä,Zoë\n"
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    content = marks.get(encoding, b"") + text.encode(encoding)
    told = encoding if encoding in {"cp1252", "iso-8859-1"} else ""
    assert "".join(lines(content, encoding=told)) == text


def test_a_mark_is_no_text_where_the_encoding_is_given() -> None:
    assert [*lines("\ufeffid\n", encoding="UTF8")] == ["id\n"]


@pytest.mark.parametrize("encoding", ["latin-0", "rot13", "base64", "no such", "\0"])
def test_encodings_that_are_none(encoding: str) -> None:
    with pytest.raises(UsageError, match="not a known encoding of text") as caught:
        lines("id\n", encoding=encoding)
    assert caught.value.hint.startswith("Use utf-8, ")


def test_bytes_that_are_no_text_have_their_place() -> None:
    content = b"id,name\n" + b"a,b\n" * 100_000 + b"a,Zo\xeb\n"
    with pytest.raises(UsersError) as caught:
        list(lines(content))
    assert caught.value.message == (
        f"users.csv: the list of users is not UTF-8 (byte {len(content) - 2})"
    )
    assert caught.value.hint == (
        "Save it as UTF-8, or name its encoding, such as --users-encoding cp1252."
    )
    assert [*lines(content, encoding="cp1252")][-1] == "a,Zoë\n"


def test_a_line_without_end_is_cut_and_the_next_one_whole() -> None:
    found = lines("a\n" + "x" * (3 * MAX_LINE) + "\nb\n")
    told = [(line[:2], len(line), found.cuts) for line in found]
    assert told == [("a\n", 2, 0), ("xx", MAX_LINE + 1, 1), ("b\n", 2, 1)]
    assert [len(line) for line in lines("x" * (2 * MAX_LINE))] == [MAX_LINE + 1]


def test_the_digest_is_that_of_the_bytes() -> None:
    content = "\ufeffid\r\nä\r\n".encode()
    stream = DigestedStream(io.BytesIO(content))
    assert [*Lines("users.csv", stream)] == ["id\r\n", "ä\r\n"]
    assert stream.hexdigest() == hashlib.sha256(content).hexdigest()


def test_what_the_system_does_not_let_us_read(tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            del size
            raise OSError(5, "Input/output error")

    with pytest.raises(UsersError) as caught:
        Lines(str(tmp_path), DigestedStream(Broken()))
    assert caught.value.message == f"{tmp_path}: cannot read the file: Input/output error"
