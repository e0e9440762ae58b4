"""`sign` and profiles whose values an MDM service has yet to fill in."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import write_files, write_identity

HINT = (
    "hint: Upload it unsigned, or sign it beside the file with --detached; --allow-placeholders "
    "signs it as it is.\n"
)


def profile(**keys: object) -> bytes:
    payload = {"PayloadType": "com.apple.eas.account", "PayloadUUID": "2", **keys}
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadIdentifier": "com.example.mail",
            "PayloadUUID": "1",
            "PayloadVersion": 1,
            "PayloadContent": [payload],
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    files = {
        "plain.mobileconfig": profile(EmailAddress="anna@example.com"),
        "fleet.mobileconfig": profile(EmailAddress="$FLEET_VAR_SOMETHING"),
        "jamf.mobileconfig": profile(Rules={"Texts": ["", "is $EMAIL here"]}),
    }
    write_files(tmp_path, files)
    return tmp_path


FLEET = "PayloadContent[0].EmailAddress holds $FLEET_VAR_SOMETHING, which Fleet"
JAMF = "PayloadContent[0].Rules.Texts[1] holds $EMAIL, which Jamf Pro or Kandji (Iru)"


@pytest.mark.parametrize(("name", "what"), [("fleet", FLEET), ("jamf", JAMF)])
def test_a_profile_with_placeholders_is_not_signed_inside(
    folder: Path, call_profilegen: RunProfilegen, name: str, what: str
) -> None:
    before = sorted(folder.iterdir())
    done = call_profilegen("sign", f"{name}.mobileconfig")
    assert (done.exit_code, done.stdout) == (3, "")
    message = f"{name}.mobileconfig: {what} would replace: the signature would break"
    assert done.stderr == f"error: {message}\n{HINT}"
    assert sorted(folder.iterdir()) == before


def test_of_several_files_none_is_signed(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("sign", "plain.mobileconfig", "fleet.mobileconfig")
    assert done.exit_code == 3
    assert not (folder / "plain.signed.mobileconfig").exists()


def test_beside_the_file_it_is_signed(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "fleet.mobileconfig", "--detached").exit_code == 0
    assert (folder / "fleet.mobileconfig.p7s").is_file()


def test_whoever_insists_gets_it_signed(folder: Path, call_profilegen: RunProfilegen) -> None:
    del folder
    done = call_profilegen("sign", "fleet.mobileconfig", "--allow-placeholders")
    assert done.exit_code == 0
    again = call_profilegen("sign", "fleet.signed.mobileconfig")
    assert again.exit_code == 3
    assert "PayloadContent[0].EmailAddress holds $FLEET_VAR_SOMETHING" in again.stderr


def test_a_stream_is_judged_alike(folder: Path, run_profilegen: RunProfilegen) -> None:
    text = (folder / "fleet.mobileconfig").read_text(encoding="utf-8")
    done = run_profilegen("sign", "-", "-o", "out", stdin=text)
    assert done.exit_code == 3
    assert done.stderr.startswith("error: standard input: PayloadContent[0].EmailAddress holds ")
    assert not (folder / "out").exists()


@pytest.mark.parametrize("text", ["%SerialNumber%", "$5", "100%", "{{ whatever }}", "$EMAILS"])
def test_other_texts_are_no_placeholders(
    folder: Path, call_profilegen: RunProfilegen, text: str
) -> None:
    (folder / "other.mobileconfig").write_bytes(profile(UserName=text))
    assert call_profilegen("sign", "other.mobileconfig").exit_code == 0
