"""What contained and open accounts get on Android, mode by mode."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, android, document_of, rows_of
from tests.unit.plan.tables import Rows, android_table, found_for

BOUNDARY = frozenset(
    {
        "open-in",
        "paste",
        "connected-apps",
        "contacts-read",
        "bluetooth-contacts",
        "widgets",
        "app-functions",
        "cross-profile-app-functions",
        "screen-capture",
        "assistant",
        "printing",
        "airdrop",
        "screen-mirroring",
        "nearby-notifications",
        "handoff",
        "notification-listeners",
        "notification-preview",
    }
)

CONTAINED = android_table("""
open-in                     | closed device enforced |
    | | CROSS.crossProfileDataSharing="DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED"
paste                       | closed device enforced |
    | | CROSS.crossProfileCopyPaste="COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"
connected-apps              | closed app enforced |
    | | OUTLOOK APPS.connectedWorkAndPersonalApp="CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED"
contacts-read               | closed device enforced |
    | | CROSS.showWorkContactsInPersonalProfile="SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE_DISALLOWED"
bluetooth-contacts          | closed device enforced | bluetoothContactSharingDisabled=true
widgets                     | closed device enforced |
    | | CROSS.workProfileWidgetsDefault="WORK_PROFILE_WIDGETS_DEFAULT_DISALLOWED"
app-functions               | narrowed device partial needs-newer-os |
    | | appFunctions="APP_FUNCTIONS_DISALLOWED"
cross-profile-app-functions | narrowed device partial needs-newer-os |
    | | CROSS.crossProfileAppFunctions="CROSS_PROFILE_APP_FUNCTIONS_DISALLOWED"
screen-capture              | closed device enforced | screenCaptureDisabled=true
assistant                   | narrowed device partial needs-newer-os |
    | | assistContentPolicy="ASSIST_CONTENT_DISALLOWED"
printing                    | closed device enforced | printingPolicy="PRINTING_DISALLOWED"
airdrop                     | closed device enforced |
    | | deviceConnectivityManagement.bluetoothSharing="BLUETOOTH_SHARING_DISALLOWED"
screen-mirroring            | closed device enforced |
    | | crossDevicePolicies.nearbyAppStreaming="NEARBY_APP_STREAMING_DISABLED"
nearby-notifications        | closed device enforced |
    | | crossDevicePolicies.nearbyNotificationStreaming="NEARBY_NOTIFICATION_STREAMING_DISABLED"
handoff                     | narrowed device partial needs-newer-os |
    | | crossDevicePolicies.taskContinuityHandoff="TASK_CONTINUITY_HANDOFF_DISALLOWED"
notification-listeners      | closed device enforced |
    | | advancedSecurityOverrides.personalAppsThatCanReadWorkNotifications=[]
notification-preview        | closed device enforced |
    | | keyguardDisabledFeatures[]="UNREDACTED_NOTIFICATIONS"
open-in-from                | open default left platform-default |
paste-from                  | open none left no-control |
nfc                         | open default left platform-default |
usb-storage                 | open default left wrong-management-mode |
device-backup               | open default left wrong-management-mode |
accessibility               | open default left platform-default |
keyboards                   | open default left platform-default |
account-changes             | open default left platform-default |
private-space               | open default left wrong-management-mode |
autofill                    | open default left platform-default |
""")

CONTAINED_COMPANY = CONTAINED | android_table("""
usb-storage                 | narrowed default left platform-default |
private-space               | open default left platform-default |
""")

ABSENT = {
    channel: android_table(f"{channel} | absent none not-applicable wrong-management-mode |")[
        channel
    ]
    for channel in (
        "open-in",
        "paste",
        "connected-apps",
        "contacts-read",
        "widgets",
        "cross-profile-app-functions",
        "notification-listeners",
    )
}

CONTAINED_MANAGED = {
    channel: row
    for channel, row in (CONTAINED_COMPANY | ABSENT).items()
    if channel not in {"open-in-from", "paste-from", "private-space"}
} | android_table("device-backup | closed default left platform-default |")

OPEN = android_table("""
open-in                     | open device allowed |
    | | CROSS.crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_ALLOWED"
