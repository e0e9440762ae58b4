"""Every channel of a sealed Exchange account in Apple Mail, for each way of enrolling."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, ios, rows_of
from tests.unit.plan.tables import Rows, found_for, ios_table

SUPERVISED_26 = """
open-in                 | closed device enforced | allowOpenFromManagedToUnmanaged=false
open-in-from            | closed device enforced | allowOpenFromUnmanagedToManaged=false
paste                   | closed device enforced | requireManagedPasteboard=true
paste-from              | closed device enforced | requireManagedPasteboard=true
airdrop                 | closed device enforced | allowAirDrop=false
contacts-read           | closed device enforced | allowUnmanagedToReadManagedContacts=false
contacts-write          | closed device enforced | allowManagedToWriteUnmanagedContacts=false
move-message            | closed account enforced | EAS PreventMove=true
app-sheet               | closed account enforced | EAS PreventAppSheet=true
recents-sync            | closed account enforced | EAS disableMailRecentsSyncing=true
mail-drop               | closed account enforced | EAS allowMailDrop=false
managed-cloud-sync      | closed device enforced | allowManagedAppsCloudSync=false
book-sync               | closed device enforced | allowEnterpriseBookBackup=false
                        | | allowEnterpriseBookMetadataSync=false
web-downloads           | open default unenforceable no-control |
device-backup           | closed device enforced | allowCloudBackup=false
local-backup            | closed device enforced | allowHostPairing=false
cloud-drive             | closed device enforced | allowCloudDocumentSync=false
keychain-sync           | closed device enforced | allowCloudKeychainSync=false
handoff                 | closed device enforced | allowActivityContinuation=false
device-migration        | closed device enforced | allowProximitySetupToNewDevice=false
watch                   | closed device enforced | allowPairedWatch=false
phone-mirroring         | closed device enforced | allowiPhoneMirroring=false
                        | | allowiPhoneWidgetsOnMac=false
screen-capture          | closed device enforced | allowScreenShot=false
screen-mirroring        | narrowed device partial no-control |
                        | | forceAirPlayOutgoingRequestsPairingPassword=true
remote-control          | closed device enforced | allowVideoConferencing=false
printing                | closed device enforced | allowAirPrint=false
usb-storage             | closed device enforced | allowFilesUSBDriveAccess=false
network-storage         | closed device enforced | allowFilesNetworkDriveAccess=false
call-recording          | closed device enforced | allowCallRecording=false
siri                    | closed device enforced | allowAssistant=false
siri-locked             | closed device enforced | allowAssistantWhileLocked=false
siri-ai                 | narrowed device partial needs-newer-os | allowSiriAI=false
mail-summary            | narrowed device partial no-control | allowMailSummary=false
smart-replies           | closed device enforced | allowMailSmartReplies=false
writing-tools           | closed device enforced | allowWritingTools=false
external-ai             | closed device enforced | allowExternalIntelligenceIntegrations=false
notes-transcription     | closed device enforced | allowNotesTranscription=false
notes-summary           | closed device enforced | allowNotesTranscriptionSummary=false
visual-intelligence     | closed device enforced | allowVisualIntelligenceSummary=false
ai-report               | closed device enforced | allowAppleIntelligenceReport=false
safari-summary          | closed device enforced | allowSafariSummary=false
calendar-ai             | open default unenforceable no-control |
server-dictation        | closed device enforced | forceOnDeviceOnlyDictation=true
server-translation      | closed device enforced | forceOnDeviceOnlyTranslation=true
keyboard-learning       | closed device enforced | allowPredictiveKeyboard=false
                        | | allowDictation=false; allowDefinitionLookup=false
                        | | allowAutoCorrection=false; allowContinuousPathKeyboard=false
                        | | allowKeyboardShortcuts=false; allowSpellCheck=false
lock-screen             | closed device enforced | allowLockScreenNotificationsView=false
                        | | allowLockScreenTodayView=false
notification-preview    | closed device enforced |
                        | | NOTIFICATIONS ITEM.ShowInLockScreen=false
internet-search         | closed device enforced | allowSpotlightInternetResults=false
account-changes         | closed device enforced | allowAccountModification=false
profile-changes         | closed device enforced | allowUIConfigurationProfileInstallation=false
untrusted-tls           | closed device enforced | allowUntrustedTLSPrompt=false
password-sharing        | closed device enforced | allowPasswordSharing=false
                        | | allowPasswordAutoFill=false
diagnostics             | closed device enforced | allowDiagnosticSubmission=false
drag-drop               | closed device enforced depends-on-channel |
keyboards               | closed device enforced depends-on-channel |
photos                  | closed device enforced depends-on-channel |
remote-images           | open none unenforceable no-control |
recipients              | open none unenforceable no-control |
external-camera         | open none unenforceable no-control |
notification-forwarding | open none unenforceable no-control |
"""

USER_17 = """
open-in                 | closed device enforced | allowOpenFromManagedToUnmanaged=false
open-in-from            | closed device enforced | allowOpenFromUnmanagedToManaged=false
paste                   | closed device enforced | requireManagedPasteboard=true
paste-from              | closed device enforced | requireManagedPasteboard=true
airdrop                 | closed device enforced | forceAirDropUnmanaged=true
contacts-read           | closed device enforced | allowUnmanagedToReadManagedContacts=false
contacts-write          | closed default enforced forbidden-in-user-enrollment |
move-message            | closed account enforced | EAS PreventMove=true
app-sheet               | closed account enforced | EAS PreventAppSheet=true
recents-sync            | closed account enforced | EAS disableMailRecentsSyncing=true
mail-drop               | closed account enforced | EAS allowMailDrop=false
managed-cloud-sync      | closed device enforced | allowManagedAppsCloudSync=false
book-sync               | closed device enforced | allowEnterpriseBookBackup=false
                        | | allowEnterpriseBookMetadataSync=false
