"""`sign`, `show` and `verify` of single files."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest
from cryptography import x509

from profilegen.signing.certificates import fingerprint
from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.releases import small_release, snapshot, write_files, write_identity
from tests.support.signed import By, signed_data

PROFILE = plistlib.dumps(
    {
        "PayloadType": "Configuration",
        "PayloadIdentifier": "com.example\x0aevil",
        "PayloadUUID": "1",
        "PayloadVersion": 1,
        "PayloadContent": [{"PayloadType": "com.apple.wifi.managed"}],
    }
)
POLICY = b'{"screenCaptureDisabled":true}'
SIGNER = "CN=profilegen development signer,O=profilegen development"
WARNING = "warning: signing with the development identity: devices will not trust it"
HINT_AGAIN = "hint: Get the file again"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    configuration = plistlib.dumps({"com.microsoft.outlook.EmailProfile.EmailAddress": "a@b.c"})
    write_files(
        tmp_path,
        {
            "p.mobileconfig": PROFILE,
            "policy.json": POLICY,
            "note.txt": b"hello\r\n",
            "com.microsoft.Office.Outlook.plist": configuration,
            "broken.mobileconfig": b"<plist><dict>",
            "declaration.json": b'{"Type":"t","Identifier":"i","Payload":{}}',
        },
    )
    return tmp_path


def test_a_profile_is_signed_inside(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("sign", "p.mobileconfig")
    assert (done.exit_code, done.stdout) == (0, f"p.signed.mobileconfig: signed by {SIGNER}\n")
    assert done.stderr == f"{WARNING}\n"
    assert (folder / "p.mobileconfig").read_bytes() == PROFILE
    shown = call_profilegen("show", "--content", "p.signed.mobileconfig")
    assert shown.stdout.encode() == PROFILE
    assert call_profilegen("verify", "p.signed.mobileconfig").exit_code == 0


@pytest.mark.parametrize("length", [200, 900])
def test_a_damaged_signed_file_is_named(
    length: int, folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert call_profilegen("sign", "p.mobileconfig").exit_code == 0
    signed = (folder / "p.signed.mobileconfig").read_bytes()
    (folder / "cut.mobileconfig").write_bytes(signed[:length])
    done = call_profilegen("show", "cut.mobileconfig")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith("error: cut.mobileconfig: not a signed file, or a damaged one\n")


def test_every_signer_is_shown(folder: Path, call_profilegen: RunProfilegen) -> None:
    one, two = pki.chain().leaf, pki.chain(name="Other").leaf
    (folder / "two").write_bytes(signed_data(PROFILE, By(one), By(two)))
    shown = call_profilegen("show", "two")
    assert shown.exit_code == 0, shown.stderr
    for number in (1, 2):
        assert f"signature {number} of 2\n  state        intact\n" in shown.stdout
    document = json.loads(call_profilegen("show", "two", "--format", "json").stdout)
    found = [document["signature"], *document["other_signatures"]]
    assert {signature["fingerprint"] for signature in found} == {
        fingerprint(one.certificate),
        fingerprint(two.certificate),
    }
    assert call_profilegen("show", "--content", "two").stdout.encode() == PROFILE
    damaged = signed_data(PROFILE, By(one), By(two)).replace(b"wifi", b"wiFi")
    (folder / "two").write_bytes(damaged)
    assert call_profilegen("show", "two").stdout.count("state        broken: ") == 2
    assert call_profilegen("show", "--content", "two").exit_code == 5


def test_a_file_that_nobody_signed_is_named(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder / "none").write_bytes(signed_data(PROFILE))
    done = call_profilegen("show", "none")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith("error: none: signed by nobody, expected one signer\n")


def test_a_signature_is_replaced(folder: Path, call_profilegen: RunProfilegen) -> None:
    other = write_identity(folder / "other", owner="other")
    assert call_profilegen("sign", "p.mobileconfig", "--identity", other.uri).exit_code == 0
    assert call_profilegen("verify", "p.signed.mobileconfig").exit_code == 5
    done = call_profilegen("sign", "p.signed.mobileconfig")
    assert done.exit_code == 0
    signer = x509.load_pem_x509_certificate((folder / "other" / "signer.pem").read_bytes())
    assert (
        f"p.signed.mobileconfig: the signature by {SIGNER} "
        f"(SHA-256 {fingerprint(signer)[:16]}...) is replaced." in done.stderr.splitlines()
    )
    assert done.stdout.startswith("p.signed.mobileconfig: signed by ")
    assert call_profilegen("verify", "p.signed.mobileconfig").exit_code == 0
    again = call_profilegen("sign", "p.signed.mobileconfig", "--quiet")
    assert again.stderr == f"{WARNING}\n"
    shown = call_profilegen("show", "--content", "p.signed.mobileconfig")
    assert shown.stdout.encode() == PROFILE


def test_other_files_get_a_signature_beside_them(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    names = ("policy.json", "note.txt", "com.microsoft.Office.Outlook.plist", "declaration.json")
    done = call_profilegen("sign", *names)
    assert done.exit_code == 0
    assert done.stdout == "".join(f"{name}.p7s: signed by {SIGNER}\n" for name in names)
    for name in names:
        for path in (name, f"{name}.p7s"):
            verified = call_profilegen("verify", path)
            assert (verified.exit_code, verified.stderr) == (0, "")
            assert verified.stdout.startswith(f"{path}: verified, ")
    (folder / "note.txt").write_bytes(b"hello\n")
    done = call_profilegen("verify", "note.txt", "policy.json")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (5, "note.txt: NOT VALID")
    assert "policy.json: verified, " in done.stdout
    assert done.stderr.splitlines() == [
        "error: note.txt: the content was changed after signing: its digest is not the signed one",
        "hint: Get the file again from where it was signed.",
    ]


def test_a_profile_with_a_signature_beside_it(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "--detached", "p.mobileconfig").exit_code == 0
    assert (folder / "p.mobileconfig.p7s").exists()
    assert call_profilegen("verify", "p.mobileconfig").exit_code == 0


def test_where_signed_files_go(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder / "out").mkdir()
    done = call_profilegen("sign", "p.mobileconfig", "policy.json", "-o", "out")
    assert done.exit_code == 0
    assert set(snapshot(folder / "out")) == {"p.signed.mobileconfig", "policy.json.p7s"}
    assert call_profilegen("sign", "p.mobileconfig", "-o", "new/deep/x").exit_code == 0
    assert call_profilegen("verify", "new/deep/x").exit_code == 0
    assert call_profilegen("sign", "p.mobileconfig", "-o", "p.mobileconfig").exit_code == 0
    assert call_profilegen("verify", "p.mobileconfig").exit_code == 0
    assert list(folder.rglob(".*partial")) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none.json",), 3, "none.json: cannot read the file: No such file or directory"),
        (("certs",), 3, "certs: the folder holds nothing to sign"),
        (("broken.mobileconfig",), 3, "broken.mobileconfig: not a document for devices: "),
        (("policy.json", "note.txt", "-o", "x"), 2, "x: several files need a folder to go to"),
        (
            ("policy.json", "-o", "policy.json"),
            2,
            "policy.json: the signature would be written over the file",
        ),
        (
            ("policy.json", "-o", "./certs/../policy.json"),
            2,
            "policy.json: the signature would be written over the file",
        ),
        (
            ("p.mobileconfig", "p.signed.mobileconfig"),
            2,
            "p.signed.mobileconfig: two of the files would be written to this place",
        ),
        (("policy.json.p7s",), 3, "policy.json.p7s: a detached signature holds nothing to sign"),
        (("policy.json", "-o", "note.txt/x"), 2, "note.txt/x: cannot be written: "),
    ],
)
def test_what_cannot_be_signed(
    arguments: tuple[str, ...],
    code: int,
    message: str,
    folder: Path,
    call_profilegen: RunProfilegen,
) -> None:
    assert call_profilegen("sign", "p.mobileconfig").exit_code == 0
    (folder / "note.txt.sig").write_bytes(b"x")
    assert call_profilegen("sign", "policy.json", "-o", "policy.json.p7s").exit_code == 0
    before = snapshot(folder)
    done = call_profilegen("sign", *arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert f"error: {message}" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: ")
    assert snapshot(folder) == before


def test_a_changed_profile_is_not_signed_again(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert call_profilegen("sign", "p.mobileconfig").exit_code == 0
    path = folder / "p.signed.mobileconfig"
    path.write_bytes(path.read_bytes().replace(b"com.apple.wifi", b"com.apple.wofi"))
    done = call_profilegen("sign", "p.signed.mobileconfig")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.splitlines()[1:] == [
        (
            "error: p.signed.mobileconfig: the content was changed after signing: "
            "its digest is not the signed one"
        ),
        "hint: Get the file again, or sign its source.",
    ]
    shown = call_profilegen("show", "p.signed.mobileconfig")
    assert shown.exit_code == 0
    assert "state        broken: the content was changed after signing" in shown.stdout
    assert call_profilegen("verify", "p.signed.mobileconfig").exit_code == 5


def test_show_says_what_a_file_holds(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "p.mobileconfig").exit_code == 0
    done = call_profilegen("show", "p.signed.mobileconfig")
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"  signer       {SIGNER}" in done.stdout
    assert r"  PayloadIdentifier   com.example\nevil" in done.stdout
    assert "1 payload\n  com.apple.wifi.managed  ?\n" in done.stdout
    plain = call_profilegen("show", "p.mobileconfig").stdout.splitlines()
    assert plain[:2] == [
        f"p.mobileconfig: profile, {len(PROFILE)} bytes",
        "not signed",
    ]
    assert (folder / "p.mobileconfig").read_bytes() == PROFILE


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("p.mobileconfig", "profile"),
        ("policy.json", "android-policy"),
        ("declaration.json", "declaration"),
        ("com.microsoft.Office.Outlook.plist", "app-configuration"),
    ],
)
def test_show_as_json(name: str, kind: str, folder: Path, call_profilegen: RunProfilegen) -> None:
    unsigned = json.loads(call_profilegen("show", name, "--format", "json").stdout)
    assert (unsigned["schema"], unsigned["kind"]) == ("profilegen.show/1", kind)
    assert unsigned["signature"] is None
    assert call_profilegen("sign", "--detached", name).exit_code == 0
    for path in (name, f"{name}.p7s"):
        signed = json.loads(call_profilegen("show", path, "--format", "json").stdout)
        assert (signed["kind"], signed["signature"]["state"]) == (kind, "intact")
        assert signed["signature"]["signer"] == SIGNER
        content = call_profilegen("show", "--content", path).stdout
        assert content.encode() == (folder / name).read_bytes()


def test_show_of_signed_files_that_are_for_no_device(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    write_files(folder / "dist", small_release())
    for name in ("dist/release.json", "dist/release.json.p7s"):
        done = call_profilegen("show", name)
        assert done.exit_code == 0
        assert done.stdout.startswith(f"{name}: unknown, ")
        assert f"  signer       {SIGNER}" in done.stdout
    alone = call_profilegen("show", "note.txt")
    assert (alone.exit_code, alone.stdout) == (3, "")


def test_show_of_what_cannot_be_shown(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "policy.json", "-o", "alone.p7s").exit_code == 0
    expected = {
        "alone.p7s": "alone.p7s: a detached signature without the file it belongs to",
        "none": "none: cannot read the file: No such file or directory",
        "certs": "certs: cannot read the file: Is a directory",
    }
    for name, message in expected.items():
        done = call_profilegen("show", name)
        assert (done.exit_code, done.stdout) == (3, "")
        assert done.stderr.splitlines()[0] == f"error: {message}"
    (folder / "broken.p7s").write_bytes(b"\x30\x80broken")
    assert call_profilegen("show", "broken.p7s").exit_code in {3, 5}


def test_verify_of_a_signature_without_its_file(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert call_profilegen("sign", "policy.json", "-o", "alone.p7s").exit_code == 0
    done = call_profilegen("verify", "alone.p7s")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (5, "alone.p7s: NOT VALID")
    assert done.stderr.splitlines()[0] == (
        "error: alone.p7s: the signature is detached, and what it signs was not given"
    )
    assert (folder / "alone.p7s").exists()


def test_signing_as_json(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    done = call_profilegen("sign", "policy.json", "p.mobileconfig", "--format", "json")
    document = json.loads(done.stdout)
    assert document["schema"] == "profilegen.sign/1"
    assert document["signer"]["subject"] == SIGNER
    assert document["files"] == [
        {"file": "policy.json", "signed": "policy.json.p7s", "replaced": None},
        {"file": "p.mobileconfig", "signed": "p.signed.mobileconfig", "replaced": None},
    ]
    assert document["skipped"] == []
