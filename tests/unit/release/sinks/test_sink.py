"""Chunks of users' files: where they lie, what the index says, and that they are whole on disk."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profilegen.errors import InputError, UsageError
from profilegen.inspection.archive_members import read_members
from profilegen.inspection.user_index import IndexEntry, open_index
from profilegen.release import durable
from profilegen.release.manifest import ReleasedFile
from profilegen.release.sinks.chunk import shard_of
from profilegen.release.sinks.model import ArchiveKind, ChunkDone, Packing
from tests.support.releases import snapshot
from tests.unit.release.sinks.samples import ARCHIVES, PACKINGS, digest, output, sink, words

USERS = ("anna", "bo", "../cai", "=1+1")
TAR = Packing(ArchiveKind.TAR)


def write_chunk(stage: Path, packing: Packing, number: int, *users: str) -> ChunkDone:
    writer = sink(stage, packing).chunk(number)
    for user in users:
        for target in ("phone", "work"):
            content = f"{target} of {user}".encode()
            writer.add(
                target, user, [output(f"{number}-{abs(hash(user))}.json", content, target=target)]
            )
    return writer.close(len(users))


def index_of(stage: Path, target: str) -> list[IndexEntry]:
    path = stage / target / "users" / "index.csv"
    return list(open_index(path, folder=f"{target}/users"))


@pytest.mark.parametrize("packing", PACKINGS, ids=words)
def test_the_index_names_every_file_in_the_order_of_the_users(
    packing: Packing, tmp_path: Path
) -> None:
    chunks = [
        write_chunk(tmp_path, packing, 0, *USERS[:2]),
        write_chunk(tmp_path, packing, 1, *USERS[2:]),
    ]
    released = sink(tmp_path, packing).finish(chunks)
    for target in ("phone", "work"):
        entries = index_of(tmp_path, target)
        assert tuple(entry.user for entry in entries) == USERS
        for entry in entries:
            path = tmp_path / entry.file
            content = dict(read_members(path))[entry.member] if entry.member else path.read_bytes()
            assert content == f"{target} of {entry.user}".encode()
            assert (entry.size, entry.sha256) == (len(content), digest(content))
            assert entry.content_sha256 == digest(b"inner" + content)
            assert entry.encrypted_for == ("ab" * 32,)
    check_released(tmp_path, released)
    assert [item.entries for item in released if item.kind == "index"] == [4, 4]
    assert sum(item.kind == "archive" for item in released) == (4 if packing.archive else 0)


def check_released(stage: Path, released: tuple[ReleasedFile, ...]) -> None:
    for item in released:
        content = (stage / item.path).read_bytes()
        assert (item.size, item.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_users_folder_does_not_depend_on_the_others(tmp_path: Path) -> None:
    for number, users in enumerate([("anna",), ("bo", "anna")]):
        stage = tmp_path / str(number)
        writer = sink(stage).chunk(number)
        for user in users:
            writer.add("phone", user, [output(f"{user}.json", b"x")])
        writer.close(1)
        shard = hashlib.sha256(b"anna").hexdigest()[:2]
        assert (stage / "phone" / "users" / shard / "anna.json").read_bytes() == b"x"
    assert shard_of("\ud800")  # which no file name holds; names are made safe elsewhere


def test_what_is_taken_over_says_from_where(tmp_path: Path) -> None:
    writer = sink(tmp_path).chunk(0)
    writer.add("phone", "anna", [output("anna.json", b"x", since="cd" * 32)])
    sink(tmp_path).finish([writer.close(1)])
    (entry,) = index_of(tmp_path, "phone")
    assert entry.since == "cd" * 32


def test_a_chunk_is_small_and_can_be_sent(tmp_path: Path) -> None:
    done = write_chunk(tmp_path, TAR, 3, *(f"user{number}" for number in range(100)))
    assert pickle.loads(pickle.dumps(done)) == done  # noqa: S301  (our own bytes)
    assert len(pickle.dumps(done)) < 2_000
    assert (done.number, done.users) == (3, 100)
    for part in done.parts:
        assert (dict(part.kinds), part.encrypted) == ({"profile": 100}, 100)
        assert part.sha256 == digest((tmp_path / part.path).read_bytes())
    assert pickle.loads(pickle.dumps(sink(tmp_path))) == sink(tmp_path)  # noqa: S301  (our own bytes)


@pytest.mark.parametrize("packing", PACKINGS, ids=words)
def test_a_chunk_written_again_is_the_same(packing: Packing, tmp_path: Path) -> None:
    write_chunk(tmp_path, packing, 0, *USERS)
    before = snapshot(tmp_path)
    for name, content in before.items():
        (tmp_path / name).write_bytes(
            content[: len(content) // 2] if packing.archive else content + b"more"
        )
    write_chunk(tmp_path, packing, 0, *USERS)
    assert snapshot(tmp_path) == before


def test_finishing_twice_gives_the_same(tmp_path: Path) -> None:
    chunks = [write_chunk(tmp_path, TAR, 0, *USERS)]
    first = sink(tmp_path, TAR).finish(chunks)
    before = snapshot(tmp_path)
    assert sink(tmp_path, TAR).finish(chunks) == first
    assert snapshot(tmp_path) == before


def test_a_part_that_changed_is_not_published(tmp_path: Path) -> None:
    done = write_chunk(tmp_path, TAR, 0, "anna")
    path = tmp_path / done.parts[0].path
    path.write_bytes(path.read_bytes().replace(b"anna", b"bobo"))
    with pytest.raises(InputError, match="changed while the release was built") as caught:
        sink(tmp_path, TAR).finish([done])
    assert (caught.value.exit_code, caught.value.hint) == (3, "Build it again from the start.")


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow beyond 4 kB: writing fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("packing", PACKINGS, ids=words)
def test_a_full_disk_is_a_failure_with_the_place(packing: Packing, tmp_path: Path) -> None:
    writer = sink(tmp_path, packing).chunk(0)
    noise = os.urandom(2_000_000)

    def write() -> None:
        writer.add("phone", "anna", [output("anna.json", noise)])
        writer.close(1)

    with full_disk(), pytest.raises(UsageError, match="cannot be written: File too") as caught:
        write()
    writer.abandon()
    assert caught.value.message.startswith(str(tmp_path))
    assert caught.value.exit_code == 2


def test_no_link_is_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    place = tmp_path / "stage" / "phone" / "users" / shard_of("anna")
    place.mkdir(parents=True)
    (place / "anna.json").symlink_to(other)
    writer = sink(tmp_path / "stage").chunk(0)
    with pytest.raises(UsageError, match="cannot be written"):
        writer.add("phone", "anna", [output("anna.json", b"x")])
    assert other.read_bytes() == b"precious"


@pytest.mark.parametrize("packing", [Packing(), *ARCHIVES[:1]], ids=words)
def test_all_is_on_disk_where_the_system_has_no_syncfs(
    packing: Packing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def note(path: Path, _flags: int) -> None:
        synced.append(path.relative_to(tmp_path).as_posix())

    monkeypatch.setattr(durable, "_sync_file_system", lambda _folder: False)
    monkeypatch.setattr(durable, "_sync", note)
    write_chunk(tmp_path, packing, 0, "anna", "bo")
    made = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")]
    assert sorted(synced) == sorted([".", *made])


def test_the_index_is_a_table_for_anybody(tmp_path: Path) -> None:
    sink(tmp_path, TAR).finish([write_chunk(tmp_path, TAR, 0, *USERS)])
    with (tmp_path / "phone/users/index.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["user"] for row in rows] == ["anna", "bo", "../cai", "'=1+1"]
    assert {row["file"] for row in rows} == {"phone/users/00000.tar"}
    assert json.dumps(rows).isascii()
