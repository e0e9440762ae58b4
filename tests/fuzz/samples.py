"""What mutations start from: small files of our own, and the corpus where it lies beside."""

from __future__ import annotations

import json
import plistlib
from datetime import datetime
from pathlib import Path
from typing import Any

_LARGEST = 32 * 1024
_SUFFIXES = frozenset({".mobileconfig", ".json", ".plist"})


def _payload(kind: str, number: int, **keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "PayloadType": kind,
        "PayloadIdentifier": f"org.example.{number}",
        "PayloadUUID": f"00000000-0000-4000-8000-{number:012}",
        "PayloadVersion": 1,
        **keys,
    }


_PROFILE = _payload(
    "Configuration",
    0,
    PayloadDisplayName="Mail",
    RemovalDate=datetime(2030, 1, 1),  # noqa: DTZ001  (property lists hold naive dates)
    PayloadContent=[
        _payload(
            "com.apple.applicationaccess",
            1,
            allowOpenFromManagedToUnmanaged=False,
            requireManagedPasteboard=True,
            blacklistedAppBundleIDs=["org.example.app"],
        ),
        _payload(
            "com.apple.mail.managed",
            2,
            EmailAccountType="EmailTypeIMAP",
            EmailAddress="a@example.org",
            IncomingMailServerHostName="imap.example.org",
            IncomingMailServerPortNumber=993,
            IncomingMailServerUseSSL=True,
            PreventMove=True,
            IncomingPassword="secret",
        ),
        _payload("com.apple.eas.account", 3, Host="outlook.example.org", SSL=True, OAuth=True),
        _payload("com.apple.security.root", 4, PayloadContent=b"\x30\x03\x02\x01\x00"),
        _payload(
            "com.apple.vpn.managed", 5, IKEv2={"RemoteAddress": "vpn.example.org", "MTU": 1.5}
        ),
    ],
)
_POLICY = {
    "name": "enterprises/e/policies/p",
    "applications": [
        {
            "packageName": "org.example.mail",
            "installType": "FORCE_INSTALLED",
            "managedConfiguration": {"account": "a", "list": [{"x": 1}]},
            "connectedWorkAndPersonalApp": "DISALLOWED",
        }
    ],
    "crossProfilePolicies": {"crossProfileCopyPaste": "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"},
    "personalUsagePolicies": {"maxDaysWithWorkOff": 3, "personalPlayStoreMode": "BLOCKLIST"},
    "policyEnforcementRules": [
        {"settingName": "passwordPolicies", "blockAction": {"blockAfterDays": 1}}
    ],
    "passwordPolicies": [{"passwordScope": "SCOPE_DEVICE", "passwordMinimumLength": 6}],
    "screenCaptureDisabled": True,
}
_DECLARATION = {
    "Type": "com.apple.configuration.account.mail",
    "Identifier": "org.example.mail",
    "Payload": {"VisibleName": "Mail", "IncomingServer": {"ServerType": "IMAP", "HostName": "h"}},
}
_PROTECTION = {
    "@odata.type": "#microsoft.graph.iosManagedAppProtection",
    "displayName": "Mail",
    "pinRequired": True,
}
_TEMPLATE = b"""<?xml version="1.0"?>
<plist version="1.0"><dict><key>PayloadContent</key><array>{% for a in b %}<dict>
<key>PayloadType</key><string>com.apple.mail.managed</string>
<key>Port</key><integer>{{port}}</integer>
<key>SSL</key>{{#if ssl}}<true/>{{else}}<false/>{{/if}}<key>TLS</key><{{tls}}/>
</dict>{% endfor %}</array></dict></plist>
"""


def own_plists() -> list[bytes]:
    """Return one small property list of each kind and form."""
    plists: list[dict[str, Any]] = [
        _PROFILE,
        {"com.microsoft.outlook.EmailProfile.EmailAddress": "{{mail}}", "IntuneMAMUPN": "a"},
        {"PayloadType": "Profile Service", "PayloadContent": {"URL": "https://example.org"}},
        {"PayloadType": "Configuration", "EncryptedPayloadContent": b"\x30\x80"},
    ]
    forms = (plistlib.FMT_XML, plistlib.FMT_BINARY)
    files = [plistlib.dumps(content, fmt=form) for content in plists for form in forms]
    return [*files, _TEMPLATE, b"\n" + files[0] + bytes(4)]


def own_jsons() -> list[bytes]:
    """Return one small JSON file of each kind."""
    contents = [_POLICY, _DECLARATION, _PROTECTION, {"value": [_PROTECTION]}, {"policy": _POLICY}]
    return [json.dumps(content, indent=1).encode() for content in contents]


def corpus_samples(folder: Path) -> list[bytes]:
    """Return the files of the corpus in `folder` of at most 32 KiB, none if it is not there."""
    paths = sorted(path for path in folder.glob("*/*") if path.suffix in _SUFFIXES)
    return [data for data in map(Path.read_bytes, paths) if len(data) <= _LARGEST]
