"""Archives of others are read member by member; what is no plain file in them is refused."""

from __future__ import annotations

import io
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profilegen.audit.document import MAX_BYTES
from profilegen.inspection.archive_members import ArchiveError, read_members

SUFFIXES = (".tar", ".tar.gz", ".zip")
MEMBERS = [("a.json", b"one"), ("folder/b.json", b""), ("a.json", b"x" * 10_000)]


def tar_of(path: Path, *members: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(content))
    return path


def tar_info(kind: bytes, name: str = "a.json", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, "/etc/passwd"
    return info


def archive_of(path: Path) -> Path:
    if path.suffix == ".zip":
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore", UserWarning)  # it minds a name that stands twice
            for name, content in MEMBERS:
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in MEMBERS:
            info = tar_info(tarfile.REGTYPE, name, len(content))
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_members_come_in_their_order_the_same_name_twice(suffix: str, tmp_path: Path) -> None:
    assert list(read_members(archive_of(tmp_path / f"00000{suffix}"))) == MEMBERS


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.DIRTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CONTTYPE,
    ],
)
def test_a_tar_member_that_is_no_plain_file(kind: bytes, tmp_path: Path) -> None:
    path = tar_of(tmp_path / "x.tar", tar_info(kind))
    with pytest.raises(ArchiveError, match=r"'a\.json' is no plain file"):
        list(read_members(path))


def as_link(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def as_folder(info: zipfile.ZipInfo) -> None:
    info.filename = "a.json/"


@pytest.mark.parametrize("change", [as_link, as_folder])
def test_a_zip_member_that_is_no_plain_file(
    change: Callable[[zipfile.ZipInfo], None], tmp_path: Path
) -> None:
    path = tmp_path / "x.zip"
    info = zipfile.ZipInfo("a.json")
    change(info)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, b"")
    with pytest.raises(ArchiveError, match="is no plain file"):
        list(read_members(path))


def test_an_encrypted_zip_member(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"one")
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flags of the local header
    content[content.index(b"PK\1\2") + 8] |= 1  # those of the directory
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="is no plain file"):
        list(read_members(path))


def test_a_member_that_says_it_is_huge_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_info(tarfile.REGTYPE, size=MAX_BYTES + 1).tobuf())
    with pytest.raises(ArchiveError, match="larger than any file of a release"):
        list(read_members(path))


def test_a_name_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.rar").touch()
    with pytest.raises(ArchiveError, match="its name does not end with"):
        list(read_members(tmp_path / "x.rar"))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_members(tmp_path / "x.zip"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_archives_are_refused_or_read_never_a_crash(
    suffix: str, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / f"whole{suffix}"
    whole = path.read_bytes() if path.exists() else archive_of(path).read_bytes()
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    other = tmp_path / f"damaged{suffix}"
    other.write_bytes(damaged[: cut or None])
    try:
        found = list(read_members(other))
    except ArchiveError:
        return
    assert all(isinstance(content, bytes) for _, content in found)
