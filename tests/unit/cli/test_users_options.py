"""The options of `--users`: sources, bad rows in a file, the first one that stops all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Outcome, RunProfilegen
from tests.support.releases import PERSONAL, SMALL, USERS, snapshot

CANARY = "canary-password"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    return tmp_path


def build(call: RunProfilegen, *options: str, users: str = "users.csv") -> Outcome:
    return call("build", "policy.yaml", "--unsigned", "--users", users, *options)


def test_the_same_people_of_every_source_get_the_same_files(
    folder: Path, run_profilegen: RunProfilegen
) -> None:
    rows = [
        {"id": "anna", "email": "anna@example.com"},
        {"id": "bo", "email": "bo@example.com"},
    ]
    (folder / "users.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    (folder / "excel.txt").write_text("sep=;\n" + USERS.replace(",", ";"), "utf-16")
    (folder / "pipes.csv").write_text(USERS.replace(",", "|"), "utf-8")
    releases = []
    for users, options in (
        ("users.csv", ()),
        ("users.jsonl", ()),
        ("excel.txt", ()),
        ("pipes.csv", ("--csv-delimiter", "|")),
    ):
        done = run_profilegen(
            *("build", "policy.yaml", "--unsigned", "--users", users, *options),
            environment={"SOURCE_DATE_EPOCH": "1796083200"},
        )
        assert done.exit_code == 0, done.stderr
        releases.append(snapshot(folder / "dist"))
    assert all(one == releases[0] for one in releases)


def test_standard_input(folder: Path, run_profilegen: RunProfilegen) -> None:
    done = run_profilegen(
        *("build", "policy.yaml", "--unsigned", "--users", "-", "--users-format", "jsonl"),
        stdin='{"id": "anna", "email": "anna@example.com"}\n{"id": "bo"}\n',
    )
    assert (done.exit_code, done.stderr) == (
        1,
        (
            "error: standard input: row 2: email: empty\n"
            "error: standard input: 1 row was left out\n"
            "hint: Correct what is wrong and build again; the release holds all other users.\n"
        ),
    )
    assert (folder / "dist").is_dir()


def test_an_old_encoding_has_to_be_told(folder: Path, call_profilegen: RunProfilegen) -> None:
    named = PERSONAL.replace("service: exchange", 'name: "{{ user.name }}"\n    service: exchange')
    (folder / "policy.yaml").write_text(named, encoding="utf-8")
    text = "id,email,name\nzoe,zoe@example.com,Zoë\n"
    (folder / "users.csv").write_text(text, "cp1252")
    done = build(call_profilegen)
    assert (done.exit_code, done.stderr) == (
        3,
        (
            "error: users.csv: row 1: name: not UTF-8 (line 2, byte 36 of the list)\n"
            "hint: Save the list as UTF-8, or name its encoding, such as --users-encoding cp1252.\n"
        ),
    )
    assert build(call_profilegen, "--users-encoding", "cp1252").exit_code == 0
    (profile,) = (folder / "dist" / "phone" / "users").rglob("*.mobileconfig")
    assert "<string>Zoë</string>" in profile.read_text(encoding="utf-8")


def test_bad_rows_go_to_a_file(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder / "users.csv").write_text(USERS + 'cem,"x,y"\n\ndora\n', encoding="utf-8")
    done = build(call_profilegen, "--bad-rows", "bad.csv")
    assert (done.exit_code, done.stderr) == (
        1,
        (
            "error: users.csv: 2 rows were left out; bad.csv tells which and why\n"
            "hint: Correct what is wrong and build again; the release holds all other users.\n"
        ),
    )
    assert (folder / "bad.csv").read_text(encoding="utf-8") == (
        "row,message\n"
        "3,\"address of account staff would be 'x,y' (expected a mail address)\"\n"
        "5,1 field instead of 2\n"
    )


def test_the_file_says_also_that_no_row_is_bad(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    for earlier in ("", "row,message\n9,what was wrong before\n"):
        (folder / "bad.csv").write_text(earlier, encoding="utf-8")
        assert build(call_profilegen, "--bad-rows", "bad.csv").exit_code == 0
        assert (folder / "bad.csv").read_text(encoding="utf-8") == "row,message\n"


def test_a_few_of_many_bad_rows_are_shown(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder / "users.csv").write_text(USERS + "x\n" * 250, encoding="utf-8")
    done = build(call_profilegen, "--format", "json")
    assert done.exit_code == 1
    assert done.stderr.count(": 1 field instead of 2\n") == 100
    assert done.stderr.endswith(
        "error: users.csv: 250 rows were left out; the first 100 are shown\n"
        "hint: Use --bad-rows FILE for all of them. Correct what is wrong and build again; the "
        "release holds all other users.\n"
    )
    document = json.loads(done.stdout)
    assert (document["rows_left_out"], len(document["bad_rows"])) == (250, 100)


def test_the_first_bad_row_stops_all(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert build(call_profilegen).exit_code == 0
    before = snapshot(folder / "dist")
    (folder / "users.csv").write_text(USERS + "x\ny\n", encoding="utf-8")
    done = build(call_profilegen, "--fail-fast", "--bad-rows", "bad.csv")
    assert (done.exit_code, done.stdout, done.stderr) == (
        3,
        "",
        (
            "error: users.csv: row 3: 1 field instead of 2\n"
            "hint: Correct the row, or leave out --fail-fast to build for all others.\n"
        ),
    )
    assert snapshot(folder / "dist") == before
    assert (folder / "bad.csv").read_text(encoding="utf-8") == (
        "row,message\n3,1 field instead of 2\n"
    )


@pytest.mark.parametrize("name", ["users.csv", "policy.yaml", "notes.txt"])
def test_a_report_overwrites_no_other_file(
    name: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "notes.txt").write_text("row,messages and more\n", encoding="utf-8")
    before = snapshot(folder)
    done = build(call_profilegen, "--bad-rows", name)
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-2:]) == (
        2,
        "",
        [
            f"error: --bad-rows {name}: there is a file, and it is no report of bad rows",
            "hint: Name another file; this one would be overwritten.",
        ],
    )
    assert (folder / name).read_bytes() == before[name]
    assert not (folder / "dist").exists()


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (
            ("--bad-rows", "dist/bad.csv"),
            2,
            "--bad-rows dist/bad.csv: in the folder of the release, which is replaced",
        ),
        (
            ("--bad-rows", "none/bad.csv"),
            3,
            "--bad-rows none/bad.csv: cannot write the file: No such file or directory",
        ),
        (
            ("--csv-delimiter", "ab"),
            2,
            "--csv-delimiter 'ab': not one character that can stand between fields",
        ),
        (
            ("--csv-delimiter", '"'),
            2,
            "--csv-delimiter '\"': not one character that can stand between fields",
        ),
        (
            ("--users-encoding", "ebcdic"),
            2,
            "--users-encoding ebcdic: not a known encoding of text",
        ),
        (("--ldap-map", "email"), 2, "--ldap-map email: not of the form FIELD=ATTRIBUTE"),
        (
            ("--ldap-map", "email=a", "--ldap-map", "email=b"),
            2,
            "--ldap-map email=b: the field email has an attribute already",
        ),
        (("--ldap-no-tls",), 2, "--ldap-no-tls says nothing about --users users.csv"),
        (
            ("--ldap-password-env", "X"),
            2,
            "--ldap-password-env is for a name that --ldap-bind-dn gives",
        ),
    ],
)
def test_options_that_cannot_work(
    options: tuple[str, ...], code: int, message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = build(call_profilegen, *options)
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith(f"error: {message}\nhint: ")
    assert not (folder / "dist").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--fail-fast",),
        ("--bad-rows", "x"),
        ("--users-format", "csv"),
        ("--users-encoding", "cp1252"),
        ("--csv-delimiter", ";"),
        ("--ldap-map", "email=mail"),
        ("--ldap-bind-dn", "cn=reader", "--ldap-password-file", "none"),
        ("--ldap-ca", "none"),
        ("--ldap-no-tls",),
    ],
)
def test_options_without_a_list(
    options: tuple[str, ...], folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml", "--unsigned", *options)
    assert (done.exit_code, done.stderr) == (
        2,
        (
            f"error: {options[0]} is for a list of users\n"
            "hint: Add --users SOURCE, or leave it out.\n"
        ),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ldap-password-env", "EMPTY"), "--ldap-bind-dn cn=a: the password is empty"),
        (("--ldap-password-env", "NONE"), "--ldap-bind-dn cn=a: the password is empty"),
        (
            ("--ldap-password-file", "none"),
            "--ldap-password-file none: no password can be read from it",
        ),
        ((), "--ldap-bind-dn cn=a: there is no terminal to ask for the password"),
        (
            ("--ldap-password-file", "a", "--ldap-password-env", "NONE"),
            "--ldap-password-file and --ldap-password-env exclude each other",
        ),
    ],
)
def test_passwords_that_are_not_there(
    options: tuple[str, ...], message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = call_profilegen(
        *("build", "policy.yaml", "--unsigned", "--users", "ldapi://x/o=A"),
        *("--ldap-map", "id=uid", "--ldap-bind-dn", "cn=a", *options),
        environment={"EMPTY": ""},
    )
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: {message}\nhint: ")


def test_no_password_goes_over_the_network_in_the_clear(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = call_profilegen(
        *("build", "policy.yaml", "--users", "ldap://directory.example/o=A", "--ldap-no-tls"),
        *("--ldap-bind-dn", "cn=a", "--ldap-password-env", "CANARY"),
        environment={"CANARY": CANARY},
    )
    assert (done.exit_code, done.stderr) == (
        2,
        (
            "error: --ldap-no-tls: the password would go over the network for all to read\n"
            "hint: Leave it out, or search without --ldap-bind-dn.\n"
        ),
    )


def test_a_password_in_the_url_is_refused_and_not_repeated(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = build(call_profilegen, users=f"ldaps://admin:{CANARY}@directory.example/o=A")
    assert done.exit_code == 2
    assert CANARY not in done.stderr
