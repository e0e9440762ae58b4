"""Every channel of a sealed Exchange account in Outlook, for each management mode."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, android, rows_of
from tests.unit.plan.tables import Rows, android_table, found_for

WORK_PROFILE_13 = """
open-in                     | closed device enforced |
    | | CROSS.crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_DISALLOWED"
open-in-from                | closed device enforced |
    | | CROSS.crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_DISALLOWED"
paste                       | closed device enforced |
    | | CROSS.crossProfileCopyPaste="COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"
paste-from                  | open none unenforceable no-control |
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
notification-preview        | closed device enforced | keyguardDisabledFeatures[]="NOTIFICATIONS"
nfc                         | closed device enforced | outgoingBeamDisabled=true
usb-storage                 | open default unenforceable wrong-management-mode |
device-backup               | open default unenforceable wrong-management-mode |
accessibility               | closed device enforced |
    | | permittedAccessibilityServices.packageNames=[]
keyboards                   | closed device enforced | permittedInputMethods.packageNames=[]
account-changes             | closed device enforced | modifyAccountsDisabled=true
private-space               | open default unenforceable wrong-management-mode |
autofill                    | closed device enforced | autofillPolicy="AUTOFILL_DISABLED"
"""

# The account types of Exchange on Android: Gmail's, and those of the older system apps.
MAIL_TYPES = (
    '["com.google.android.gm.exchange", "com.google.android.exchange", "com.android.exchange"]'
)

# What a company-owned device has beyond a personally-owned one: the personal side, and USB.
COMPANY_OWNED_13 = """
screen-capture              | closed device enforced |
    | | screenCaptureDisabled=true
    | | PERSONAL.screenCaptureDisabled=true
airdrop                     | closed device enforced |
    | | deviceConnectivityManagement.bluetoothSharing="BLUETOOTH_SHARING_DISALLOWED"
    | | PERSONAL.bluetoothSharing="BLUETOOTH_SHARING_DISALLOWED"
handoff                     | narrowed device partial needs-newer-os |
    | | crossDevicePolicies.taskContinuityHandoff="TASK_CONTINUITY_HANDOFF_DISALLOWED"
    | | PERSONAL.crossDevicePolicies.taskContinuityHandoff="TASK_CONTINUITY_HANDOFF_DISALLOWED"
account-changes             | closed device enforced |
    | | modifyAccountsDisabled=true
    | | PERSONAL.accountTypesWithManagementDisabled=MAIL_TYPES
usb-storage                 | closed device enforced |
    | | deviceConnectivityManagement.usbDataAccess="DISALLOW_USB_DATA_TRANSFER"
    | | mountPhysicalMediaDisabled=true
private-space               | narrowed device partial needs-newer-os |
    | | PERSONAL.privateSpacePolicy="PRIVATE_SPACE_DISALLOWED"
"""

# A fully managed device has no personal profile: what crosses profiles is absent.
FULLY_MANAGED_13 = """
open-in                     | absent none not-applicable wrong-management-mode |
open-in-from                | absent none not-applicable wrong-management-mode |
paste                       | absent none not-applicable wrong-management-mode |
paste-from                  | absent none not-applicable wrong-management-mode |
connected-apps              | absent none not-applicable wrong-management-mode |
contacts-read               | absent none not-applicable wrong-management-mode |
widgets                     | absent none not-applicable wrong-management-mode |
cross-profile-app-functions | absent none not-applicable wrong-management-mode |
notification-listeners      | absent none not-applicable wrong-management-mode |
private-space               | absent none not-applicable wrong-management-mode |
usb-storage                 | closed device enforced |
    | | deviceConnectivityManagement.usbDataAccess="DISALLOW_USB_DATA_TRANSFER"
    | | mountPhysicalMediaDisabled=true
device-backup               | closed device enforced | backupService="BACKUP_SERVICE_DISABLED"
"""

WORK_PROFILE = android_table(WORK_PROFILE_13)
CHANNELS = 27


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("work-profile", WORK_PROFILE),
        (
            "company-owned",
            WORK_PROFILE | android_table(COMPANY_OWNED_13.replace("MAIL_TYPES", MAIL_TYPES)),
        ),
        ("fully-managed", WORK_PROFILE | android_table(FULLY_MANAGED_13)),
    ],
)
def test_every_channel_of_a_sealed_account(mode: str, expected: Rows) -> None:
    rows = rows_of(android(mode), account("sealed"))

    assert len(expected) == CHANNELS
    assert set(rows) == set(expected)
    assert found_for(expected, rows) == expected
