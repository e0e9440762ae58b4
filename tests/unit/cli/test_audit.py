"""`profilegen audit` as a command: its files, options, exit codes and formats."""

from __future__ import annotations

import json
import plistlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder

from profilegen.audit.model import NEWEST_MACOS
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Platform
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki
from tests.support.command import Outcome, RunProfilegen
from tests.unit.audit.samples import EXCHANGE, OUTLOOK, RESTRICTIONS

HINT = "hint: Give a profile, an Android policy, a declaration or an app configuration.\n"
JSON = ("--format", "json")
AT_SIGNING = {"SOURCE_DATE_EPOCH": str(int(pki.NOW.timestamp()))}


def envelope(kind: str, name: str) -> dict[str, Any]:
    identifier = f"com.example.{name}"
    return {
        "PayloadType": kind,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, identifier)).upper(),
        "PayloadVersion": 1,
    }


def profile(name: str, *payloads: dict[str, Any], **keys: object) -> bytes:
    content = {**envelope("Configuration", name), "PayloadDisplayName": name, **keys}
    return plistlib.dumps({**content, "PayloadContent": list(payloads)})


BOUNDARY = {**envelope(RESTRICTIONS, "boundary"), "allowOpenFromManagedToUnmanaged": False}
ACCOUNT = {
    **envelope(EXCHANGE, "account.staff"),
    "Host": "mail.example.org",
    "SSL": True,
    "OAuth": True,
    "PreventMove": True,
}
TWO_UNKNOWN = {**BOUNDARY, "exampleKeyOne": 1, "exampleKeyTwo": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an account, its restrictions, and a policy in a folder below."""
    (tmp_path / "account.mobileconfig").write_bytes(profile("account", ACCOUNT))
    (tmp_path / "boundary.mobileconfig").write_bytes(profile("restrictions", BOUNDARY))
    (tmp_path / "android").mkdir()
    (tmp_path / "android" / "policy.json").write_text('{"screenCaptureDisabled": true}')
    (tmp_path / "notes.txt").write_text("Restrictions are for the phones.")
    return tmp_path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Return a profile with two keys that nobody knows."""
    path = tmp_path / "bad.mobileconfig"
    path.write_bytes(profile("restrictions", TWO_UNKNOWN))
    return path


@pytest.fixture
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    place = tmp_path_factory.mktemp("identity")
    uri = pki.chain().write(place)
    return open_identity(uri, passphrase=None, certificates=place / "root.pem", at=pki.NOW)


def states(flows: list[dict[str, Any]], account: str) -> dict[str, str]:
    return {flow["channel"]: flow["state"] for flow in flows if flow["account"] == account}


def document(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def by_name(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {file["file"]: file for file in document(outcome)["files"]}


@pytest.mark.usefixtures("folder")
def test_json_has_the_promised_fields(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("audit", "boundary.mobileconfig", *JSON)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    found = document(outcome)
    assert list(found) == ["schema", "assumed", "stated", "unused", "summary", "files"]
    assert found["schema"] == "profilegen.audit/1"
    ios, android = (newest_version(platform) for platform in Platform)
    assert found["assumed"] == [
        {"option": "--enrollment", "value": "device"},
        {"option": "--mode", "value": "work-profile"},
        {"option": "--os", "value": f"iOS {ios}, Android {android}, macOS {NEWEST_MACOS}"},
    ]
    (file,) = found["files"]
    told = ["file", "kind", "signature", "findings", "suppressed", "flows", "manifest", "target"]
    assert list(file) == told
    assert (file["file"], file["kind"]) == ("boundary.mobileconfig", "profile")
    assert (file["signature"], file["suppressed"]) == (None, [])
    assert file["flows"][0] == {
        "account": "*",
        "channel": "open-in",
        "direction": "out",
        "state": "closed",
        "basis": "device",
        "controls": [
            {"payload": RESTRICTIONS, "key": "allowOpenFromManagedToUnmanaged", "value": False}
        ],
        "reason": "",
    }


@pytest.mark.usefixtures("folder")
def test_every_file_below_a_folder_is_classified(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("audit", ".", *JSON)
    assert {name: file["kind"] for name, file in by_name(outcome).items()} == {
        "account.mobileconfig": "profile",
        "android/policy.json": "android-policy",
        "boundary.mobileconfig": "profile",
        "notes.txt": "other",
    }
    assert document(outcome)["summary"]["kinds"] == {"android-policy": 1, "other": 1, "profile": 2}
    assert [item["rule"] for item in by_name(outcome)["notes.txt"]["findings"]] == ["no-document"]


@pytest.mark.usefixtures("folder")
def test_files_together_are_judged_as_one_device(call_profilegen: RunProfilegen) -> None:
    arguments = ("audit", ".", "--as-device", *JSON)
    outcome = call_profilegen(*arguments, "--enrollment", "user", "--mode", "fully-managed")
    assert [item["option"] for item in document(outcome)["assumed"]] == ["--os"]
    device = document(outcome)["device"]
    assert list(device) == ["findings", "suppressed", "flows"]
    staff = states(device["flows"], "com.example.account.staff")
    assert (staff["open-in"], staff["move-message"]) == ("closed", "closed")
    alone = by_name(outcome)["account.mobileconfig"]["flows"]
    assert states(alone, "com.example.account.staff")["open-in"] == "open"
    assert states(device["flows"], "*")["screen-capture"] == "closed"
    assert states(device["flows"], "*")["paste"] == "absent"


def test_the_oldest_version_counts_for_every_platform(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "new.json").write_text('{"appFunctions": "APP_FUNCTIONS_DISALLOWED"}')
    outcome = call_profilegen("audit", "new.json", "--os", "15", *JSON)
    assert states(by_name(outcome)["new.json"]["flows"], "*")["app-functions"] == "narrowed"
    assert "--os" not in {item["option"] for item in document(outcome)["assumed"]}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("d.json", b'{"Type": "com.apple.configuration.x", "Payload": {}}', "declaration"),
        (f"{OUTLOOK}.plist", plistlib.dumps({"a": 1}), "app-configuration"),
        ("p.json", b"{}", "android-policy"),
    ],
)
def test_each_kind_of_document_has_a_name(
    tmp_path: Path, call_profilegen: RunProfilegen, name: str, data: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(data)
    outcome = call_profilegen("audit", name, *JSON)
    assert by_name(outcome)[name]["kind"] == kind


def test_a_signed_file_names_its_signer(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    signed = sign_embedded(profile("a", BOUNDARY), identity, signed_at=pki.NOW)
    (tmp_path / "a.mobileconfig").write_bytes(signed)
    outcome = call_profilegen("audit", "a.mobileconfig", *JSON, environment=AT_SIGNING)
    file = by_name(outcome)["a.mobileconfig"]
    signature = file["signature"]
    assert outcome.exit_code == 0
    assert (signature["state"], signature["signer"]) == ("intact", "CN=Test Signer")
    assert len(signature["fingerprint"]) == 64
    assert [signer["state"] for signer in signature["signers"]] == ["intact"]
    assert states(file["flows"], "*")["open-in"] == "closed"
    text = call_profilegen("audit", "a.mobileconfig").stdout
    assert text.startswith("a.mobileconfig: profile, signed by CN=Test Signer, intact\n")


def test_a_broken_signature_is_an_error(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    signed = sign_embedded(profile("a", BOUNDARY), identity, signed_at=pki.NOW)
    changed = signed.replace(b"com.example.boundary", b"com.example.boundarx", 1)
    (tmp_path / "a.mobileconfig").write_bytes(changed)
    arguments = ("audit", "a.mobileconfig", "--only", "signature-broken", *JSON)
    outcome = call_profilegen(*arguments)
    file = by_name(outcome)["a.mobileconfig"]
    assert (outcome.exit_code, file["signature"]["state"]) == (1, "broken")
    assert [finding["rule"] for finding in file["findings"]] == ["signature-broken"]
    assert outcome.stderr == (
        "error: findings that are errors: 1\nhint: Each says in the output above what is wrong.\n"
    )


def test_a_certificate_that_expires_soon(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    signed = sign_embedded(profile("a", BOUNDARY), identity, signed_at=pki.NOW)
    (tmp_path / "a.mobileconfig").write_bytes(signed)
    arguments = ("audit", "a.mobileconfig", "--only", "signature-expiring", *JSON)
    for days, count in (("1", 0), ("36500", 1)):
        outcome = call_profilegen(*arguments, "--warn-days", days, environment=AT_SIGNING)
        assert document(outcome)["summary"]["rules"].get("signature-expiring", 0) == count


def test_named_files_that_are_no_documents_end_with_3(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "b.p7s").write_bytes(sign_detached(b"{}", identity, signed_at=pki.NOW))
    (tmp_path / "c.der").write_bytes(b"\x30\x03\x02\x01\x01")
    first = "error: a.txt: not a document for devices: it is neither a property list nor JSON\n"
    outcome = call_profilegen("audit", "a.txt")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (3, "", f"{first}{HINT}")
    outcome = call_profilegen("audit", "a.txt", "b.p7s", "c.der")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr == (
        f"{first}{HINT}"
        "error: b.p7s: a detached signature without the file that it signs\n"
        "hint: Give the signed file itself.\n"
        "error: c.der: not a signed file, or a damaged one\n"
        "hint: Get the file again, or sign it.\n"
    )


def test_a_damaged_file_in_a_folder_is_a_finding(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "bad.mobileconfig").write_bytes(profile("a", BOUNDARY)[:-30])
    outcome = call_profilegen("audit", ".", *JSON, "--as-device", "--only", "unreadable")
    assert outcome.exit_code == 1
    bad = by_name(outcome)["bad.mobileconfig"]
    assert (bad["kind"], bad["signature"], bad["flows"]) == ("unknown", None, [])
    assert [(f["rule"], f["severity"]) for f in bad["findings"]] == [("unreadable", "error")]
    assert call_profilegen("audit", "bad.mobileconfig").exit_code == 3


def test_a_file_that_may_not_be_read(
    tmp_path: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text("{}")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    outcome = call_profilegen("audit", "a.json")
    assert outcome.exit_code == 3
    assert outcome.stderr == (
        "error: a.json: cannot read the file: Permission denied\n"
        "hint: Check the path and that you may read it.\n"
    )


def test_encrypted_content_is_a_warning(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    content = {**envelope("Configuration", "a"), "EncryptedPayloadContent": b"\x30"}
    (tmp_path / "a.mobileconfig").write_bytes(plistlib.dumps(content))
    outcome = call_profilegen("audit", "a.mobileconfig", "--only", "encrypted-content", *JSON)
    (finding,) = by_name(outcome)["a.mobileconfig"]["findings"]
    assert (outcome.exit_code, finding["severity"]) == (0, "warning")


def test_the_key_of_the_device_opens_what_is_encrypted_for_it(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    device = pki.issue("Test Device", kind="rsa-2048", owner="device")
    (tmp_path / "device.pem").write_bytes(device.encrypted_key_pem + device.pem)
    builder = PKCS7EnvelopeBuilder().set_data(plistlib.dumps([BOUNDARY]))
    sealed = builder.add_recipient(device.certificate).encrypt(Encoding.DER, [])
    content = {**envelope("Configuration", "a"), "EncryptedPayloadContent": sealed}
    (tmp_path / "a.mobileconfig").write_bytes(plistlib.dumps(content))
    key = ("--device-key", "pem:device.pem", "--passphrase-env", "PHRASE")
    for options, state in ((key, "closed"), ((), "unknown")):
        outcome = call_profilegen(
            *("audit", "a.mobileconfig", *options, *JSON), environment={"PHRASE": pki.PASSPHRASE}
        )
        file = by_name(outcome)["a.mobileconfig"]
        assert states(file["flows"], "*")["open-in"] == state
    outcome = call_profilegen("audit", "a.mobileconfig", "--device-key", "pem:none.pem")
    assert (outcome.exit_code, outcome.stdout) == (4, "")


@pytest.mark.usefixtures("bad")
def test_a_rule_can_be_switched_off_and_stays_visible(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("audit", "bad.mobileconfig", "--ignore", "unknown-key", *JSON)
    file = by_name(outcome)["bad.mobileconfig"]
    assert "unknown-key" not in {finding["rule"] for finding in file["findings"]}
    assert [(one["rule"], one["by"], one["because"]) for one in file["suppressed"]] == [
        ("unknown-key", "--ignore", ""),
        ("unknown-key", "--ignore", ""),
    ]
    assert {one["where"] for one in file["suppressed"]} == {
        "PayloadContent[0].exampleKeyOne",
        "PayloadContent[0].exampleKeyTwo",
    }
    assert all(one["line"] > 1 for one in file["suppressed"])
    text = call_profilegen("audit", "bad.mobileconfig", "--ignore", "unknown-key").stdout
    assert "2 findings switched off by --ignore\n" in text


@pytest.mark.usefixtures("bad")
@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 0, ""),
        (("--fail-on", "error"), 0, ""),
        (("--fail-on", "warning"), 1, "findings that are errors or warnings: 2"),
        (("--fail-on", "note"), 1, "findings: 2"),
        (("--fail-on", "never"), 0, ""),
        (("--fail-on", "note", "--ignore", "unknown-key"), 0, ""),
    ],
)
def test_what_fails_is_a_matter_of_the_level(
    options: tuple[str, ...], code: int, message: str, call_profilegen: RunProfilegen
) -> None:
    only = ("--only", "unknown-key")
    outcome = call_profilegen("audit", "bad.mobileconfig", *only, *options)
    assert (outcome.exit_code, message in outcome.stderr) == (code, True)


@pytest.mark.usefixtures("bad")
def test_the_configuration_file_is_read_where_it_lies(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    text = '[audit]\nignore = ["unknown-key"]\nfail-on = "note"\nenrollment = "user"\nos = "26"\n'
    (tmp_path / "profilegen.toml").write_text(text)
    arguments = ("audit", "bad.mobileconfig", "--only", "unknown-key", *JSON)
    outcome = call_profilegen(*arguments)
    assert (outcome.exit_code, switched_off(outcome)) == (0, "profilegen.toml: audit.ignore")
    assert [item["option"] for item in document(outcome)["assumed"]] == ["--mode"]
    (tmp_path / "profilegen.toml").rename(tmp_path / "other.toml")
    assert "--os" in {item["option"] for item in document(call_profilegen(*arguments))["assumed"]}
    outcome = call_profilegen(*arguments, "--config", "other.toml", "--enrollment", "supervised")
    assert "--enrollment" not in {item["option"] for item in document(outcome)["assumed"]}
    assert switched_off(outcome) == "other.toml: audit.ignore"


def switched_off(outcome: Outcome) -> str:
    """Return by what the unknown keys are switched off."""
    found = by_name(outcome)["bad.mobileconfig"]["suppressed"]
    (by,) = {str(one["by"]) for one in found if one["rule"] == "unknown-key"}
    return by


@pytest.mark.usefixtures("bad")
def test_an_option_wins_over_the_configuration(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "profilegen.toml").write_text('[audit]\nfail-on = "never"\nwarn-days = 5\n')
    arguments = ("audit", "bad.mobileconfig", "--only", "unknown-key")
    assert call_profilegen(*arguments).exit_code == 0
    assert call_profilegen(*arguments, "--fail-on", "note").exit_code == 1


def test_a_wrong_configuration_ends_with_3_and_all_its_mistakes(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "profilegen.toml").write_text('[audit]\nignored = []\nfail-on = "fatal"\n')
    outcome = call_profilegen("audit", ".")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr == (
        "error: profilegen.toml: audit.ignored: unknown key\n"
        'hint: Did you mean "ignore"?\n'
        'error: profilegen.toml: audit.fail-on: "fatal" is no such value\n'
        "hint: It is one of: error, warning, note, never.\n"
    )
    missing = call_profilegen("audit", ".", "--config", "none.toml")
    assert missing.exit_code == 3
    assert missing.stderr.startswith("error: none.toml: cannot read the file: No such file")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'FILE...'."),
        (("missing.json",), "Invalid value for 'FILE...': Path 'missing.json' does not exist."),
        ((".", "--os", "new"), "Invalid value for '--os': not a version: 'new'"),
        ((".", "--enrollment", "kiosk"), "Invalid value for '--enrollment'"),
        ((".", "--mode", "kiosk"), "Invalid value for '--mode'"),
        ((".", "--fail-on", "all"), "Invalid value for '--fail-on'"),
        ((".", "--warn-days", "-1"), "Invalid value for '--warn-days'"),
        ((".", "--format", "html"), "Invalid value for '--format'"),
        ((".", "--ignore", "unknown-kay"), '--ignore: no rule has the code "unknown-kay"'),
        ((".", "--only", "x"), '--only: no rule has the code "x"'),
        (
            (".", "--passphrase-file", "x"),
            "--passphrase-file is for a key that --device-key names",
        ),
        ((".", "--passphrase-env", "X"), "--passphrase-env is for a key that --device-key names"),
        (("--explain", "unknown-kay"), '--explain: no rule has the code "unknown-kay"'),
        (("--explain", "all", "--format", "sarif"), "--explain prints text or json, no sarif"),
    ],
)
def test_wrong_usage_ends_with_2(
    call_profilegen: RunProfilegen, arguments: tuple[str, ...], message: str
) -> None:
    outcome = call_profilegen("audit", *arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"error: {message}")
    assert len(outcome.stderr.splitlines()) == 2


def test_a_mistyped_rule_gets_the_nearest(call_profilegen: RunProfilegen) -> None:
    assert (
        'hint: Did you mean "unknown-key"?'
        in call_profilegen("audit", "--explain", "unknown-kay").stderr
    )
    outcome = call_profilegen("audit", "--explain", "zzzzzz")
    assert "hint: `profilegen audit --explain all` lists the rules." in outcome.stderr


@pytest.mark.parametrize("code", rules())
def test_each_rule_is_explained(call_profilegen: RunProfilegen, code: str) -> None:
    outcome = call_profilegen("audit", "--explain", code)
    rule = rules()[code]
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith(f"{code}: ")
    words = " ".join(outcome.stdout.split())
    assert all(text in words for text in (rule.severity, rule.about, rule.fix))


def test_all_rules_are_listed(call_profilegen: RunProfilegen) -> None:
    text = call_profilegen("audit", "--explain", "all").stdout
    assert all(f"\n  {code} " in text for code in rules())
    listed = document(call_profilegen("audit", "--explain", "all", *JSON))
    assert [rule["code"] for rule in listed["rules"]] == list(rules())
    assert listed["schema"] == "profilegen.rules/1"
    (one,) = document(call_profilegen("audit", "--explain", "unknown-key", *JSON))["rules"]
    assert one["title"] == rules()["unknown-key"].title


@pytest.mark.usefixtures("bad")
def test_sarif_names_files_from_the_current_folder(
    bad: Path, call_profilegen: RunProfilegen
) -> None:
    arguments = ("--format", "sarif", "--only", "unknown-key")
    outcome = call_profilegen("audit", bad, *arguments)
    (run,) = document(outcome)["runs"]
    results = [result for result in run["results"] if not result.get("suppressions")]
    assert {result["ruleId"] for result in results} == {"unknown-key"}
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert {place["artifactLocation"]["uri"] for place in places} == {"bad.mobileconfig"}
    assert all(place["region"]["startLine"] > 1 for place in places)


@pytest.mark.usefixtures("folder")
def test_flows_in_short_and_in_full(call_profilegen: RunProfilegen) -> None:
    short = call_profilegen("audit", "account.mobileconfig").stdout
    full = call_profilegen("audit", "account.mobileconfig", "--flows").stdout
    assert any(line.startswith("    closed      move-message, ") for line in short.splitlines())
    assert "    closed    move-message                 out  PreventMove = true" in full.splitlines()
    assert len(full.splitlines()) > 60 > len(short.splitlines())
    assert max(map(len, full.splitlines())) <= 100


@pytest.mark.usefixtures("folder")
def test_many_files_end_with_a_summary(call_profilegen: RunProfilegen) -> None:
    lines = call_profilegen("audit", ".", "--as-device").stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert "No documents for devices (1): notes.txt" in lines
    assert lines.index("All files together on one device") < lines.index("Summary of 4 files")
    assert "  2 profile, 1 android-policy, 1 other" in lines
    assert lines[-2].startswith("Assumed, since not given: --enrollment device, --mode work-pro")


def test_a_folder_without_files(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    (tmp_path / "empty").mkdir()
    outcome = call_profilegen("audit", "empty")
    assert (outcome.exit_code, outcome.stdout.splitlines()[0]) == (0, "No files.")


def test_a_file_cannot_steer_the_terminal(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    account = {**ACCOUNT, "PayloadIdentifier": "a\x9b31m\u202eb\nc"}
    (tmp_path / "a.mobileconfig").write_bytes(profile("a", account))
    outcome = call_profilegen("audit", "a.mobileconfig")
    assert "a?31m?b?c: " in outcome.stdout
    assert all(c.isprintable() or c == "\n" for c in outcome.stdout)
