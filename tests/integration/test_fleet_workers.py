"""Fleets by one process or several: the same bytes, the same errors, no key that travels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.fleets import BUILD, users_csv
from tests.support.identities import PLACES, current_chain
from tests.support.releases import snapshot


@pytest.fixture
def build(call_profilegen: RunProfilegen) -> Callable[..., str]:
    """Return a function that builds, expects success and returns standard output."""

    def call(*arguments: str | Path) -> str:
        done = call_profilegen(*BUILD, *arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    return call


@pytest.mark.parametrize("packing", [(), ("--archive", "tar")], ids=["folders", "archives"])
def test_the_bytes_are_the_same_whoever_does_the_work(
    packing: tuple[str, ...], fleet: Path, build: Callable[..., str], call_profilegen: RunProfilegen
) -> None:
    for count in ("1", "2", "3"):
        build("-o", count, "--workers", count, *packing)
    one = snapshot(fleet / "1")
    assert len(one) > 10
    assert snapshot(fleet / "2") == one
    assert snapshot(fleet / "3") == one
    assert call_profilegen("verify", "2").exit_code == 0


def test_json_tells_what_was_done(fleet: Path, build: Callable[..., str]) -> None:
    del fleet
    told = json.loads(build("--workers", "2", "--format", "json"))["fleet"]
    assert told["signatures"] == {"made": 180, "taken_over": 0}
    assert told["resumed_users"] == 0
    assert told["since"] is None
    assert told["bytes"] > 100_000
    assert all(seconds > 0 for seconds in told["work_seconds"].values())


@pytest.mark.parametrize("place", PLACES)
def test_workers_open_the_key_wherever_it_is(
    place: str, fleet: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = PLACES[place](fleet, current_chain("p256"), "Secret-1234")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    arguments = (*BUILD, "--identity", found.uri)
    (fleet / "secret").write_text("Secret-1234\n", "utf-8")
    done = call_profilegen(*arguments, "--workers", "2", "--passphrase-file", "secret")
    assert done.exit_code == 0, done.stderr
    (fleet / "root.pem").write_bytes(current_chain("p256").root.pem)
    assert call_profilegen("verify", "dist", "--trust", "root.pem").exit_code == 0


def test_nobody_is_asked_for_a_passphrase(fleet: Path, call_profilegen: RunProfilegen) -> None:
    place = PLACES["pem"](fleet, current_chain("p256"), "secret")
    done = call_profilegen(
        *BUILD,
        *("--identity", place.uri, "--workers", "2"),
    )
    assert (done.exit_code, done.stderr.splitlines()) == (
        2,
        [
            "error: --workers: the key needs a passphrase or PIN, and workers have nobody to ask",
            "hint: Use --passphrase-file or --passphrase-env.",
        ],
    )
    assert not (fleet / "dist").exists()


def test_bad_rows_are_told_in_their_order(fleet: Path, call_profilegen: RunProfilegen) -> None:
    rows = users_csv(range(50)).splitlines()
    rows[31], rows[45] = "nobody,", "user0001,twice@example.com"
    (fleet / "users.csv").write_text("\n".join(rows) + "\n", "utf-8")
    told = []
    for count in ("1", "2"):
        done = call_profilegen(*BUILD, "-o", count, "--workers", count)
        assert done.exit_code == 1
        assert "for 48 users" in done.stdout
        told.append(done.stderr)
    assert told[0] == told[1]
    assert told[0].index("row 31") < told[0].index("row 45")
    assert snapshot(fleet / "1") == snapshot(fleet / "2")


def test_a_template_that_nobody_can_render_fails_as_in_one_process(
    fleet: Path, call_profilegen: RunProfilegen
) -> None:
    template = fleet / "templates" / "android" / "policy.json.j2"
    template.parent.mkdir(parents=True)
    template.write_text("{{ nobody }}", "utf-8")
    told = []
    for count in ("1", "2"):
        done = call_profilegen(
            *(*BUILD, "--workers", count),
            *("--templates", "templates"),
        )
        assert done.exit_code == 3
        told.append([line.replace(f"{fleet}/", "") for line in done.stderr.splitlines()])
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("two", "--workers two: not a number from 1 to 512, auto or dask://HOST:PORT"),
        ("-1", "--workers -1: not a number from 1 to 512, auto or dask://HOST:PORT"),
        ("513", "--workers 513: not a number from 1 to 512, auto or dask://HOST:PORT"),
        ("dask://", "--workers dask://: not of the form dask://HOST:PORT"),
        ("dask://a", "--workers dask://a: not of the form dask://HOST:PORT"),
        ("dask://me:pw@a:1", "--workers dask://me:pw@a:1: not of the form dask://HOST:PORT"),
    ],
)
def test_workers_that_are_none(
    value: str, message: str, fleet: Path, call_profilegen: RunProfilegen
) -> None:
    del fleet
    done = call_profilegen(*BUILD, "--workers", value)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (2, f"error: {message}")


def test_auto_is_a_process_for_each_cpu(fleet: Path, build: Callable[..., str]) -> None:
    for value in ("auto", "0"):
        build("-o", value, "--workers", value)
    assert snapshot(fleet / "auto") == snapshot(fleet / "0")


def test_what_every_worker_finds_out_is_told_once(
    fleet: Path, call_profilegen: RunProfilegen
) -> None:
    template = fleet / "templates" / "ios" / "profile.mobileconfig.j2"
    template.parent.mkdir(parents=True)
    template.write_text(
        '{% if user.email == "nobody" %}{% endif %}'
        '{% include "builtin/ios/profile.mobileconfig.j2" %}',
        "utf-8",
    )
    (fleet / "users.csv").write_text(users_csv(range(400)), "utf-8")
    done = call_profilegen(*BUILD, "--templates", "templates", "--workers", "2")
    assert done.exit_code == 0
    assert done.stderr.count("rendered and audited in full") == 1
