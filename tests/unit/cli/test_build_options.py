"""Options of `build` for users' files are refused where no user has a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import PERSONAL, SMALL, USERS, small_release, write_files

GIVEN: dict[str, tuple[str, ...]] = {
    "--archive": ("--archive", "tar"),
    "--workers": ("--workers", "2"),
    "--workers 1": ("--workers", "1"),
    "--workers dask": ("--workers", "dask://127.0.0.1:1"),
    "--resume": ("--resume",),
    "--since": ("--since", "old"),
}
MIXED = PERSONAL.replace(
    "targets:\n",
    "  - {id: press, service: exchange, address: press@example.com, sharing: contained,\n"
    "     server: {host: mail.example.com}, client: {android: outlook}}\n"
    "targets:\n"
    "  - {id: shared, platform: ios, enrollment: device, minimum_os: '17', accounts: [press]}\n",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    policies = {"policy.yaml": PERSONAL, "shared.yaml": SMALL, "mixed.yaml": MIXED}
    files = {name: text.encode() for name, text in policies.items()}
    write_files(tmp_path, files | {"users.csv": USERS.encode()})
    write_files(tmp_path / "old", small_release())
    return tmp_path


@pytest.mark.parametrize("policy", ["policy.yaml", "shared.yaml"])
@pytest.mark.parametrize("case", GIVEN)
def test_without_a_list_of_users(
    case: str, policy: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    option = GIVEN[case][0]
    done = call_profilegen("build", policy, *GIVEN[case])
    assert (done.exit_code, done.stdout, done.stderr) == (
        2,
        "",
        (
            f"error: {option} is for users' files, and there is no list of users\n"
            f"hint: Name one with --users, or leave {option} out.\n"
        ),
    )
    assert not (folder / "dist").exists()
    assert not (folder / "certs").exists()


@pytest.mark.parametrize("case", GIVEN)
@pytest.mark.parametrize("chosen", [("shared.yaml",), ("mixed.yaml", "--target", "shared")])
def test_where_no_target_has_files_of_users(
    case: str, chosen: tuple[str, ...], folder: Path, call_profilegen: RunProfilegen
) -> None:
    option = GIVEN[case][0]
    done = call_profilegen("build", *chosen, "--users", "users.csv", *GIVEN[case])
    assert (done.exit_code, done.stdout, done.stderr) == (
        2,
        "",
        (
            f"error: {option} is for users' files, and these targets have none\n"
            f"hint: Leave {option} out, or put user fields into the policy: a target with "
            "`variables` has the same files for all, which its service fills in.\n"
        ),
    )
    assert not (folder / "dist").exists()
    assert not (folder / "certs").exists()


def test_one_target_with_files_of_users_is_enough(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    options = ("--users", "users.csv", "--archive", "tar", "--workers", "1", "--resume")
    done = call_profilegen("build", "mixed.yaml", *options)
    assert done.exit_code == 0, done.stderr
    assert (folder / "dist" / "phone" / "users" / "00000.tar").exists()
    assert (folder / "dist" / "shared" / "shared.mobileconfig").exists()


def test_a_list_whose_users_share_all_files_is_still_read(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("build", "shared.yaml", "--users", "users.csv", "--unsigned")
    assert done.exit_code == 0
    assert done.stdout.endswith(" for 2 users, not signed\n")
    assert (folder / "dist").exists()
