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
from profilegen.release.sources.reading import MAX_LINE, DigestedStream, Lines, NotTextError
from tests.unit.release.sources.lists import lines

ELSE = "Save the list as UTF-8, or name its encoding, such as --users-encoding cp1252."


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
    content = b"id,name\n" + b"a,b\n" * 100_000 + b"a,Zo\xeb\n" + b"a,b\n" * 100_000
    place = content.index(b"\xeb")
    with pytest.raises(NotTextError) as caught:
        list(lines(content))
    assert caught.value.message == f"users.csv: not UTF-8 (line 100002, byte {place} of the list)"
    assert caught.value.before == "a,Zo"
    assert caught.value.within("row 7").message == (
        f"users.csv: row 7: not UTF-8 (line 100002, byte {place} of the list)"
    )
    assert caught.value.hint == caught.value.within("row 7").hint == ELSE
    assert [*lines(content, encoding="cp1252")][100_001] == "a,Zoë\n"


@given(
    st.text("ab,\r\n\u2028üä"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "shift_jis", "cp1252"]),
    st.integers(4, 9),
)
def test_all_lines_before_bytes_that_are_no_text_are_read(
    text: str, encoding: str, block: int
) -> None:
    text = text.encode(encoding, "ignore").decode(encoding)
    bad = {"utf-16": b"\x00\xdc", "shift_jis": b"\xa0"}.get(encoding, b"\x81")
    good = text.encode(encoding)
    told = encoding if encoding in {"shift_jis", "cp1252"} else ""
    found: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK", block)
        with pytest.raises(NotTextError) as caught:
            found.extend(lines(good + bad + b"a\x00", encoding=told))
    assert "".join(found) + caught.value.before == text
    ended = [*io.StringIO(text + "x", newline="")]
    assert caught.value.before == ended[-1][:-1]
    place = f"(line {len(ended)}, byte {len(good)} of the list)"
    assert caught.value.message.endswith(place)


def test_a_codec_that_tells_no_place() -> None:
    with pytest.raises(NotTextError) as caught:
        list(lines("id\n".encode("utf-16-le"), encoding="utf-16"))
    assert caught.value.message == "users.csv: not UTF-16 (in line 1 or below)"


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
