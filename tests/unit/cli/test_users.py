"""`build --users`: one artifact per user and target, names that stay inside, rows left out."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest

from profilegen.identifiers import file_name
from tests.support.command import Outcome, RunProfilegen
from tests.support.releases import (
    PERSONAL,
    SMALL,
    read_index,
    snapshot,
    users_file,
    write_identity,
)

WARNING = "warning: signing with the development identity: devices will not trust it\n"
STRANGE = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "-rf",
    "Anna",
    "anna",
    "ANNA",
    "änne",
    "张三",
    "a b",
    "a/b",
    "a\\b",
    "a:b",
    "con",
    "unsigned",
    "declarations",
    "a" * 300,
    "a" * 301,
    "release.json",
    "%00",
    "x.mobileconfig",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
    return tmp_path


def build(folder: Path, call: RunProfilegen, users: str, *more: str) -> Outcome:
    (folder / "users.csv").write_text(users, encoding="utf-8")
    return call("build", "policy.yaml", "--users", "users.csv", *more)


def test_no_list_of_users(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("build", "policy.yaml")
    assert (done.exit_code, done.stdout, done.stderr) == (
        3,
        "",
        (
            "error: nothing supplies the user fields that the policy needs: email "
            "(account staff, address; account staff, username)\n"
            "hint: Name a list of users: --users FILE.csv with a column for each field.\n"
        ),
    )
    assert not (folder / "dist").exists()


def test_nothing_is_made_when_the_list_is_missing(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
    assert call_profilegen("build", "policy.yaml").exit_code == 3
    assert snapshot(tmp_path) == {"policy.yaml": PERSONAL.encode()}


def test_one_artifact_per_user_and_target(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = build(folder, call_profilegen, "id,email\nanna,a@example.com\nbo,b@example.com\n")
    assert (done.exit_code, done.stderr) == (0, WARNING)
    assert done.stdout.startswith("dist: 2 profiles, 2 Android policies for 2 users, signed by ")
    assert set(snapshot(folder / "dist")) == {
        "SHA256SUMS",
        "release.intoto.jsonl",
        "release.json",
        "release.json.p7s",
        "phone/users/index.csv",
        *(
            users_file("phone", user, f"{folder}{user}.mobileconfig")
            for user in ("anna", "bo")
            for folder in ("", "unsigned/")
        ),
        "work/users/index.csv",
        *(
            users_file("work", user, f"{user}.json{end}")
            for user in ("anna", "bo")
            for end in ("", ".p7s")
        ),
    }


def test_one_user_is_one(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = build(folder, call_profilegen, "id,email\nanna,a@example.com\n")
    assert done.stdout.startswith("dist: 1 profile, 1 Android policy for 1 user, signed by ")


def test_values_are_data_in_every_format(folder: Path, call_profilegen: RunProfilegen) -> None:
    value = "<&>%raw%</string>'$x;&amp;\u00e9@example.com"
    done = build(folder, call_profilegen, f"id,email\nanna,{value}\n")
    assert done.exit_code == 0, done.stderr
    unsigned = folder / "dist" / users_file("phone", "anna", "unsigned/anna.mobileconfig")
    accounts = plistlib.loads(unsigned.read_bytes())["PayloadContent"]
    assert value in [item.get("EmailAddress") for item in accounts]
    path = folder / "dist" / users_file("work", "anna", "anna.json")
    policy = path.read_text(encoding="utf-8")
    assert value in json.dumps(json.loads(policy), ensure_ascii=False)


def test_values_are_no_template_code(folder: Path, call_profilegen: RunProfilegen) -> None:
    named = PERSONAL.replace("service: exchange", 'name: "{{ user.name }}"\n    service: exchange')
    (folder / "policy.yaml").write_text(named, encoding="utf-8")
    value = "{{ 7*7 }}{% raw %}{# {{ user.email }}"
    done = build(folder, call_profilegen, f"id,email,name\nanna,a@example.com,{value}\n")
    assert done.exit_code == 0, done.stderr
    unsigned = folder / "dist" / users_file("phone", "anna", "unsigned/anna.mobileconfig")
    assert f"<string>{value}</string>" in unsigned.read_text(encoding="utf-8")


def test_ids_that_are_no_file_names(folder: Path, call_profilegen: RunProfilegen) -> None:
    rows = "".join(f"{user},{number}@example.com\n" for number, user in enumerate(STRANGE))
    before = {path.name for path in folder.iterdir()}
    done = build(folder, call_profilegen, f"id,email\n{rows}")
    assert done.exit_code == 0, done.stderr
    assert {path.name for path in folder.iterdir()} == before | {"dist", "users.csv"}
    profiles = list((folder / "dist" / "phone" / "users").glob("??/*.mobileconfig"))
    assert len({path.name.casefold() for path in profiles}) == len(STRANGE)
    assert all(len(path.name) < 120 and path.name.isascii() for path in profiles)
    index = read_index(folder / "dist", "phone")
    assert {row["user"].removeprefix("'") for row in index} == set(STRANGE)
    assert call_profilegen("verify", "dist").exit_code == 0
    strange = "../../etc/passwd"
    path = users_file("phone", strange, f"{file_name(strange)}.mobileconfig")
    assert (folder / "dist" / path).exists()


def test_bad_rows_are_left_out(folder: Path, call_profilegen: RunProfilegen) -> None:
    users = 'id,email\nanna,a@example.com\nbo,\n,c@example.com\nanna,d@example.com\ne,"x\ny"\n'
    done = build(folder, call_profilegen, users)
    assert done.exit_code == 1
    assert done.stdout.startswith("dist: 1 profile, 1 Android policy for 1 user, signed by ")
    assert done.stderr == (
        f"{WARNING}"
        "error: users.csv: row 2: email: empty\n"
        "error: users.csv: row 3: id: empty, and it names the user\n"
        "error: users.csv: row 4: id: 'anna' is the user of row 1 already\n"
        "error: users.csv: row 5: email: holds a control character or line break\n"
        "error: users.csv: 4 rows were left out\n"
        "hint: Correct what is wrong and build again; the release holds all other users.\n"
    )
    assert call_profilegen("verify", "dist").exit_code == 0


def test_one_bad_row_as_json(folder: Path, call_profilegen: RunProfilegen) -> None:
    users = "id,email\nanna,a@example.com\nbo\n"
    done = build(folder, call_profilegen, users, "--format", "json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["schema"], document["users"]) == (1, "profilegen.build/1", 1)
    assert document["bad_rows"] == [{"row": 2, "message": "1 field instead of 2"}]
    assert "error: users.csv: 1 row was left out\n" in done.stderr


@pytest.mark.parametrize(
    ("users", "lines"),
    [
        (
            "id,email\n",
            [
                (
                    "error: nobody to build for in the list of users: it has no rows; "
                    "the release stays as it was"
                )
            ],
        ),
        (
            "id,email\na,\nb\n",
            [
                "error: row 1: email: empty",
                "error: row 2: 1 field instead of 2",
                (
                    "error: nobody to build for in the list of users: no row is right; "
                    "the release stays as it was"
                ),
            ],
        ),
    ],
)
def test_a_list_of_nobody_replaces_no_release(
    users: str, lines: list[str], folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert build(folder, call_profilegen, "id,email\nanna,a@example.com\n").exit_code == 0
    before = snapshot(folder / "dist")
    done = build(folder, call_profilegen, users)
    assert (done.exit_code, done.stdout) == (3, "")
    hint = "hint: Correct the list of users and build again."
    assert done.stderr.splitlines() == [WARNING.strip(), *lines, hint]
    assert snapshot(folder / "dist") == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "users.csv: the list of users is empty"),
        ("id,mail\n", "users.csv: no column for email; it has id, mail"),
        ("id,email,id\n", "users.csv: the column 'id' occurs twice"),
    ],
)
def test_a_list_that_cannot_be_read(
    content: str, message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = build(folder, call_profilegen, content)
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"error: {message}\nhint: " in done.stderr
    assert not (folder / "dist").exists()


def test_a_column_with_a_name_like_that_of_a_field(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    exact = "names are compared letter by letter, with case, spaces and hyphens"
    done = build(folder, call_profilegen, "Id, E-Mail\na,a@example.com\n")
    assert (done.exit_code, done.stdout, done.stderr) == (
        3,
        "",
        (
            "error: users.csv: no column id, which names the person; it has Id, E-Mail\n"
            f"hint: Rename 'Id' to 'id' and 'E-Mail' to 'email': {exact}.\n"
        ),
    )
    assert not (folder / "dist").exists()
    done = build(folder, call_profilegen, "Id,email\na,a@example.com\n", "--quiet")
    warning = f"warning: users.csv: 'Id' is not taken for id, so email names people: {exact}\n"
    assert (done.exit_code, done.stderr) == (0, warning + WARNING)
    assert (folder / "dist" / users_file("phone", "a@example.com", "")).is_dir()


@pytest.mark.parametrize(
    ("name", "reason"), [("none.csv", "No such file or directory"), ("certs", "Is a directory")]
)
def test_a_list_that_is_no_file(
    name: str, reason: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = call_profilegen("build", "policy.yaml", "--users", name)
    assert (done.exit_code, done.stderr) == (
        3,
        (
            f"error: {name}: cannot read the file: {reason}\n"
            "hint: Check the path and that you may read it.\n"
        ),
    )


UNNEEDED = (
    "warning: --users users.csv: no file of these targets takes a user field from a list{}: the "
    "same files serve all users"
)
FILLED_IN = PERSONAL.replace("enrollment: device,", "enrollment: device, variables: jamf,")


@pytest.mark.parametrize("declared", ["", "users: {email: {kind: email}}\n"])
def test_users_of_a_policy_that_needs_none(
    declared: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "policy.yaml").write_text(SMALL + declared, encoding="utf-8")
    for quiet in ((), ("--quiet",)):
        done = build(folder, call_profilegen, "id,email\nanna,a@example.com\n", *quiet)
        assert done.exit_code == 0
        assert UNNEEDED.format("") in done.stderr.splitlines()
    assert (folder / "dist" / "phone" / "phone.mobileconfig").exists()


@pytest.mark.parametrize("declared", ["", "users: {email: {kind: email}}\n"])
def test_users_of_a_target_that_a_service_fills_in(
    declared: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "policy.yaml").write_text(FILLED_IN + declared, encoding="utf-8")
    users = "id,email\nanna,a@example.com\n"
    done = build(folder, call_profilegen, users, "--target", "phone")
    assert done.exit_code == 0
    filled = " (Jamf Pro fills in those of phone)"
    assert UNNEEDED.format(filled) in done.stderr.splitlines()
    done = build(folder, call_profilegen, users)
    assert done.exit_code == 0
    assert "no file of these targets" not in done.stderr
    note = "Not from the list: Jamf Pro fills in the user fields of phone."
    assert note in done.stderr.splitlines()
    assert (folder / "dist" / users_file("work", "anna", "anna.json")).exists()


def test_declared_fields_are_checked(folder: Path, call_profilegen: RunProfilegen) -> None:
    declared = PERSONAL + "users:\n  email: {kind: email, pattern: '.*@example[.]com'}\n"
    (folder / "policy.yaml").write_text(declared, encoding="utf-8")
    users = "id,email\na,a@example.com\nb,b@example.net\nc,c\n"
    done = build(folder, call_profilegen, users)
    assert done.exit_code == 1
    assert "row 2: email: does not match .*@example[.]com: 'b@example.net'\n" in done.stderr
    assert "row 3: email: not a valid email: 'c'\n" in done.stderr
