"""Releases as other tools see them: openssl, sha256sum, plistlib and the json module."""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from profilegen.signing.algorithms import KeyKind
from tests.support import pki
from tests.support.command import RunProfilegen, run
from tests.support.releases import (
    EPOCH,
    PERSONAL,
    RICH_ENVIRONMENT,
    SMALL,
    USERS,
    Signing,
    named_files,
    rich_policy,
    users_file,
    write_identity,
)

KINDS = [KeyKind.RSA_2048, KeyKind.P256, KeyKind.P384]
ENVIRONMENT = RICH_ENVIRONMENT | {"SOURCE_DATE_EPOCH": EPOCH}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with policies, users and the files that the policies name."""
    chain = pki.chain()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "ca.pem").write_bytes(chain.root.pem)
    bundle = pki.p12(chain.leaf, passphrase=RICH_ENVIRONMENT["MAIL_PASSPHRASE"])
    (tmp_path / "files" / "mail.p12").write_bytes(bundle)
    texts = {
        "shared.yaml": rich_policy("chief@example.com"),
        "personal.yaml": rich_policy("{{ user.email }}"),
        "small.yaml": SMALL,
        "small-personal.yaml": PERSONAL,
        "users.csv": USERS,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def openssl(require_tool: Callable[[str], Path], folder: Path) -> Callable[..., bytes]:
    """Return a function that has openssl verify a file and returns what was signed."""
    tool = require_tool("openssl")

    def verify(path: Path, root: Path, *, content: Path | None = None) -> bytes:
        plain = folder / "plain"
        plain.unlink(missing_ok=True)
        given = () if content is None else ("-content", content)
        command = ("cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any")
        done = run(
            *(tool, *command, "-CAfile", root, "-in", path, *given, "-out", plain), folder=folder
        )
        assert done.exit_code == 0, f"{path}: {done.stderr}"
        return plain.read_bytes()

    return verify


def build(run_profilegen: RunProfilegen, policy: str, signing: Signing, *more: str) -> str:
    done = run_profilegen(
        *("build", policy, "--identity", signing.uri, "--allow-clear-secrets", *more),
        environment=ENVIRONMENT,
    )
    assert done.exit_code == 0, done.stderr
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    return done.stdout


def verify_everything(release: Path, root: Path, openssl: Callable[..., bytes]) -> list[str]:
    """Verify each file of a release with openssl; return the kinds of what was signed."""
    kinds = []
    for item in named_files(release):
        path = release / item["path"]
        match item["signature"]:
            case "embedded":
                plain = openssl(path, root)
                assert plain == (path.parent / "unsigned" / path.name).read_bytes()
                profile = plistlib.loads(plain)
                assert profile["PayloadType"] == "Configuration"
                assert profile["PayloadContent"]
            case "detached":
                beside = path.with_name(f"{path.name}.p7s")
                assert openssl(beside, root, content=path) == path.read_bytes()
                assert plistlib.loads(path.read_bytes()) if path.suffix == ".plist" else True
                assert json.loads(path.read_bytes()) if path.suffix == ".json" else True
            case _:
                continue
        kinds.append(item["kind"])
    detached = release / "release.json.p7s"
    assert openssl(detached, root, content=release / "release.json")
    return sorted(kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_for_all_users(
    kind: KeyKind,
    folder: Path,
    run_profilegen: RunProfilegen,
    openssl: Callable[..., bytes],
    require_tool: Callable[[str], Path],
) -> None:
    signing = write_identity(folder / "certs", kind)
    printed = build(run_profilegen, "shared.yaml", signing)
    assert printed.startswith(
        "dist: 4 profiles, 3 Android policies, 3 declarations, 2 app configurations, signed by "
    )
    kinds = verify_everything(folder / "dist", signing.root, openssl)
    assert kinds == [
        *["android-policy"] * 3,
        *["app-configuration"] * 2,
        *["declaration"] * 3,
        *["profile"] * 4,
    ]
    sums = run(
        *(require_tool("sha256sum"), "--check", "--strict", "SHA256SUMS"), folder=folder / "dist"
    )
    assert sums.exit_code == 0, sums.stdout
    files = [path for path in (folder / "dist").rglob("*") if path.is_file()]
    assert sums.stdout.count(": OK\n") == len(files) - 1  # all but SHA256SUMS itself
    assert run_profilegen("verify", "dist").exit_code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_for_each_user(
    kind: KeyKind,
    folder: Path,
    run_profilegen: RunProfilegen,
    openssl: Callable[..., bytes],
    require_tool: Callable[[str], Path],
) -> None:
    signing = write_identity(folder / "certs", kind)
    printed = build(run_profilegen, "personal.yaml", signing, "--users", "users.csv")
    assert "7 profiles, 5 Android policies" in printed
    assert " for 2 users, signed by " in printed
    kinds = verify_everything(folder / "dist", signing.root, openssl)
    assert (kinds.count("profile"), kinds.count("android-policy")) == (7, 5)
    sums = run(
        *(require_tool("sha256sum"), "--check", "--strict", "--quiet", "SHA256SUMS"),
        folder=folder / "dist",
    )
    assert (sums.exit_code, sums.stdout) == (0, "")
    for target in ("chief", "seller", "byod"):
        for user in ("anna", "bo"):
            name = users_file(target, user, f"unsigned/{user}.mobileconfig")
            content = (folder / "dist" / name).read_text(encoding="utf-8")
            other = {"anna": "bo", "bo": "anna"}[user]
            assert f"{other}@example.com" not in content
    outlook = folder / "dist" / users_file("byod", "anna", "app-configuration/anna")
    assert b"anna@example.com" in (outlook / "com.microsoft.Office.Outlook.plist").read_bytes()


def test_the_example_for_the_people_of_its_list(
    folder: Path, run_profilegen: RunProfilegen, openssl: Callable[..., bytes], checkout: Path
) -> None:
    examples = checkout / "examples"
    done = run_profilegen(
        *("build", examples / "northwind.yaml", "--users", examples / "northwind-users.csv"),
        environment=ENVIRONMENT,
    )
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "Made a development identity in certs/.",
        "warning: signing with the development identity: devices will not trust it",
    ]
    kinds = verify_everything(folder / "dist", folder / "certs" / "root.pem", openssl)
    assert kinds == ["android-policy"] * 3 + ["profile"] * 6
    people = [f"{user}.mobileconfig" for user in ("lsvensson", "mreyes", "tokafor")]
    for target in ("iphone-byod", "iphone-press"):
        found = (folder / "dist" / target / "users").glob("??/*.mobileconfig")
        assert sorted(path.name for path in found) == people


def test_another_root_is_refused_by_openssl_too(
    folder: Path, run_profilegen: RunProfilegen, openssl: Callable[..., bytes]
) -> None:
    signing = write_identity(folder / "certs")
    other = write_identity(folder / "other", owner="other")
    build(run_profilegen, "small.yaml", signing)
    with pytest.raises(AssertionError, match=r"(?i)verif"):
        openssl(folder / "dist" / "phone" / "phone.mobileconfig", other.root)


def test_identifiers_are_unique_over_a_release(folder: Path, run_profilegen: RunProfilegen) -> None:
    signing = write_identity(folder / "certs")
    build(run_profilegen, "personal.yaml", signing, "--users", "users.csv")
    found: list[str] = []
    for path in (folder / "dist").rglob("unsigned/*.mobileconfig"):
        found += re.findall(
            r"<key>PayloadUUID</key>\s*<string>([^<]+)</string>", path.read_text(encoding="utf-8")
        )
    assert len(found) > 20
    assert len(set(found)) == len(found)


def test_no_secret_of_the_environment_reaches_what_is_printed(
    folder: Path, run_profilegen: RunProfilegen
) -> None:
    write_identity(folder / "certs")
    allowed = ("--allow-clear-secrets", "--format")
    for extra, code in (((), 3), ((*allowed, "text"), 0), ((*allowed, "json"), 0)):
        done = run_profilegen("build", "shared.yaml", *extra, environment=ENVIRONMENT)
        assert done.exit_code == code
        for secret in RICH_ENVIRONMENT.values():
            assert secret not in done.stdout + done.stderr
