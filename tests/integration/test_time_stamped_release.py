"""A release with a time stamp: what is written, who can check it, and what it proves later."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support import authority, pki
from tests.support.authority import Answer, Server, serve
from tests.support.command import Outcome, RunProfilegen, run
from tests.support.releases import SMALL, small_release, snapshot, write_files
from tests.support.tools import require_tool

MANIFEST, SIGNATURE, STAMP, SUMS = (
    "release.json",
    "release.json.p7s",
    "release.json.p7s.tsr",
    "SHA256SUMS",
)
LATER = timedelta(days=90)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a policy, an identity whose signer expires in 30 days, and roots."""
    now = datetime.now(UTC)
    root = authority.issue("Root", extensions=[pki.ca(), pki.usage(key_cert_sign=True)])
    ca = authority.issue("CA", root, extensions=[pki.ca(0), pki.usage(key_cert_sign=True)])
    signer = pki.issue(
        "Signer",
        ca,
        start=now - timedelta(days=1),
        end=now + timedelta(days=30),
        extensions=[pki.usage(digital_signature=True)],
    )
    pki.Chain(root, ca, signer).write(tmp_path)
    (tmp_path / "tsa-root.pem").write_bytes(authority.authority().root.pem)
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def build(folder: Path, run_profilegen: RunProfilegen) -> Callable[..., Outcome]:
    """Return a function that builds the release in `dist`, with a time stamp of `url`."""

    def built(url: str | None, *, epoch: str | None = None) -> Outcome:
        stamp = () if url is None else ("--timestamp", url)
        environment = {} if epoch is None else {"SOURCE_DATE_EPOCH": epoch}
        arguments = ("build", "policy.yaml", "--identity", f"pem:{folder}/identity.pem", *stamp)
        return run_profilegen(*arguments, environment=environment)

    return built


def verify(folder: Path, *options: str, after: timedelta = timedelta()) -> Outcome:
    """Run `verify` on the release in `folder` with its clock moved forward."""
    moved = (require_tool("faketime"), "-f", f"+{after.days}d")
    command = ("-m", "profilegen", "verify", "dist", "--trust", "root.pem", *options)
    return run(*moved, sys.executable, *command, folder=folder)


def test_openssl_accepts_the_stamp_and_no_other_release(
    folder: Path, build: Callable[..., Outcome], server: Server
) -> None:
    asked = len(server.queries)
    assert build(server.url).exit_code == 0
    # One request a release, whatever it holds.
    assert len(server.queries) == asked + 1
    openssl = (require_tool("openssl"), "ts", "-verify", "-in", f"dist/{STAMP}")
    trust = ("-CAfile", "tsa-root.pem")
    good = run(*openssl, "-data", f"dist/{SIGNATURE}", *trust, folder=folder)
    assert (good.exit_code, good.stdout.strip()) == (0, "Verification: OK")
    other = run(*openssl, "-data", f"dist/{MANIFEST}", *trust, folder=folder)
    assert other.exit_code != 0
    stranger = run(*openssl, "-data", f"dist/{SIGNATURE}", "-CAfile", "root.pem", folder=folder)
    assert stranger.exit_code != 0


def test_the_manifest_names_the_stamp(
    folder: Path, build: Callable[..., Outcome], server: Server
) -> None:
    assert build(server.url).exit_code == 0
    manifest = json.loads((folder / "dist" / MANIFEST).read_text(encoding="utf-8"))
    assert STAMP in manifest["seals"]
    sums = (folder / "dist" / SUMS).read_text(encoding="utf-8")
    assert any(line.endswith(f"  {STAMP}") for line in sums.splitlines())


