"""What `--since` cannot take signatures from, and what it says then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.fleets import Build, users_csv
from tests.support.releases import snapshot

_NAME_ONE = "hint: Name the folder of an earlier release, or leave --since out."
_MAKES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "nothing": (lambda _: None, "there is no such folder", _NAME_ONE),
    "file": (lambda path: path.write_text("x", "utf-8"), "this is no folder", _NAME_ONE),
    "other folder": (
        Path.mkdir,
        "no release is in it: release.json is missing",
        _NAME_ONE,
    ),
}


@pytest.fixture
def folder(fleet: Path) -> Path:
    """Return the folder with a list of 5 users."""
    (fleet / "users.csv").write_text(users_csv(range(5)), "utf-8")
    return fleet


@pytest.mark.parametrize("case", _MAKES)
def test_no_release(case: str, folder: Path, build: Build) -> None:
    make, why, hint = _MAKES[case]
    make(folder / "nowhere")
    shutil.rmtree(folder / "certs")
    done = build("--since", "nowhere")
    # Before a key is asked for.
    assert (done.exit_code, done.stdout, done.stderr.splitlines()) == (
        2,
        "",
        [f"error: --since nowhere: {why}", hint],
    )
    assert not (folder / "dist").exists()
    assert not (folder / "certs").exists()


def test_a_release_that_is_not_signed(folder: Path, build: Build) -> None:
    assert build("-o", "old", "--unsigned").exit_code == 0
    done = build("--since", "old")
    assert (done.exit_code, done.stdout, done.stderr.splitlines()) == (
        2,
        "",
        [
            "error: --since old: the release is not signed: release.json.p7s is missing",
            "hint: Name a release that is signed, or leave --since out.",
        ],
    )
    assert not (folder / "dist").exists()


def test_other_intermediates(folder: Path, build: Build) -> None:
    """The same key and certificate sign, below another certificate of the same CA."""
    top, other = pki.root(), pki.root("Other Root")
    middle = pki.intermediate(top)
    leaf = pki.leaf(middle)
    assert folder.is_dir()
    uris = []
    for name, issuer in (("one", middle), ("two", pki.intermediate(other))):
        assert issuer.certificate.public_key() == middle.certificate.public_key()
        path = folder / f"{name}.pem"
        path.write_bytes(leaf.key_pem + leaf.pem + issuer.pem)
        uris.append(f"pem:{path}")
    assert build("-o", "old", "--identity", uris[0]).exit_code == 0
    assert build("-o", "same", "--since", "old", "--identity", uris[0]).exit_code == 0
    done = build("--since", "old", "--identity", uris[1])
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        2,
        [
            (
                "error: --since old: it was signed with other intermediates, so no signature of it "
                "can be kept"
            ),
            "hint: Give those that it has with --certificates, or leave --since out.",
        ],
    )
    assert not (folder / "dist").exists()


def test_an_archive_that_the_manifest_does_not_name(
    folder: Path, build: Build, call_profilegen: RunProfilegen
) -> None:
    """Whoever has the key may have signed that; the index alone vouches for no archive."""
    assert build("-o", "old", "--archive", "tar").exit_code == 0
    manifest = folder / "old" / "release.json"
    document = json.loads(manifest.read_bytes())
    named = [item for item in document["files"] if item["path"] != "phone/users/00000.tar"]
    assert len(named) == len(document["files"]) - 1
    manifest.write_text(json.dumps(document | {"files": named}), "utf-8")
    signed = call_profilegen("sign", "old/release.json", "--detached")
    assert signed.exit_code == 0, signed.stderr
    before = snapshot(folder / "old")
    done = build("--since", "old")
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        5,
        [
            "error: --since old: an index names an archive, and the manifest does not",
            "hint: Name a release that `profilegen verify` finds valid, or leave --since out.",
        ],
    )
    assert not (folder / "dist").exists()
    assert snapshot(folder / "old") == before
