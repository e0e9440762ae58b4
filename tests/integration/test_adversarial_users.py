"""Hostile users get files that say exactly what the list says, or a refusal that names the fault.

Files are taken out of folders and archives and read by openssl, plistlib, json, tarfile, zipfile
and csv alone. What a user's file may look like is learned from the file of a harmless user.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import plistlib
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.support.command import Outcome, RunProfilegen, run
from tests.support.fleets import ENVIRONMENT, SCRIPT
from tests.support.hostile_users import (
    as_csv,
    as_json_lines,
    hostile_users,
)
from tests.support.releases import Signing, read_index, write_files, write_identity
from tests.support.small_chunks import CHUNK
from tests.support.tools import require_tool

POLICY = """\
policy: 1
organization: {name: Example & Co, identifier: com.example.mail, contact: help@example.com}
users: {id: {}, email: {kind: email}, name: {}, note: {required: false}}
accounts:
  - id: staff
    name: "Mail of {{ user.name }} ({{ user.note }})"
    service: exchange
    address: "{{ user.email }}"
    username: "{{ user.id }}"
    server: {host: mail.example.com}
    sharing: sealed
    client: {ios: mail, android: outlook}
  - id: sales
    name: "{{ user.name }}"
    service: exchange
    address: "{{ user.email }}"
    server: {host: mail.example.com}
    client: {ios: outlook, android: gmail}
    sharing: contained
targets:
  - {id: chief, platform: ios, enrollment: supervised, minimum_os: "26.0", accounts: [staff],
     declarations: true}
  - {id: phone, platform: ios, enrollment: user, minimum_os: "17", accounts: [sales]}
  - {id: work, platform: android, mode: work-profile, minimum_os: "13", accounts: [sales]}
"""
"""A profile with declarations, a profile with an app configuration, and an Android policy."""

HARMLESS = {
    "id": "harmless-id",
    "email": "harmless-mail@example.com",
    "name": "harmless-name",
    "note": "harmless-note",
}
PLACE = re.compile("harmless-(id|mail@example.com|name|note)")
FIELD_OF = {"id": "id", "mail@example.com": "email", "name": "name", "note": "note"}
UUID = re.compile(r"[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}")
DECLARATION = r"com\.example\.mail\.chief\.user\.[A-Za-z0-9.-]+\.declaration\.[a-z.]+"
FORMULAS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
IDENTIFIER = re.compile(r"com\.example\.mail\.\w+\.user\.harmless-id(\.[\w.-]+)?")

TARGETS = ("chief", "phone", "work")


class Build:
    """A release for the hostile users and a harmless one, and what was said about it."""

    def __init__(self, folder: Path, form: str, *options: str) -> None:
        self.users = list(hostile_users(surrogates=form == "jsonl"))
        rows = [tuple(HARMLESS.values()), *(user.values for user in self.users)]
        write = {"csv": as_csv, "jsonl": as_json_lines}[form]
        write_files(folder, {"policy.yaml": POLICY.encode(), f"users.{form}": write(rows)})
        self.signing = write_identity(folder / "certs")
        self.release = folder / "dist"
        self._folder = folder
        self.done = self._run(
            *("build", "policy.yaml", "--users", f"users.{form}", "--bad-rows", "bad.csv"),
            *("--identity", self.signing.uri, *options),
        )
        with (folder / "bad.csv").open(encoding="utf-8", newline="") as lines:
            self.bad_rows = list(csv.DictReader(lines))

    def verified(self) -> Outcome:
        return self._run("verify", "dist", "--trust", str(self.signing.root))

    def _run(self, *arguments: str) -> Outcome:
        environment = ENVIRONMENT | {CHUNK: "64"}
        command = (sys.executable, str(SCRIPT), *arguments)
        return run(*command, folder=self._folder, environment=environment)


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a user as its index names it: `name` is what does not name the user."""

    target: str
    user: str
    kind: str
    signature: str
    name: str
    content: bytes


def found_in(release: Path) -> Iterator[Found]:
    """Yield every file of every user, taken out of where it lies."""
    for target in TARGETS:
        for row in read_index(release, target):
            content = taken(release / row["file"], row["member"])
            assert row["sha256"] in {
                hashlib.sha256(content).hexdigest(),
                "" if row["member"] else 0,
            }
            assert len(content) == int(row["size"])
            *folders, name = PurePosixPath(row["member"] or row["file"]).parts
            is_side = bool({"declarations", "app-configuration"}.intersection(folders))
            yield Found(
                target,
                row["user"].removeprefix("'"),
                row["kind"],
                row["signature"],
                name if is_side else "",
                content,
            )


def taken(path: Path, member: str) -> bytes:
    if not member:
        return path.read_bytes()
    if path.suffix == ".zip":
        return zip_of(path).read(member)
    opened = tar_of(path).extractfile(member)
    assert opened is not None
    return opened.read()


