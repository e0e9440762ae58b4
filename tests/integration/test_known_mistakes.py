"""Mistakes that other tools and guides are known for: each is found by the rule that names it."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import RunProfilegen

MAIL: Mapping[str, Any] = {
    "PayloadType": "com.apple.mail.managed",
    "PayloadVersion": 1,
    "PayloadIdentifier": "org.brookvane.mail.account.staff",
    "PayloadUUID": "1F5C9C26-6B0C-4C7E-9B32-7C1A3A9F0C01",
    "EmailAccountType": "EmailTypeIMAP",
    "IncomingMailServerAuthentication": "EmailAuthPassword",
    "IncomingMailServerHostName": "imap.brookvane.org",
    "IncomingMailServerUseSSL": True,
    "OutgoingMailServerAuthentication": "EmailAuthPassword",
    "OutgoingMailServerHostName": "smtp.brookvane.org",
    "OutgoingMailServerUseSSL": True,
}
EXCHANGE: Mapping[str, Any] = {
    "PayloadType": "com.apple.eas.account",
    "PayloadVersion": 1,
    "PayloadIdentifier": "org.brookvane.mail.account.staff",
    "PayloadUUID": "1F5C9C26-6B0C-4C7E-9B32-7C1A3A9F0C01",
    "Host": "outlook.brookvane.org",
    "SSL": True,
}


def profile(payload: Mapping[str, Any], **keys: str) -> bytes:
    content = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "org.brookvane.mail",
        "PayloadUUID": "1F5C9C26-6B0C-4C7E-9B32-7C1A3A9F0C02",
        "PayloadDisplayName": "Brookvane mail",
        "PayloadContent": [dict(payload)],
        **keys,
    }
    return plistlib.dumps(content)


def without(payload: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in keys}


def policy(**fields: object) -> bytes:
    return json.dumps(fields).encode()


COPY_PASTE = {"crossProfileCopyPaste": "DISALLOWED"}
BLOCK_ONLY = [{"settingName": "crossProfilePolicies", "blockAction": {"blockAfterDays": 0}}]
MISTAKES = {
    # macos_security: the rule is named after what its value does not do.
    "do-not-move.mobileconfig": (
        profile({**MAIL, "PreventMove": False}, PayloadDisplayName="Do not move mail"),
        "error",
        "name-contradicts-setting",
        "PayloadContent[0].PreventMove",
    ),
    "no-servers.mobileconfig": (
        profile(without(MAIL, "IncomingMailServerHostName", "OutgoingMailServerHostName")),
        "error",
        "account-without-server",
        "PayloadContent[0]",
    ),
    "ssl.mobileconfig": (
        profile({**without(EXCHANGE, "SSL"), "ssl": True}),
        "error",
        "miscased-key",
        "PayloadContent[0].ssl",
    ),
    # The template of an npm package.
    "mail-drop.mobileconfig": (
        profile({**MAIL, "allowMailDrop": True}),
        "warning",
        "opens-channel",
        "PayloadContent[0].allowMailDrop",
    ),
    # Google's published examples.
    "parent-profile.json": (
        policy(parentProfilePasswordRequirements={"passwordMinimumLength": 4}),
        "error",
        "unknown-field",
        "parentProfilePasswordRequirements",
    ),
    "personal-application.json": (
        policy(
            personalUsagePolicies={"personalApplicationPolicy": [{"packageName": "org.example"}]}
        ),
        "error",
        "unknown-field",
        "personalUsagePolicies.personalApplicationPolicy",
    ),
    "capture.json": (
        policy(screencaptureDisabled=True),
        "error",
        "unknown-field",
        "screencaptureDisabled",
    ),
    "disallowed.json": (
        policy(crossProfilePolicies=COPY_PASTE),
        "error",
        "value-not-allowed",
        "crossProfilePolicies.crossProfileCopyPaste",
    ),
    "block-only.json": (
        policy(policyEnforcementRules=BLOCK_ONLY, crossProfilePolicies={}),
        "error",
        "enforcement-incomplete",
        "policyEnforcementRules[0]",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_found(name: str, call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    content, severity, rule, where = MISTAKES[name]
    tmp_path.joinpath(name).write_bytes(content)
    outcome = call_profilegen("audit", name, "--format", "json")
    (file,) = json.loads(outcome.stdout)["files"]
    found = [(item["severity"], item["rule"], item["where"]) for item in file["findings"]]
    assert (severity, rule, where) in found
    assert outcome.exit_code == (1 if severity == "error" else 0)


def test_a_right_profile_has_none_of_them(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    for number, payload in enumerate((MAIL, EXCHANGE)):
        tmp_path.joinpath(f"{number}.mobileconfig").write_bytes(
            profile({**payload, "PreventMove": True}, PayloadDisplayName="Do not move mail")
        )
        outcome = call_profilegen("audit", f"{number}.mobileconfig", "--format", "json")
        (file,) = json.loads(outcome.stdout)["files"]
        assert (outcome.exit_code, file["findings"]) == (0, [])