def test_a_repeated_build_differs_in_the_stamp_only(
    folder: Path, build: Callable[..., Outcome], server: Server
) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    built = []
    for _ in range(2):
        assert build(server.url, epoch=now).exit_code == 0
        built.append(snapshot(folder / "dist"))
    one, other = built
    assert set(one) == set(other)
    assert {name for name in one if one[name] != other[name]} == {STAMP, SUMS}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            Answer(bytes(1000), declared=2000),
            "the connection was cut in the middle of the answer",
        ),
        (Answer(status=503), "answered HTTP 503 Service Unavailable"),
        (
            Answer(b"<html>", headers={"Content-Type": "text/html"}),
            "answered with text/html, not with application/timestamp-reply",
        ),
        (
            Answer(b"<html>"),
            "the answer is no answer to a request for a time stamp (RFC 3161)",
        ),
        (Answer(bytes(300_000)), "the answer is larger than 262144 bytes"),
    ],
    ids=["cut", "503", "type", "garbage", "large"],
)
def test_an_authority_that_fails_leaves_the_old_release(
    folder: Path, build: Callable[..., Outcome], answer: Answer, message: str
) -> None:
    write_files(folder / "dist", small_release())
    before = snapshot(folder)
    with serve(lambda _: answer) as failing:
        done = build(failing.url)
    assert (done.exit_code, done.stdout) == (6, "")
    # Warnings on the signer's change may come first.
    assert f"error: {failing.url}: {message}" in done.stderr.splitlines()
    assert done.stderr.splitlines()[-1].startswith("hint: ")
    assert snapshot(folder) == before
    assert not (folder / ".dist.partial").exists()


def test_nobody_listens(folder: Path, build: Callable[..., Outcome]) -> None:
    url = authority.unused_url()
    done = build(url)
    assert done.exit_code == 6
    assert f"error: {url}: the connection was refused" in done.stderr.splitlines()
    assert not (folder / "dist").exists()


@pytest.mark.parametrize("url", ["time.example.com", "https://anna:canary@time.example.com/"])
def test_a_bad_url_is_refused_before_the_policy_is_read(
    folder: Path, build: Callable[..., Outcome], url: str
) -> None:
    (folder / "policy.yaml").unlink()
    done = build(url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "canary" not in done.stderr
    assert "time-stamp authority" in done.stderr


def test_a_stamped_release_outlives_its_signer(
    folder: Path, build: Callable[..., Outcome], server: Server
) -> None:
    trusted = ("--trust-timestamp", "tsa-root.pem")
    assert build(server.url).exit_code == 0
    for after in (timedelta(), LATER):
        done = verify(folder, *trusted, after=after)
        assert (done.exit_code, done.stderr) == (0, ""), after
    # The authority has to be trusted, and the stamp has to be there.
    stranger = verify(folder, after=LATER)
    assert stranger.exit_code == 5
    assert "expired on" in stranger.stderr
    assert "hint: Trust the authority of its time stamp with --trust-timestamp" in stranger.stderr
    (folder / "dist" / STAMP).unlink()
    removed = verify(folder, *trusted)
    assert removed.exit_code == 5
    assert f"dist/{STAMP}: missing" in removed.stderr
    assert SUMS not in removed.stderr
    removed = verify(folder, *trusted, after=LATER)
    assert removed.exit_code == 5
    assert "the certificate 'Signer' expired on" in removed.stderr


def test_a_release_without_a_stamp_does_not_outlive_its_signer(
    folder: Path, build: Callable[..., Outcome]
) -> None:
    assert build(None).exit_code == 0
    assert verify(folder).exit_code == 0
    done = verify(folder, "--trust-timestamp", "tsa-root.pem", after=LATER)
    assert done.exit_code == 5
    assert "the certificate 'Signer' expired on" in done.stderr
    assert "hint: Get it signed by a certificate in force" in done.stderr


def test_a_stamp_of_another_release_is_refused(
    folder: Path, build: Callable[..., Outcome], server: Server
) -> None:
    kept = folder / "kept.tsr"
    assert build(server.url).exit_code == 0
    shutil.copyfile(folder / "dist" / STAMP, kept)
    (folder / "policy.yaml").write_text(SMALL.replace("staff@", "all@"), encoding="utf-8")
    assert build(server.url).exit_code == 0
    shutil.copyfile(kept, folder / "dist" / STAMP)
    done = verify(folder, "--trust-timestamp", "tsa-root.pem")
    assert done.exit_code == 5
    assert "the time stamp is for other data" in done.stderr
