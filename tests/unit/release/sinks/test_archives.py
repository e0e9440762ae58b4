"""Archives hold what was added, for every tool that reads them, and are the same bytes again."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.identifiers import file_name
from profilegen.inspection.archive_members import read_members
from profilegen.release.sinks.archives import _header_maker, open_archive
from profilegen.release.sinks.model import ArchiveKind, Packing
from tests.support.command import run
from tests.unit.release.sinks.samples import ARCHIVES, CREATED, words
from tests.unit.test_identifiers import adversarial_ids

MEMBERS = [
    ("anna.mobileconfig", b"<plist/>" * 2_000),
    ("declarations/anna/a.json", b"{}"),
    ("empty.json", b""),
    *(
        (f"{file_name(user)}.json", user.encode("utf-8", "replace")[:5_000])
        for user in adversarial_ids()
    ),
    ("large.json", bytes(range(256)) * 12_000),
    (f"declarations/{'u' * 80}/{'n' * 200}.json", b"a name that ustar has no room for"),
]


def write(folder: Path, packing: Packing, members: Sequence[tuple[str, bytes]] = MEMBERS) -> Path:
    path = folder / f"00007{packing.suffix}"
    archive = open_archive(path, packing, CREATED)
    for name, content in members:
        archive.add(name, content)
    written = archive.close()
    content = path.read_bytes()
    assert (written.size, written.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return path


@pytest.mark.parametrize("packing", ARCHIVES, ids=words)
def test_our_reader_finds_what_was_added(packing: Packing, tmp_path: Path) -> None:
    assert list(read_members(write(tmp_path, packing))) == MEMBERS


@pytest.mark.parametrize("packing", ARCHIVES, ids=words)
def test_the_bytes_depend_on_what_was_added_only(packing: Packing, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    assert write(tmp_path / "one", packing).read_bytes() == (
        write(tmp_path / "other", packing).read_bytes()
    )


@pytest.mark.parametrize("packing", ARCHIVES[:2], ids=words)
def test_gnu_tar_unpacks_it(
    packing: Packing, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    path = write(tmp_path, packing)
    there = tmp_path / "there"
    there.mkdir()
    done = run(require_tool("tar"), "--extract", "--file", path, "--directory", there, folder=there)
    assert (done.exit_code, done.stderr) == (0, "")
    for name, content in MEMBERS:
        assert (there / name).read_bytes() == content
        assert (there / name).stat().st_mtime == CREATED.timestamp()
        assert (there / name).stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("packing", ARCHIVES[2:], ids=words)
def test_unzip_tests_it(
    packing: Packing, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    path = write(tmp_path, packing)
    done = run(require_tool("unzip"), "-t", "-q", path, folder=tmp_path)
    assert done.exit_code == 0
    assert done.stdout.startswith("No errors detected")


def test_members_of_a_tar_are_plain_files_of_nobody(tmp_path: Path) -> None:
    with tarfile.open(write(tmp_path, ARCHIVES[0])) as archive:
        for member in archive:
            owner = (member.uid, member.gid, member.uname, member.gname)
            assert (member.mode, member.mtime, *owner) == (
                0o644,
                int(CREATED.timestamp()),
                0,
                0,
                "",
                "",
            )
    assert (tmp_path / "00007.tar").stat().st_size % tarfile.RECORDSIZE == 0


def test_members_of_a_zip_are_plain_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(write(tmp_path, ARCHIVES[2])) as archive:
        for member in archive.infolist():
            assert member.date_time == (
                2025,
                12,
                1,
                12,
                30,
                14,
            )  # two seconds are its smallest step
            assert (member.create_system, member.external_attr >> 16) == (3, 0o100644)
            assert member.compress_type == zipfile.ZIP_STORED


def test_a_compressed_archive_is_smaller_and_says_nothing_of_the_machine(tmp_path: Path) -> None:
    plain, packed = write(tmp_path, ARCHIVES[0]), write(tmp_path, ARCHIVES[1])
    content = packed.read_bytes()
    assert gzip.decompress(content) == plain.read_bytes()
    assert len(content) < len(plain.read_bytes()) / 4
    assert content[3:10] == bytes((0, 0, 0, 0, 0, 0, 0xFF))  # no name, no time, no system


@given(
    name=st.text("abz019._@+-/", min_size=1, max_size=100),
    size=st.integers(0, 2**33 - 1),
    seconds=st.integers(0, 2**33 - 1),
)
def test_a_header_is_the_one_of_tarfile(name: str, size: int, seconds: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = size, seconds
    made = _header_maker(datetime.fromtimestamp(seconds, UTC))(name, size)
    assert made == info.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize(("name", "size"), [("a" * 101, 7), ("a", 2**33)])
def test_what_ustar_has_no_room_for_gets_a_pax_header(name: str, size: int) -> None:
    made = _header_maker(CREATED)(name, size)
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        read = archive.next()
    assert read is not None
    assert (read.name, read.size, read.mtime) == (name, size, CREATED.timestamp())


@pytest.mark.parametrize("kind", ArchiveKind)
def test_a_time_before_all_archives(kind: ArchiveKind, tmp_path: Path) -> None:
    packing = Packing(kind)
    archive = open_archive(
        tmp_path / f"x{packing.suffix}", packing, datetime(1970, 1, 1, tzinfo=UTC)
    )
    archive.add("a", b"")
    archive.close()
    assert list(read_members(tmp_path / f"x{packing.suffix}")) == [("a", b"")]


@pytest.mark.parametrize("packing", ARCHIVES, ids=words)
def test_what_was_there_is_written_over(packing: Packing, tmp_path: Path) -> None:
    first = write(tmp_path, packing).read_bytes()
    assert write(tmp_path, packing, MEMBERS[:1]).read_bytes() != first
    assert list(read_members(tmp_path / f"00007{packing.suffix}")) == MEMBERS[:1]


@pytest.mark.parametrize("packing", ARCHIVES, ids=words)
def test_an_archive_that_is_given_up_is_closed(packing: Packing, tmp_path: Path) -> None:
    archive = open_archive(tmp_path / f"x{packing.suffix}", packing, CREATED)
    archive.add("a", b"content")
    archive.abandon()  # a stream that stays open is a warning, which is an error here
