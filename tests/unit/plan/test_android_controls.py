"""Which fields and values are written on Android, by mode, version and preset."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, android, document_of, rows_of
from tests.unit.plan.tables import android_table, found_for

NEWER = "narrowed device partial needs-newer-os"
CLOSED = "closed device enforced"
USB = "deviceConnectivityManagement.usbDataAccess"
MEDIA = "mountPhysicalMediaDisabled=false"
NO_MEDIA = "mountPhysicalMediaDisabled=true"


def _check(
    target: dict[str, object], sharing: str, channels: dict[str, str], expected: str
) -> None:
    rows = rows_of(target, account(sharing, channels=channels))
    table = android_table(expected)

    assert found_for(table, rows) == table


@pytest.mark.parametrize(
    ("channel", "minimum_os", "expected"),
    [
        ("assistant", "14", f'{NEWER} | assistContentPolicy="ASSIST_CONTENT_DISALLOWED"'),
        ("assistant", "15", f'{CLOSED} | assistContentPolicy="ASSIST_CONTENT_DISALLOWED"'),
        ("app-functions", "15", f'{NEWER} | appFunctions="APP_FUNCTIONS_DISALLOWED"'),
        ("app-functions", "16", f'{CLOSED} | appFunctions="APP_FUNCTIONS_DISALLOWED"'),
        (
            "handoff",
            "17",
            f'{NEWER} | HANDOFF="TASK_CONTINUITY_HANDOFF_DISALLOWED"',
        ),
        (
            "handoff",
            "17 QPR1",
            f'{CLOSED} | HANDOFF="TASK_CONTINUITY_HANDOFF_DISALLOWED"',
        ),
        (
            "screen-mirroring",
            "12",
            f'{NEWER} | crossDevicePolicies.nearbyAppStreaming="NEARBY_APP_STREAMING_DISABLED"',
        ),
    ],
)
def test_a_field_newer_than_the_target_narrows(
    channel: str, minimum_os: str, expected: str
) -> None:
    _check(android("work-profile", minimum_os), "contained", {}, f"{channel} | {expected}")


def test_a_newer_field_allows_what_is_open_anyway() -> None:
    table = """
    handoff | open device allowed |
        | | crossDevicePolicies.taskContinuityHandoff="TASK_CONTINUITY_HANDOFF_ALLOWED"
    """
    _check(android("work-profile", "13"), "open", {}, table)


@pytest.mark.parametrize("mode", ["company-owned", "fully-managed"])
@pytest.mark.parametrize(
    ("sharing", "intent", "minimum_os", "expected"),
    [
        ("sealed", "deny", "11", f'{CLOSED} | {USB}="DISALLOW_USB_FILE_TRANSFER"; {NO_MEDIA}'),
        ("sealed", "deny", "12", f'{CLOSED} | {USB}="DISALLOW_USB_DATA_TRANSFER"; {NO_MEDIA}'),
        ("contained", "deny", "12", f'{CLOSED} | {USB}="DISALLOW_USB_FILE_TRANSFER"; {NO_MEDIA}'),
        (
            "contained",
            "allow",
            "12",
            f'open device allowed | {USB}="ALLOW_USB_DATA_TRANSFER"; {MEDIA}',
        ),
    ],
)
def test_both_parts_of_usb_storage(
    mode: str, sharing: str, intent: str, minimum_os: str, expected: str
) -> None:
    channels = {"usb-storage": intent}

    _check(android(mode, minimum_os), sharing, channels, f"usb-storage | {expected}")


@pytest.mark.parametrize(
    ("mode", "path"),
    [
        ("company-owned", "deviceWidePolicies.deviceRadioState.nfc"),
        ("fully-managed", "deviceRadioState.nfc"),
    ],
)
@pytest.mark.parametrize(
    ("sharing", "minimum_os", "radio"),
    [("sealed", "14", False), ("sealed", "15", True), ("contained", "15", False)],
)
def test_the_radio_is_the_strongest_control_of_nfc(
    mode: str, path: str, sharing: str, minimum_os: str, *, radio: bool
) -> None:
    control = f'{path}="NFC_DISABLED"' if radio else "outgoingBeamDisabled=true"

    _check(android(mode, minimum_os), sharing, {"nfc": "deny"}, f"nfc | {CLOSED} | {control}")


def test_a_work_profile_has_no_radio() -> None:
    table = f"nfc | {CLOSED} | outgoingBeamDisabled=true"

    _check(android("work-profile", "16"), "sealed", {}, table)


@pytest.mark.parametrize(
    ("sharing", "value"), [("sealed", "NOTIFICATIONS"), ("contained", "UNREDACTED_NOTIFICATIONS")]
)
def test_lock_screen_values(sharing: str, value: str) -> None:
    table = f'notification-preview | {CLOSED} | keyguardDisabledFeatures[]="{value}"'

    _check(android("fully-managed"), sharing, {}, table)


PERSONAL_SIDE = {"screen-capture", "airdrop", "handoff", "account-changes"}


@pytest.mark.parametrize(
    ("sharing", "channels", "expected"),
    [
        ("sealed", {}, PERSONAL_SIDE),
        ("sealed", {"screen-capture": "allow"}, PERSONAL_SIDE - {"screen-capture"}),
        ("sealed", {"screen-capture": "leave"}, PERSONAL_SIDE - {"screen-capture"}),
        ("sealed", dict.fromkeys(PERSONAL_SIDE, "deny"), PERSONAL_SIDE),
        ("contained", dict.fromkeys(PERSONAL_SIDE, "deny"), set()),
        ("open", dict.fromkeys(PERSONAL_SIDE, "allow"), set()),
    ],
)
def test_the_personal_side_is_for_sealed_only(
    sharing: str, channels: dict[str, str], expected: set[str]
) -> None:
    found = document_of(android("company-owned"), account(sharing, channels=channels))["decisions"]

    # Private space is a setting of the personal side and nothing else.
    personal = {
        item["channel"]
        for item in found
        for control in item["controls"]
        if control["path"].startswith("personalUsagePolicies.")
    }
    assert personal - {"private-space"} == expected


@pytest.mark.parametrize("mode", ["work-profile", "fully-managed"])
def test_no_personal_side_without_a_company_owned_profile(mode: str) -> None:
    found = document_of(android(mode, "17 QPR1"), account("sealed"))["decisions"]
    paths = [control["path"] for item in found for control in item["controls"]]

    assert not [path for path in paths if path.startswith("personalUsagePolicies.")]


def test_the_state_is_that_of_the_primary_row() -> None:
    rows = rows_of(android("company-owned", "10"), account("sealed"))

    # The personal side knows screenCaptureDisabled from Android 11 on.
    assert rows["screen-capture"].state == "closed"


@pytest.mark.parametrize("mode", ["work-profile", "company-owned"])
def test_paste_from_has_no_control(mode: str) -> None:
    table = "paste-from | open none unenforceable no-control |"

    _check(android(mode, "17 QPR1"), "sealed", {}, table)


@pytest.mark.parametrize(
    ("channel", "mode"),
    [
        ("usb-storage", "work-profile"),
        ("device-backup", "work-profile"),
        ("device-backup", "company-owned"),
        ("private-space", "work-profile"),
    ],
)
@pytest.mark.parametrize(("intent", "verdict"), [("deny", "unenforceable"), ("allow", "allowed")])
def test_no_control_in_this_mode(channel: str, mode: str, intent: str, verdict: str) -> None:
    table = f"{channel} | open default {verdict} wrong-management-mode |"

    _check(android(mode, "16"), "contained", {channel: intent}, table)


def test_what_narrows_as_well_is_said_and_changes_no_state() -> None:
    staff = account("contained", channels={"assistant": "leave", "screen-mirroring": "allow"})
    decisions = document_of(android("work-profile", "15"), staff)["decisions"]
    found = {item["channel"]: item for item in decisions}

    assert found["assistant"]["state"] == found["screen-mirroring"]["state"] == "open"
    for channel in ("assistant", "screen-mirroring"):
        assert "screenCaptureDisabled" in found[channel]["detail"]
