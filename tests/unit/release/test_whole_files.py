"""Files are written whole, together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from profilegen.errors import SigningError, UsageError
from profilegen.release.whole_files import replace_files
from tests.support.releases import snapshot, write_files


def test_files_are_replaced_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    replace_files([(tmp_path / "a", b"new"), (tmp_path / "b" / "c" / "d", b"")])
    assert snapshot(tmp_path) == {"a": b"new", "b/c/d": b""}


def test_no_file_is_replaced_where_one_cannot_be(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": b"old", "file": b"", "folder/x": b""})
    before = snapshot(tmp_path)
    for name in ("folder", "file/x", "\0"):
        files = [(tmp_path / "a", b"new"), (tmp_path / "new" / "b", b""), (tmp_path / name, b"")]
        with pytest.raises((UsageError, ValueError)):
            replace_files(files)
        assert snapshot(tmp_path) == before
        assert not (tmp_path / "new").exists()


def test_no_file_is_replaced_where_a_content_cannot_be_made(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[Path, bytes]]:
        yield tmp_path / "new" / "a", b"new"
        message = "signing failed"
        raise SigningError(message)

    with pytest.raises(SigningError):
        replace_files(files())
    assert list(tmp_path.iterdir()) == []
