"""Policies, identities and releases for tests of the whole way, each made once a run.

Identities are the development ones, which are in force whenever the tests run.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from profilegen import clock
from profilegen.release.sinks.chunk import shard_of
from profilegen.signing.algorithms import KeyKind
from profilegen.signing.development import development_uri, ensure_development_identity
from tests.support.command import run_profilegen_in

EPOCH = "1796083200"
"""SOURCE_DATE_EPOCH of the releases: 2026-12-01."""

SMALL = """\
policy: 1
organization: {name: Müller & Söhne, identifier: com.example.mail, contact: "help@example.com"}
accounts:
  - id: staff
    service: exchange
    address: staff@example.com
    server: {host: mail.example.com}
    client: {android: outlook}
    sharing: contained
targets:
  - {id: phone, platform: ios, enrollment: device, minimum_os: "17", accounts: [staff]}
  - {id: work, platform: android, mode: work-profile, minimum_os: "13", accounts: [staff]}
"""
"""One profile and one Android policy, for all users."""

PERSONAL = SMALL.replace("staff@example.com", '"{{ user.email }}"')
"""One profile and one Android policy for each user."""

USERS = "id,email\nanna,anna@example.com\nbo,bo@example.com\n"

RICH = """\
policy: 1
organization: {name: Example, identifier: com.example.mail, contact: "help@example.com"}
accounts:
  - id: staff
    service: exchange
    address: ADDRESS
    server: {host: mail.example.com, oauth: true}
    sharing: sealed
    login: {certificate: login}
    smime: {sign: signing}
    client: {ios: mail, android: outlook}
  - id: press
    service: imap
    address: press@example.com
    server:
      incoming: {host: imap.example.com}
      outgoing: {host: smtp.example.com}
    sharing: open
  - id: sales
    service: exchange
    address: ADDRESS
    server: {host: mail.example.com}
    client: {ios: outlook, android: gmail}
    sharing: contained
  - id: search
    service: google
    address: ADDRESS
    sharing: contained
certificates:
  - {id: root, kind: ca, file: files/ca.pem}
  - {id: login, kind: scep, url: "https://scep.example.com", subject: [{CN: ADDRESS}],
     challenge_env: SCEP_CHALLENGE}
  - {id: signing, kind: pkcs12, file: files/mail.p12, passphrase_env: MAIL_PASSPHRASE}
apps:
  blocked:
    - {name: TikTok, ios: com.zhiliaoapp.musically, android: com.zhiliaoapp.musically,
       because: It reads the clipboard.}
domains: {mail: [example.com], web: ["*.example.com"]}
targets:
  - {id: chief, platform: ios, enrollment: supervised, minimum_os: "26.0", conflicts: strictest,
     accounts: [staff, press], declarations: true}
  - {id: seller, platform: ios, enrollment: device, minimum_os: "16", accounts: [sales, search]}
  - {id: byod, platform: ios, enrollment: user, minimum_os: "17", accounts: [sales]}
  - {id: by-hand, platform: ios, enrollment: manual, minimum_os: "15", accounts: [press]}
  - {id: work, platform: android, mode: work-profile, minimum_os: "13", accounts: [sales]}
  - {id: owned, platform: android, mode: company-owned, minimum_os: "15", accounts: [staff]}
  - {id: full, platform: android, mode: fully-managed, minimum_os: "9", accounts: [press]}
"""
"""Every way of being managed, every service, certificates, declarations, app configurations."""

RICH_ENVIRONMENT = {"SCEP_CHALLENGE": "open sesame", "MAIL_PASSPHRASE": "swordfish"}


@dataclass(frozen=True, slots=True)
class Signing:
    """An identity in files: its URI for `--identity` and its root for `--trust`."""

    uri: str
    root: Path


@cache
def identity_files(kind: KeyKind, owner: str = "") -> Mapping[str, bytes]:
    """Return the files of a development identity by name; the same ones each time."""
    del owner
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "certs")
        made = ensure_development_identity(folder, now=clock.now({}), key=kind)
        return {path.name: path.read_bytes() for path in made}


def write_identity(folder: Path, kind: KeyKind = KeyKind.P256, owner: str = "") -> Signing:
    """Write an identity into the new `folder`; owners have different ones."""
    folder.mkdir(parents=True)
    for name, content in identity_files(kind, owner).items():
        (folder / name).write_bytes(content)
    return Signing(development_uri(folder), folder / "root.pem")


def rich_policy(address: str) -> str:
    """Return RICH for one address, or with `{{ user.FIELD }}` for one of each user."""
    return RICH.replace("ADDRESS", f'"{address}"')


@cache
def small_release(kind: KeyKind = KeyKind.P256, epoch: str = EPOCH) -> Mapping[str, bytes]:
    """Return the files of the signed release of SMALL by path."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policy.yaml").write_text(SMALL, encoding="utf-8")
        signing = write_identity(folder / "certs", kind)
        done = run_profilegen_in(
            folder,
            *("build", "policy.yaml", "--identity", signing.uri),
            environment={"SOURCE_DATE_EPOCH": epoch},
        )
        assert done.exit_code == 0, done.stderr
        return snapshot(folder / "dist")


def users_file(target: str, user: str, name: str) -> str:
    """Return the path in a release of a user's file, by its name below the folder of the shard."""
    return f"{target}/users/{shard_of(user)}/{name}"


def read_index(release: Path, target: str) -> list[dict[str, str]]:
    """Return the rows of a target's index, read by nothing but the csv module."""
    path = release / target / "users" / "index.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def named_files(release: Path) -> list[dict[str, str]]:
    """Return path, kind, signature and digest of every file that manifest and indexes name."""
    manifest = json.loads((release / "release.json").read_bytes())
    files: list[dict[str, str]] = []
    for item in manifest["files"]:
        files.append(item)
        if item["kind"] == "index":
            rows = read_index(release, item["target"])
            files += (row | {"path": row["file"], "target": item["target"]} for row in rows)
    return files


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below `folder` by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write what `snapshot` returned."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