web-downloads           | open default unenforceable forbidden-in-user-enrollment |
device-backup           | open default unenforceable forbidden-in-user-enrollment |
local-backup            | narrowed device partial needs-supervision | forceEncryptedBackup=true
cloud-drive             | open default unenforceable needs-supervision |
keychain-sync           | open default unenforceable forbidden-in-user-enrollment |
handoff                 | open default unenforceable forbidden-in-user-enrollment |
device-migration        | open default unenforceable needs-supervision |
watch                   | narrowed device partial needs-supervision | forceWatchWristDetection=true
phone-mirroring         | open default unenforceable needs-supervision |
screen-capture          | closed device enforced | allowScreenShot=false
screen-mirroring        | narrowed device partial no-control |
                        | | forceAirPlayOutgoingRequestsPairingPassword=true
remote-control          | open default unenforceable needs-supervision |
printing                | open default unenforceable needs-supervision |
usb-storage             | open default unenforceable needs-supervision |
network-storage         | open default unenforceable needs-supervision |
call-recording          | open default unenforceable needs-supervision |
siri                    | closed device enforced | allowAssistant=false
siri-locked             | closed device enforced | allowAssistantWhileLocked=false
siri-ai                 | narrowed device partial needs-newer-os | allowSiriAI=false
mail-summary            | open default unenforceable needs-supervision |
smart-replies           | open default unenforceable needs-supervision |
writing-tools           | open default unenforceable needs-supervision |
external-ai             | narrowed device partial needs-newer-os |
                        | | allowExternalIntelligenceIntegrations=false
notes-transcription     | open default unenforceable needs-supervision |
notes-summary           | open default unenforceable needs-supervision |
visual-intelligence     | open default unenforceable needs-supervision |
ai-report               | open default unenforceable needs-supervision |
safari-summary          | open default unenforceable needs-supervision |
calendar-ai             | open default unenforceable needs-supervision |
server-dictation        | closed device enforced | forceOnDeviceOnlyDictation=true
server-translation      | closed device enforced | forceOnDeviceOnlyTranslation=true
keyboard-learning       | open default unenforceable needs-supervision |
lock-screen             | closed device enforced | allowLockScreenNotificationsView=false
                        | | allowLockScreenTodayView=false
notification-preview    | open default unenforceable needs-supervision |
internet-search         | open default unenforceable forbidden-in-user-enrollment |
account-changes         | open default unenforceable needs-supervision |
profile-changes         | open default unenforceable needs-supervision |
untrusted-tls           | open default unenforceable forbidden-in-user-enrollment |
password-sharing        | open default unenforceable needs-supervision |
diagnostics             | closed device enforced | allowDiagnosticSubmission=false
drag-drop               | closed device enforced depends-on-channel |
keyboards               | closed device enforced depends-on-channel |
photos                  | closed device enforced depends-on-channel |
remote-images           | open none unenforceable no-control |
recipients              | open none unenforceable no-control |
external-camera         | open none unenforceable no-control |
notification-forwarding | open none unenforceable no-control |
"""

# What Device Enrollment has beyond User Enrollment.
DEVICE_17 = """
contacts-write          | closed device enforced | allowManagedToWriteUnmanagedContacts=false
web-downloads           | open default unenforceable no-control |
device-backup           | closed device enforced | allowCloudBackup=false
keychain-sync           | closed device enforced | allowCloudKeychainSync=false
handoff                 | closed device enforced | allowActivityContinuation=false
internet-search         | closed device enforced | allowSpotlightInternetResults=false
untrusted-tls           | closed device enforced | allowUntrustedTLSPrompt=false
"""

# What is different without MDM, against Device Enrollment.
MANUAL_17 = """
open-in                 | narrowed device partial management-unproven |
                        | | allowOpenFromManagedToUnmanaged=false
open-in-from            | narrowed device partial management-unproven |
                        | | allowOpenFromUnmanagedToManaged=false
paste                   | narrowed device partial management-unproven |
                        | | requireManagedPasteboard=true
paste-from              | narrowed device partial management-unproven |
                        | | requireManagedPasteboard=true
airdrop                 | narrowed device partial management-unproven | forceAirDropUnmanaged=true
contacts-read           | narrowed default partial management-unproven |
contacts-write          | narrowed default partial management-unproven |
managed-cloud-sync      | narrowed device partial management-unproven |
                        | | allowManagedAppsCloudSync=false
book-sync               | narrowed device partial management-unproven |
                        | | allowEnterpriseBookBackup=false; allowEnterpriseBookMetadataSync=false
drag-drop               | narrowed device partial depends-on-channel |
keyboards               | narrowed device partial depends-on-channel |
photos                  | narrowed device partial depends-on-channel |
"""

USER = ios_table(USER_17)
DEVICE = USER | ios_table(DEVICE_17)
CHANNELS = 60


@pytest.mark.parametrize(
    ("enrollment", "minimum_os", "expected"),
    [
        ("supervised", "26.0", ios_table(SUPERVISED_26)),
        ("user", "17", USER),
        ("device", "17", DEVICE),
        ("manual", "17", DEVICE | ios_table(MANUAL_17)),
    ],
)
def test_every_channel_of_a_sealed_account(
    enrollment: str, minimum_os: str, expected: Rows
) -> None:
    rows = rows_of(ios(enrollment, minimum_os), account("sealed"))

    assert len(expected) == CHANNELS
    assert set(rows) == set(expected)
    assert found_for(expected, rows) == expected
