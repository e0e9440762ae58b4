"""Tables of decisions as people write them down: one line for each channel.

A line is `channel | state basis verdict [reason] | control; control`. A control is
`[PAYLOAD] key=value` on iOS (RA, the restrictions payload, where no payload is named) and
`[PACKAGE] path=value` on Android; the value is JSON, and SHORT names may stand on the left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PAYLOADS = {
    "RA": "com.apple.applicationaccess",
    "EAS": "com.apple.eas.account",
    "MAIL": "com.apple.mail.managed",
    "DOMAINS": "com.apple.domains",
    "NOTIFICATIONS": "com.apple.notificationsettings",
    "SIRI": "com.apple.configuration.siri.settings",
    "AI": "com.apple.configuration.intelligence.settings",
    "EXTERNAL": "com.apple.configuration.external-intelligence.settings",
}
SHORT = {
    "OUTLOOK": "com.microsoft.office.outlook",
    "GMAIL": "com.google.android.gm",
    "APPS.": "applications[].",
    "CROSS.": "crossProfilePolicies.",
    "PERSONAL.": "personalUsagePolicies.",
    "HANDOFF": "crossDevicePolicies.taskContinuityHandoff",
    "ITEM.": "NotificationSettings.NotificationSettingsItem.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a decision says, without its detail; `controls` are sorted JSON texts."""

    state: str
    basis: str
    verdict: str
    reason: str
    controls: tuple[str, ...]


Rows = Mapping[str, Row]


def found_for(expected: Rows, found: Rows) -> dict[str, Row | None]:
    """Return what `found` has for each channel of `expected`, ready to be compared with it."""
    return {channel: found.get(channel) for channel in expected}


def ios_table(text: str) -> dict[str, Row]:
    """Return the rows of `text` by channel, controls as iOS settings."""
    return {
        channel: _row(decided, (_ios_control(part) for part in controls))
        for channel, decided, controls in _lines(text)
    }


def android_table(text: str) -> dict[str, Row]:
    """Return the rows of `text` by channel, controls as fields of Android's policy."""
    return {
        channel: _row(decided, (_android_control(part) for part in controls))
        for channel, decided, controls in _lines(text)
    }


def row_of(decision: Mapping[str, object]) -> Row:
    """Return the row of a decision as `plan --format json` prints it."""
    controls = decision["controls"]
    if not isinstance(controls, list):
        raise TypeError(controls)
    state, basis, verdict, reason = (
        str(decision[field]) for field in ("state", "basis", "verdict", "reason")
    )
    return Row(state, basis, verdict, reason, _texts(controls))


def _lines(text: str) -> Iterable[tuple[str, str, list[str]]]:
    """Yield each line in its three parts; a line without a channel goes on with controls."""
    rows: list[tuple[str, str, list[str]]] = []
    for line in filter(str.strip, text.splitlines()):
        channel, decided, controls = (part.strip() for part in line.split("|"))
        if channel:
            rows.append((channel, decided, []))
        rows[-1][2].extend(part.strip() for part in controls.split(";") if part.strip())
    return rows


def _row(decided: str, controls: Iterable[object]) -> Row:
    state, basis, verdict, *reason = decided.split()
    return Row(state, basis, verdict, " ".join(reason), _texts(controls))


def _texts(controls: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted(json.dumps(control, sort_keys=True) for control in controls))


def _split(text: str) -> tuple[str, str]:
    setting, value = text.split("=", 1)
    for short, long in SHORT.items():
        setting = setting.replace(short, long)
    return setting, value


def _ios_control(text: str) -> object:
    setting, value = _split(text)
    *payload, key = setting.split()
    name = PAYLOADS[payload[0] if payload else "RA"]
    return {"payload": name, "key": key, "value": json.loads(value)}


def _android_control(text: str) -> object:
    setting, value = _split(text)
    *app, path = setting.split()
    control = {"path": path, "value": json.loads(value)}
    return {**control, "app": app[0]} if app else control
