"""The same policy, users, identity and time give the same bytes, wherever and however it runs."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from profilegen.signing.algorithms import KeyKind
from tests.support import pki
from tests.support.command import run_profilegen_in
from tests.support.releases import (
    EPOCH,
    PERSONAL,
    RICH_ENVIRONMENT,
    SMALL,
    USERS,
    identity_files,
    rich_policy,
    snapshot,
    write_files,
    write_identity,
)

HERE = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
THERE = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "C"}
POLICIES = {
    "small": (SMALL, ()),
    "personal": (PERSONAL, ("--users", "users.csv")),
    "rich": (rich_policy("chief@example.com"), ("--allow-clear-secrets",)),
    "rich-personal": (
        rich_policy("{{ user.email }}"),
        ("--users", "users.csv", "--allow-clear-secrets"),
    ),
}


def inputs(policy: str, kind: KeyKind) -> dict[str, bytes]:
    chain = pki.chain()
    bundle = pki.p12(chain.leaf, passphrase=RICH_ENVIRONMENT["MAIL_PASSPHRASE"])
    certificates = {f"certs/{name}": content for name, content in identity_files(kind).items()}
    return certificates | {
        "policy.yaml": policy.encode(),
        "users.csv": USERS.encode(),
        "files/ca.pem": chain.root.pem,
        "files/mail.p12": bundle,
    }


def built(folder: Path, *arguments: str, environment: dict[str, str]) -> dict[str, bytes]:
    added = RICH_ENVIRONMENT | {"SOURCE_DATE_EPOCH": EPOCH} | environment
    done = run_profilegen_in(folder, "build", *arguments, environment=added)
    assert done.exit_code == 0, done.stderr
    return snapshot(folder / "dist")


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.P256])
@pytest.mark.parametrize("case", POLICIES)
def test_two_builds_are_byte_for_byte_equal(case: str, kind: KeyKind, tmp_path: Path) -> None:
    policy, more = POLICIES[case]
    here, there = tmp_path / "here", tmp_path / "somewhere" / "else entirely"
    files = inputs(policy, kind)
    for folder in (here, there):
        write_files(folder, files)
    uri = "pem:" + ",".join(f"certs/{name}.pem" for name in ("signer", "intermediate"))
    first = built(
        here, "policy.yaml", "--identity", f"{uri},certs/signer.key", *more, environment=HERE
    )
    work = there / "deep" / "down"
    work.mkdir(parents=True)
    elsewhere = [str(there / "users.csv") if part == "users.csv" else part for part in more]
    second = built(
        work,
        "../../policy.yaml",
        *("--identity", f"pem:{there}/certs/signer.key,{there}/certs/signer.pem"),
        *("--certificates", f"{there}/certs/intermediate.pem"),
        *elsewhere,
        environment=THERE,
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert len(first) >= 7


def test_another_time_changes_signatures_and_manifest_only(tmp_path: Path) -> None:
    write_files(tmp_path, inputs(SMALL, KeyKind.P256))
    first = built(tmp_path, "policy.yaml", environment=HERE)
    second = built(tmp_path, "policy.yaml", environment=HERE | {"SOURCE_DATE_EPOCH": "1796083201"})
    assert first.keys() == second.keys()
    assert {name for name in first if first[name] == second[name]} == {
        "phone/unsigned/phone.mobileconfig",
        "work/work.json",
    }


def test_identifiers_stay_when_the_policy_changes(tmp_path: Path) -> None:
    changed = SMALL.replace("mail.example.com}", "mx.example.com}").replace("contained", "sealed")
    assert changed != SMALL
    identifiers = []
    for policy in (SMALL, changed):
        write_files(tmp_path, inputs(policy, KeyKind.P256))
        files = built(tmp_path, "policy.yaml", environment=HERE)
        profile = plistlib.loads(files["phone/unsigned/phone.mobileconfig"])
        payloads = [profile, *profile["PayloadContent"]]
        identifiers.append({item["PayloadIdentifier"]: item["PayloadUUID"] for item in payloads})
    first, second = identifiers
    assert first.items() <= second.items()


def test_the_time_of_a_release_is_the_one_given(tmp_path: Path) -> None:
    write_files(tmp_path, inputs(SMALL, KeyKind.P256))
    files = built(tmp_path, "policy.yaml", environment=THERE)
    assert json.loads(files["release.json"])["created"] == "2026-12-01T00:00:00Z"
    done = run_profilegen_in(tmp_path, "verify", "dist", "--format", "json")
    assert json.loads(done.stdout)["results"][0]["signed_at"] == "2026-12-01T00:00:00+00:00"


@pytest.mark.parametrize("epoch", ["soon", "", "1e9", "999999999999999999"])
def test_a_time_that_is_none_is_wrong_usage(epoch: str, tmp_path: Path) -> None:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = run_profilegen_in(
        tmp_path, "build", "policy.yaml", environment={"SOURCE_DATE_EPOCH": epoch}
    )
    assert (done.exit_code, done.stderr.splitlines()) == (
        2,
        [
            f"error: SOURCE_DATE_EPOCH is not a time in seconds since 1970: {epoch!r}",
            "hint: Set it to a whole number, before the year 10000, or unset it.",
        ],
    )
    assert not (tmp_path / "dist").exists()