@cache
def zip_of(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


@cache
def tar_of(path: Path) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(path.read_bytes()))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return the release from CSV, in folders, by one process."""
    return Build(tmp_path_factory.mktemp("plain"), "csv")


@pytest.fixture(scope="module")
def files(plain: Build) -> dict[str, list[Found]]:
    """Return the files of each user in that release."""
    by_user: dict[str, list[Found]] = {}
    for item in found_in(plain.release):
        by_user.setdefault(item.user, []).append(item)
    return by_user


def test_there_are_300(plain: Build) -> None:
    assert len(plain.users) >= 300
    assert sum(not user.fault for user in plain.users) >= 200


def test_everybody_has_files_or_a_row_that_is_refused(
    plain: Build, files: dict[str, list[Found]]
) -> None:
    kept = [HARMLESS["id"], *(user.kept["id"] for user in plain.users if not user.fault)]
    assert plain.done.exit_code == 1
    assert plain.verified().exit_code == 0
    # csv gives back every id, and each once, in the order of the list.
    assert list(files) == kept
    for target in TARGETS:
        rows = read_index(plain.release, target)
        assert list(dict.fromkeys(row["user"].removeprefix("'") for row in rows)) == kept
        assert not any(row["user"].startswith(FORMULAS) for row in rows)


def test_each_refusal_names_row_field_and_reason(plain: Build) -> None:
    refuses(plain)
    assert f"error: users.csv: {len(plain.bad_rows)} rows were left out; bad.csv tells" in (
        plain.done.stderr
    )


def refuses(build: Build) -> None:
    """Expect that the rows are refused that have faults, for these, and no others."""
    expected = {str(number): user.fault for number, user in enumerate(build.users, 2) if user.fault}
    assert [row["row"] for row in build.bad_rows] == list(expected)
    for row in build.bad_rows:
        assert row["message"].startswith(expected[row["row"]])
        assert row["message"].isprintable()
        assert len(row["message"]) < 200


def test_values_stand_where_harmless_ones_do_and_nowhere_else(
    plain: Build, files: dict[str, list[Found]], tmp_path: Path
) -> None:
    model = [said_by(item, files[HARMLESS["id"]], plain, tmp_path) for item in signed(files)]
    places = [place for said in model for place in PLACE.findall(json.dumps(said, default=str))]
    # Every field stands in the files, or nothing would be shown by what follows.
    assert set(places) == {"id", "mail@example.com", "name", "note"}
    taken_names: set[str] = set()
    for user in (user for user in plain.users if not user.fault):
        own = files[user.kept["id"]]
        names: dict[str, str] = {}
        for item, expected in zip(signed(files, user.kept["id"]), model, strict=True):
            compare(expected, said_by(item, own, plain, tmp_path), user.kept, names)
        assert len(names) > 10
        assert len(set(names.values())) == len(names)
        assert taken_names.isdisjoint(names.values())
        taken_names.update(names.values())


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("csv", ("--archive", "tar", "--compress")),
        ("csv", ("--archive", "zip", "--workers", "2")),
        ("jsonl", ("--archive", "tar", "--workers", "2")),
        ("jsonl", ()),
    ],
)
def test_the_same_from_all_lists_into_all_releases_by_any_workers(
    form: str, options: tuple[str, ...], files: dict[str, list[Found]], tmp_path: Path
) -> None:
    other = Build(tmp_path, form, *options)
    assert other.done.exit_code == 1
    refuses(other)
    # An archive has no unsigned twins.
    twins = "--archive" not in options
    expected = [
        item for own in files.values() for item in own if twins or item.kind != "unsigned-profile"
    ]
    by_user: dict[str, list[Found]] = {user: [] for user in files}
    for item in found_in(other.release):
        by_user[item.user].append(item)
    assert [item for own in by_user.values() for item in own] == expected
    assert other.verified().exit_code == 0
    archives = [path for path in other.release.glob("*/users/*.*") if path.name != "index.csv"]
    # One for each chunk and target; chunks are small here.
    assert len(archives) == (0 if twins else 4 * len(TARGETS))
    for path in archives:
        lead_nowhere(zip_of(path).namelist() if path.suffix == ".zip" else tar_of(path).getnames())


def lead_nowhere(members: list[str]) -> None:
    """Expect names that are files of their own on every system, below the folder they go to."""
    assert len({member.lower() for member in members}) == len(members) > 0
    for member in members:
        assert re.fullmatch(r"[A-Za-z0-9_@+./-]+", member)
        for part in PurePosixPath(member).parts:
            assert not part.startswith(".")
            assert not part.endswith(".")
            assert not DEVICE.match(part)


def test_who_comes_twice_has_one_file(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    twice = [("anna", f"a{number}@example.com", "A", "") for number in range(3)]
    alike = [(name, "b@example.com", "B", "") for name in ("Anna", "ANNA ", "a\u0308", "\u00e4")]
    write_files(tmp_path, {"policy.yaml": POLICY.encode(), "users.csv": as_csv([*twice, *alike])})
    done = call_profilegen("build", "policy.yaml", "--users", "users.csv", "--unsigned")
    assert done.exit_code == 1
    for row in (2, 3):
        assert (
            f"error: users.csv: row {row}: id: 'anna' is the user of row 1 already" in done.stderr
        )
    rows = read_index(tmp_path / "dist", "work")
    assert [row["user"] for row in rows] == ["anna", "Anna", "ANNA", "a\u0308", "\u00e4"]
    assert len({row["file"].lower() for row in rows}) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"id,email,name\nanna,a@example.com,Anna\nbo,\xed\xa0\x80@example.com,Bo\n",
            "row 2: email: not UTF-8 (line 3, byte 41 of the list)",
        ),
        (
            b"id,email,name\nanna,\xc0\xaf@example.com,Anna\n",
            "row 1: email: not UTF-8 (line 2, byte 19 of the list)",
        ),
        (
            "id,email,name\n".encode("utf-16") + b"\0\xd8",
            "row 1: id: not UTF-16 (line 2, byte 30 of the list)",
        ),
    ],
)
def test_bytes_that_are_no_text_build_nothing(
    content: bytes, message: str, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    write_files(tmp_path, {"policy.yaml": POLICY.encode(), "users.csv": content})
    done = call_profilegen("build", "policy.yaml", "--users", "users.csv", "--unsigned")
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"error: users.csv: {message}\n" in done.stderr
    assert not (tmp_path / "dist").exists()


def signed(files: dict[str, list[Found]], user: str = HARMLESS["id"]) -> list[Found]:
    """Return the files of a user that say something to a device."""
    return [item for item in files[user] if item.kind not in {"signature", "unsigned-profile"}]


def said_by(item: Found, own: list[Found], build: Build, folder: Path) -> Any:  # noqa: ANN401 - a tree
    """Return what a file says, once openssl has verified it.

    `own` are the files of its user: a detached signature follows what it signs.
    """
    content = item.content
    if item.signature == "embedded":
        content = opened(content, build.signing, folder)
        assert content == own[own.index(item) + 1].content
    else:
        signature = own[own.index(item) + 1]
        assert signature.kind == "signature"
        opened(signature.content, build.signing, folder, content=content)
    if content.startswith(b"<?xml"):
        return plistlib.loads(content)
    return json.loads(content)


def opened(
    signature: bytes, signing: Signing, folder: Path, *, content: bytes | None = None
) -> bytes:
    """Return what was signed; fails unless openssl says that it was by a signer below the root."""
    arguments = ["-inform", "DER", "-CAfile", str(signing.root), "-purpose", "any", "-binary"]
    if content is not None:
        (folder / "content").write_bytes(content)
        arguments += ["-content", "content"]
    done = subprocess.run(
        [str(require_tool("openssl")), "cms", "-verify", *arguments],
        input=signature,
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return done.stdout


def compare(
    harmless: Any,  # noqa: ANN401 - a tree of plist or JSON
    found: Any,  # noqa: ANN401
    values: Mapping[str, str],
    names: dict[str, str],
) -> None:
    """Expect the tree of a harmless user with other `values`.

    `names` gets what stands for each of its UUIDs and identifiers, the same everywhere.
    """
    assert type(found) is type(harmless)
    if isinstance(harmless, dict):
        assert list(found) == list(harmless)
        for key, value in harmless.items():
            if key == "ServerToken":
                assert found[key] == token_of(found)
            else:
                compare(value, found[key], values, names)
    elif isinstance(harmless, list):
        assert len(found) == len(harmless)
        for one, other in zip(harmless, found, strict=True):
            compare(one, other, values, names)
    elif isinstance(harmless, str) and (form := form_of(harmless)):
        assert re.fullmatch(form, found)
        assert names.setdefault(harmless, found) == found
    elif isinstance(harmless, str):
        assert found == PLACE.sub(lambda match: values[FIELD_OF[match[1]]], harmless)
    else:
        assert found == harmless


def form_of(harmless: str) -> str:
    """Return the pattern of what other users have for a UUID or identifier, "" for other texts."""
    if UUID.fullmatch(harmless):
        # The identifier of a declaration is one where it would be too long otherwise.
        return rf"{UUID.pattern}|{DECLARATION}"
    if not IDENTIFIER.fullmatch(harmless):
        return ""
    own = re.escape(harmless).replace(re.escape(HARMLESS["id"]), "[A-Za-z0-9.-]+")
    return rf"{UUID.pattern}|{own}" if ".declaration." in harmless else own


def token_of(declaration: Mapping[str, Any]) -> str:
    """Return the token of a declaration: a digest of the rest of it, as RFC 8785 writes that."""
    rest = {key: value for key, value in declaration.items() if key != "ServerToken"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
