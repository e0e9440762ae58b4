"""Pairs of releases for people that `diff` compares, and changes of their indexes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from profilegen.inspection.user_index import COLUMNS
from profilegen.signing.development import development_uri
from tests.support.command import RunProfilegen, run_profilegen_in
from tests.support.releases import EPOCH, PERSONAL, read_index, write_identity

PEOPLE = [f"user{number:02}" for number in range(30)]
OPEN = PERSONAL.replace("sharing: contained", "sharing: open")
OPTIONS = {
    "folders": (),
    "tar": ("--archive", "tar"),
    "tar.gz": ("--archive", "tar", "--compress"),
    "zip": ("--archive", "zip"),
}
Row = dict[str, str]


def listed(users: list[str], **domains: str) -> str:
    """Return a list of users whose address has the domain that is given, or example.com."""
    rows = [f"{user},{user}@{domains.get(user, 'example.com')}\n" for user in users]
    return "".join(["id,email\n", *rows])


class Scene:
    """A folder with releases; each is built once for all tests of this module."""

    def __init__(self, store: Path, folder: Path, call: RunProfilegen) -> None:
        self._store, self.folder, self.call = store, folder, call

    def build(
        self, name: str, policy: str, users: str, packing: str = "tar", owner: str = "certs"
    ) -> None:
        key = hashlib.sha256(repr((policy, users, packing, owner)).encode()).hexdigest()[:16]
        made = self._store / key
        if not made.exists():
            if not (self._store / owner).exists():
                write_identity(self._store / owner, owner=owner)
            (self._store / "policy.yaml").write_text(policy, encoding="utf-8")
            (self._store / "users.csv").write_text(users, encoding="utf-8")
            done = run_profilegen_in(
                self._store,
                *("build", "policy.yaml", "--users", "users.csv", "-o", key),
                *("--identity", development_uri(self._store / owner), *OPTIONS[packing]),
                environment={"SOURCE_DATE_EPOCH": EPOCH},
            )
            assert done.exit_code == 0, done.stderr
        shutil.copytree(made, self.folder / name)

    def text(self) -> tuple[int, str, str]:
        done = self.call("diff", "old", "new")
        return done.exit_code, done.stdout, done.stderr

    def encrypted(self, name: str) -> None:
        """Build a release for two people whose profiles are encrypted for the devices here."""
        if not (self.folder / "certs").exists():
            write_identity(self.folder / "certs")
        (self.folder / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
        (self.folder / "users.csv").write_text(listed(PEOPLE[:2]), encoding="utf-8")
        done = self.call(
            *("build", "policy.yaml", "--users", "users.csv", "-o", name),
            *("--encrypt-for", "devices", "--archive", "tar"),
            environment={"SOURCE_DATE_EPOCH": EPOCH},
        )
        assert done.exit_code == 0, done.stderr

    def json(self, *more: str) -> tuple[int, dict[str, Any]]:
        done = self.call("diff", "old", "new", "--format", "json", *more)
        document: dict[str, Any] = json.loads(done.stdout)
        return done.exit_code, document


def rewrite(
    release: Path, target: str, change: Callable[[list[Row]], object], **archives: Path
) -> None:
    """Change an index as one who signs the manifest could; `archives` have other digests then."""
    rows = read_index(release, target)
    change(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    index = release / target / "users" / "index.csv"
    index.write_bytes(text.getvalue().encode())
    manifest = json.loads((release / "release.json").read_bytes())
    for path in (index, *archives.values()):
        (item,) = [file for file in manifest["files"] if release / file["path"] == path]
        item["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (release / "release.json").write_text(json.dumps(manifest))
