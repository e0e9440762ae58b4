"""Fleets of which little has changed: signatures are kept, and proven to be the earlier ones."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from profilegen.release import fleet as fleets
from profilegen.release.sealing import Signer
from profilegen.release.since.earlier import EarlierRelease, open_earlier
from tests.support.command import RunProfilegen
from tests.support.devices import write_devices
from tests.support.fleets import Build, users_csv
from tests.support.releases import snapshot, write_identity

_WAYS = {
    "folders": (),
    "two workers": ("--workers", "2"),
    "tar": ("--archive", "tar"),
    "tar.gz": ("--archive", "tar", "--compress"),
    "zip": ("--archive", "zip"),
    "deflated zip": ("--archive", "zip", "--compress"),
}
_CHANGED = [
    ("user0003@example.com", "user0003@example.org"),
    ("user0007,user0007@example.com\n", ""),
]


@pytest.fixture
def fleet(fleet: Path) -> Path:
    """Return the folder with a list of 30 users, which are two chunks."""
    (fleet / "users.csv").write_text(users_csv(range(30)), "utf-8")
    return fleet


@pytest.fixture
def old(fleet: Path, build: Build) -> Path:
    """Return the folder of a release; after it users change: one changed, one left, one came."""
    assert build("-o", "old").exit_code == 0
    _change(fleet)
    return fleet / "old"


def _change(folder: Path) -> None:
    text = users_csv(range(31))
    for before, after in _CHANGED:
        text = text.replace(before, after)
    (folder / "users.csv").write_text(text, "utf-8")


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS)
def test_only_what_changed_is_signed(
    way: tuple[str, ...],
    fleet: Path,
    build: Build,
    call_profilegen: RunProfilegen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert build(*way).exit_code == 0
    earlier = hashlib.sha256((fleet / "dist" / "release.json").read_bytes()).hexdigest()
    _change(fleet)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796169600")
    done = build("--since", "dist", "--format", "json", *way)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)["fleet"]
    assert told["since"] == {"unchanged": 28, "changed": 1, "added": 1, "removed": 1}
    assert told["signatures"] == {"made": 4, "taken_over": 56}
    assert call_profilegen("verify", "dist").exit_code == 0
    with (fleet / "dist" / "phone" / "users" / "index.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "profile"]
    assert {row["since"] for row in rows if row["user"] not in {"user0003", "user0030"}} == {
        earlier
    }
    assert {row["since"] for row in rows if row["user"] in {"user0003", "user0030"}} == {""}


def test_what_is_kept_is_the_earlier_file_itself(
    old: Path, fleet: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796169600")
    assert build("--since", "old").exit_code == 0
    before, after = snapshot(old), snapshot(fleet / "dist")
    signed = [name for name in after if "/users/" in name and not name.endswith("index.csv")]
    same = [name for name in signed if before.get(name) == after[name]]
    assert len(signed) - len(same) == 8  # of two users: profile, twin, policy and signature


def test_the_order_and_the_packing_may_change(old: Path, fleet: Path, build: Build) -> None:
    del old
    header, *rows = (fleet / "users.csv").read_text("utf-8").splitlines()
    (fleet / "users.csv").write_text("\n".join([header, *reversed(rows)]) + "\n", "utf-8")
    done = build("--since", "old", "--archive", "tar", "--format", "json")
    assert json.loads(done.stdout)["fleet"]["signatures"] == {"made": 4, "taken_over": 56}


def test_a_changed_policy_changes_every_file(old: Path, fleet: Path, build: Build) -> None:
    del old
    policy = (fleet / "policy.yaml").read_text("utf-8")
    (fleet / "policy.yaml").write_text(policy.replace("contained", "sealed"), "utf-8")
    done = build("--since", "old", "--format", "json")
    told = json.loads(done.stdout)["fleet"]
    assert told["signatures"]["taken_over"] == 0
    assert told["since"] == {"unchanged": 0, "changed": 29, "added": 1, "removed": 1}


def _tamper(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


HARMS: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "link": (
        lambda old: (old / "release.json").symlink_to((old / "release.json").rename(old / "x")),
        2,
        "error: --since old: old/release.json: a link stands in the place of the file",
    ),
    "manifest": (
        lambda old: _tamper(old / "release.json"),
        5,
        "error: --since old: release.json: ",
    ),
    "index": (
        lambda old: _tamper(old / "phone" / "users" / "index.csv"),
        5,
        "error: --since old: phone/users/index.csv: changed since it was signed",
    ),
    "profile": (
        lambda old: _tamper(min(old.glob("phone/users/*/user0001.mobileconfig"))),
        5,
        "error: --since old: phone/users/",
    ),
    "lost": (
        lambda old: min(old.glob("phone/users/*/user0001.mobileconfig")).unlink(),
        5,
        "error: --since old: phone/users/",
    ),
}


@pytest.mark.parametrize("case", HARMS)
def test_a_release_that_does_not_hold(case: str, old: Path, fleet: Path, build: Build) -> None:
    harm, code, message = HARMS[case]
    harm(old)
    done = build("--since", "old")
    assert done.exit_code == code, done.stderr
    assert done.stderr.splitlines()[-2].startswith(message)
    assert not (fleet / "dist").exists()


@pytest.mark.parametrize("way", [way for way, options in _WAYS.items() if "--archive" in options])
def test_an_archive_that_was_changed(way: str, old: Path, fleet: Path, build: Build) -> None:
    shutil.rmtree(old)
    assert build("-o", "old", *_WAYS[way]).exit_code == 0
    archive = min((old / "phone" / "users").glob("0*"))
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    done = build("--since", "old")
    name = archive.relative_to(old).as_posix()
    assert (done.exit_code, done.stderr.splitlines()[-2]) == (
        5,
        f"error: --since old: {name}: changed since it was signed",
    )
    archive.unlink()
    done = build("--since", "old")
    assert (done.exit_code, done.stderr.splitlines()[-2]) == (
        5,
        f"error: --since old: {name}: cannot be read",
    )
    assert not (fleet / "dist").exists()


ARCHIVE_HARMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "changed": (_tamper, "phone/users/00000.tar: changed since it was signed"),
    "lost": (Path.unlink, "phone/users/00000.tar: cannot be read"),
}


@pytest.mark.parametrize("case", ARCHIVE_HARMS)
def test_an_archive_that_does_not_hold(case: str, fleet: Path, build: Build) -> None:
    harm, message = ARCHIVE_HARMS[case]
    assert build("-o", "old", "--archive", "tar").exit_code == 0
    harm(fleet / "old" / "phone" / "users" / "00000.tar")
    done = build("--since", "old")
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        5,
        [
            f"error: --since old: {message}",
            "hint: Name a release that `profilegen verify` finds valid, or leave --since out.",
        ],
    )
    assert not (fleet / "dist").exists()


def test_a_manifest_whose_text_was_changed(old: Path, fleet: Path, build: Build) -> None:
    """It can still be read, so that only the signature tells."""
    manifest = old / "release.json"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace("com.example", "com.elsewhere") + "\n", "utf-8")
    done = build("--since", "old")
    assert done.exit_code == 5
    assert done.stderr.splitlines()[-2:] == [
        "error: --since old: release.json: its signature does not hold",
        "hint: Name a release that `profilegen verify` finds valid, or leave --since out.",
    ]
    assert not (fleet / "dist").exists()


def test_an_index_that_is_lost(old: Path, fleet: Path, build: Build) -> None:
    (old / "phone" / "users" / "index.csv").unlink()
    done = build("--since", "old")
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        5,
        [
            "error: --since old: phone/users/index.csv: cannot be read",
            "hint: Name a release that `profilegen verify` finds valid, or leave --since out.",
        ],
    )
    assert not (fleet / "dist").exists()


def test_another_identity_keeps_nothing(old: Path, fleet: Path, build: Build) -> None:
    del old
    other = write_identity(fleet / "other", owner="other")
    done = build("--since", "old", "--identity", other.uri)
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        2,
        [
            "error: --since old: another identity signed it, so no signature of it can be kept",
            "hint: Name a release that this identity signed, or leave --since out.",
        ],
    )


def test_an_unsigned_build_has_nothing_to_keep(old: Path, build: Build) -> None:
    del old
    done = build("--since", "old", "--unsigned")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0] == "error: --unsigned and --since exclude each other"


def test_a_process_that_goes_on_reads_each_release_anew(
    fleet: Path, build: Build, call_profilegen: RunProfilegen
) -> None:
    """A worker of a cluster lives through several builds, in which archives keep their names."""
    way = _WAYS["tar.gz"]
    text = users_csv(range(5))
    (fleet / "users.csv").write_text(text, "utf-8")
    assert build(*way).exit_code == 0
    (fleet / "users.csv").write_text(text.replace(*_CHANGED[0]), "utf-8")
    assert build("--since", "dist", *way).exit_code == 0
    assert build("--since", "dist", *way).exit_code == 0
    assert call_profilegen("verify", "dist").exit_code == 0


@pytest.mark.parametrize(
    ("way", "target"), [("tar", "phone"), ("tar", "work"), ("tar.gz", "phone"), ("zip", "work")]
)
def test_an_archive_that_is_replaced_while_a_build_runs(
    way: str, target: str, fleet: Path, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was checked as a whole before; its members have no digest of their own."""
    for name, domain in (("other", "example.org"), ("old", "example.com")):
        (fleet / "users.csv").write_text(users_csv(range(5), domain), "utf-8")
        assert build("-o", name, *_WAYS[way]).exit_code == 0

    def opened_and_replaced(folder: Path, table: Path, signer: Signer) -> EarlierRelease:
        release = open_earlier(folder, table, signer)
        (archive,) = (fleet / "other" / target / "users").glob("0*")
        shutil.copy(archive, fleet / "old" / target / "users")
        return release

    monkeypatch.setattr(fleets, "open_earlier", opened_and_replaced)
    done = build("--since", "old")
    assert done.exit_code == 5, done.stderr
    assert done.stderr.splitlines()[-2].startswith(f"error: --since old: {target}/users/00000.")
    assert not (fleet / "dist").exists()


def test_users_whose_every_file_is_encrypted_are_neither_new_nor_gone(
    fleet: Path, build: Build
) -> None:
    write_devices(fleet / "devices", "user0000", "user0001")
    (fleet / "users.csv").write_text(users_csv(range(2)), "utf-8")
    encrypted = ("--encrypt-for", "devices", "--target", "phone")
    assert build("-o", "old", *encrypted).exit_code == 0
    done = build("--since", "old", "--format", "json", *encrypted)
    told = json.loads(done.stdout)["fleet"]
    assert told["since"] == {"unchanged": 0, "changed": 2, "added": 0, "removed": 0}
    assert told["signatures"] == {"made": 2, "taken_over": 0}
