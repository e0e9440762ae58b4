"""Android policies as Google sees them: every mode and sharing against the discovery document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.command import RunProfilegen

_ROOT = Path(__file__).resolve().parents[2]
OWN = _ROOT / "profilegen" / "catalogue" / "data" / "schema" / "android.json"
SHARED = _ROOT.parent / "shared" / "facts" / "android" / "amapi_policy.schema.json"
MODES = ("work-profile", "company-owned", "fully-managed")
SHARINGS = ("open", "contained", "sealed")
VERSIONS = ("9", "12", "13", "15", "17 QPR1")
APPS = """\
apps:
  managed:
    - {name: Outlook, android: com.microsoft.office.outlook}
    - {name: Docs, android: com.google.android.apps.docs}
  blocked:
    - {name: TikTok, android: [com.zhiliaoapp.musically, com.ss.android.ugc.trill],
       because: It reads the clipboard.}
support: {short: Ask the desk, long: "Call +1 555 0100"}
"""


def schemas() -> Iterator[Any]:
    yield pytest.param(OWN, id="own")
    reason = "Google's discovery document does not lie beside this checkout"
    missing = pytest.mark.skipif(not SHARED.is_file(), reason=reason)
    yield pytest.param(SHARED, id="shared", marks=missing)


def account(name: str, service: str, sharing: str, client: str) -> str:
    servers = {
        "exchange": "{host: mail.example.com, oauth: true}",
        "imap": "{incoming: {host: imap.example.com}, outgoing: {host: smtp.example.com}}",
    }
    server = f"\n    server: {servers[service]}" if service in servers else ""
    return (
        f"  - id: {name}\n    service: {service}\n    address: {name}@example.com{server}\n"
        f"    client: {{android: {client}}}\n    sharing: {sharing}\n"
    )


def policy_text(mode: str) -> str:
    """Return a policy with a target for every sharing and version, and for two that conflict."""
    accounts = "".join(
        account(f"{service}-{sharing}", service, sharing, client)
        for sharing in SHARINGS
        for service, client in (("exchange", "outlook"), ("imap", "gmail"), ("google", "gmail"))
    )
    rows = [
        (f"{service}-{sharing}-{number}", version, f"{service}-{sharing}")
        for number, version in enumerate(VERSIONS)
        for sharing in SHARINGS
        for service in ("exchange", "imap", "google")
    ]
    rows.append(("mixed", "13", "exchange-sealed, google-open"))
    targets = "".join(
        f'  - {{id: t-{name}, platform: android, mode: {mode}, minimum_os: "{version}",'
        f" accounts: [{accounts_of}], conflicts: strictest}}\n"
        for name, version, accounts_of in rows
    )
    organization = "{name: Example, identifier: com.example.mail, contact: help}"
    return (
        f"policy: 1\norganization: {organization}\naccounts:\n{accounts}{APPS}targets:\n{targets}"
    )


@pytest.fixture(scope="module")
def validators() -> dict[Path, Draft202012Validator]:
    found = [path for path in (OWN, SHARED) if path.is_file()]
    return {path: Draft202012Validator(json.loads(path.read_bytes())) for path in found}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("schema", list(schemas()))
def test_policies_of_every_kind_are_valid(
    mode: str,
    schema: Path,
    validators: Mapping[Path, Draft202012Validator],
    tmp_path: Path,
    call_profilegen: RunProfilegen,
) -> None:
    (tmp_path / "policy.yaml").write_text(policy_text(mode), encoding="utf-8")
    done = call_profilegen("build", "policy.yaml", "--unsigned")
    assert done.exit_code == 0, done.stderr
    files = sorted((tmp_path / "dist").glob("t-*/t-*.json"))
    assert len(files) == len(VERSIONS) * len(SHARINGS) * 3 + 1
    faults = {
        path.name: [error.message for error in validators[schema].iter_errors(document)]
        for path in files
        if (document := json.loads(path.read_bytes()))
    }
    assert {name: found for name, found in faults.items() if found} == {}
    assert len(faults) == len(files)  # none is empty


@pytest.mark.parametrize("schema", list(schemas()))
def test_the_schema_refuses_what_is_not_in_it(
    schema: Path, validators: Mapping[Path, Draft202012Validator]
) -> None:
    validator = validators[schema]
    assert validator.is_valid({"screenCaptureDisabled": True})
    assert not validator.is_valid({"screenCaptureDisabled": "yes"})
    assert not validator.is_valid({"screenCaptureDisabeld": True})
    assert not validator.is_valid({"playStoreMode": "CLOSED"})