paste                       | open device allowed |
    | | CROSS.crossProfileCopyPaste="CROSS_PROFILE_COPY_PASTE_ALLOWED"
connected-apps              | closed default left platform-default |
contacts-read               | open device allowed |
    | | CROSS.showWorkContactsInPersonalProfile="SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE_ALLOWED"
bluetooth-contacts          | open device allowed | bluetoothContactSharingDisabled=false
widgets                     | open device allowed |
    | | CROSS.workProfileWidgetsDefault="WORK_PROFILE_WIDGETS_DEFAULT_ALLOWED"
app-functions               | open device allowed | appFunctions="APP_FUNCTIONS_ALLOWED"
cross-profile-app-functions | open device allowed |
    | | CROSS.crossProfileAppFunctions="CROSS_PROFILE_APP_FUNCTIONS_ALLOWED"
screen-capture              | open device allowed | screenCaptureDisabled=false
assistant                   | open device allowed | assistContentPolicy="ASSIST_CONTENT_ALLOWED"
printing                    | open device allowed | printingPolicy="PRINTING_ALLOWED"
airdrop                     | open device allowed |
    | | deviceConnectivityManagement.bluetoothSharing="BLUETOOTH_SHARING_ALLOWED"
screen-mirroring            | open device allowed |
    | | crossDevicePolicies.nearbyAppStreaming="NEARBY_APP_STREAMING_USER_CHOICE"
nearby-notifications        | open device allowed |
    | | crossDevicePolicies.nearbyNotificationStreaming="NEARBY_NOTIFICATION_STREAMING_USER_CHOICE"
handoff                     | open device allowed |
    | | crossDevicePolicies.taskContinuityHandoff="TASK_CONTINUITY_HANDOFF_ALLOWED"
notification-listeners      | closed default left platform-default |
notification-preview        | open default allowed platform-default |
""")

OPEN_MANAGED = OPEN | ABSENT
LEFT_AND_ABSENT = ("connected-apps", "notification-listeners")


@pytest.mark.parametrize(
    ("sharing", "mode", "expected"),
    [
        ("contained", "work-profile", CONTAINED),
        ("contained", "company-owned", CONTAINED_COMPANY),
        ("contained", "fully-managed", CONTAINED_MANAGED),
        ("open", "work-profile", OPEN),
        ("open", "company-owned", OPEN),
        (
            "open",
            "fully-managed",
            {key: row for key, row in OPEN_MANAGED.items() if key not in LEFT_AND_ABSENT},
        ),
    ],
)
def test_boundary_and_the_rest(sharing: str, mode: str, expected: Rows) -> None:
    rows = rows_of(android(mode), account(sharing))

    assert found_for(expected, rows) == expected


@pytest.mark.parametrize("sharing", ["contained", "open"])
@pytest.mark.parametrize("mode", ["work-profile", "company-owned", "fully-managed"])
def test_what_is_left_writes_nothing(sharing: str, mode: str) -> None:
    decisions = document_of(android(mode, "17 QPR1"), account(sharing))["decisions"]
    left = {item["channel"]: item for item in decisions if item["intent"] == "leave"}

    never_opened = {"connected-apps", "notification-listeners"} if sharing == "open" else set()
    assert set(left) & BOUNDARY == never_opened
    assert not [item for item in left.values() if item["controls"]]


@pytest.mark.parametrize("mode", ["work-profile", "company-owned", "fully-managed"])
@pytest.mark.parametrize("channel", ["screen-mirroring", "nearby-notifications"])
def test_open_to_the_same_managed_account_is_narrowed(mode: str, channel: str) -> None:
    rows = rows_of(android(mode), account("contained", channels={channel: "leave"}))
    table = android_table(f"{channel} | narrowed default left platform-default |")

    assert found_for(table, rows) == table


@pytest.mark.parametrize(("mode", "state"), [("work-profile", "closed"), ("fully-managed", "open")])
def test_bluetooth_sharing_has_a_default_for_each_mode(mode: str, state: str) -> None:
    rows = rows_of(android(mode), account("contained", channels={"airdrop": "leave"}))

    assert rows["airdrop"].state == state
