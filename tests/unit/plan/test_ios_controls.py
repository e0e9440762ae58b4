"""Which of a channel's keys is written on iOS, by version, supervision and declarations."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, ios, rows_of
from tests.unit.plan.tables import found_for, ios_table

NEWER = "narrowed device partial needs-newer-os"
CLOSED = "closed device enforced"
LEARNING = (
    "allowPredictiveKeyboard=false; allowDictation=false; allowDefinitionLookup=false; "
    "allowAutoCorrection=false; allowContinuousPathKeyboard=false; allowKeyboardShortcuts=false; "
    "allowSpellCheck=false"
)


def _check(target: dict[str, object], sharing: str, channel: str, expected: str) -> None:
    channels = None if sharing == "sealed" else {channel: "deny"}
    rows = rows_of(target, account(sharing, channels=channels))
    table = ios_table(f"{channel} | {expected}")

    assert found_for(table, rows) == table


@pytest.mark.parametrize(
    ("channel", "minimum_os", "expected"),
    [
        ("writing-tools", "17.7", f"{NEWER} | allowWritingTools=false"),
        ("writing-tools", "18", f"{CLOSED} | allowWritingTools=false"),
        ("call-recording", "18", f"{NEWER} | allowCallRecording=false"),
        ("call-recording", "18.1", f"{CLOSED} | allowCallRecording=false"),
        ("external-ai", "18.1", f"{NEWER} | allowExternalIntelligenceIntegrations=false"),
        ("external-ai", "18.2", f"{CLOSED} | allowExternalIntelligenceIntegrations=false"),
        ("notes-summary", "18.3", f"{CLOSED} | allowNotesTranscriptionSummary=false"),
        ("notes-transcription", "18.3", f"{NEWER} | allowNotesTranscription=false"),
        ("siri-ai", "26.4", f"{NEWER} | allowSiriAI=false"),
        ("siri-ai", "27", f"{CLOSED} | allowSiriAI=false"),
        (
            "phone-mirroring",
            "16",
            f"{NEWER} | allowiPhoneMirroring=false; allowiPhoneWidgetsOnMac=false",
        ),
        (
            "phone-mirroring",
            "17",
            f"{NEWER} | allowiPhoneMirroring=false; allowiPhoneWidgetsOnMac=false",
        ),
        (
            "phone-mirroring",
            "18",
            f"{CLOSED} | allowiPhoneMirroring=false; allowiPhoneWidgetsOnMac=false",
        ),
    ],
)
@pytest.mark.parametrize("sharing", ["sealed", "contained", "open"])
def test_a_key_newer_than_the_target_narrows(
    sharing: str, channel: str, minimum_os: str, expected: str
) -> None:
    _check(ios("supervised", minimum_os), sharing, channel, expected)


@pytest.mark.parametrize(
    ("sharing", "minimum_os", "key"),
    [
        ("contained", "18.3", "allowVideoConferencing"),
        ("contained", "18.4", "allowVideoConferencingRemoteControl"),
        ("open", "26", "allowVideoConferencingRemoteControl"),
        ("sealed", "18.3", "allowVideoConferencing"),
        ("sealed", "26", "allowVideoConferencing"),
    ],
)
def test_weakest_and_strongest_key_of_remote_control(
    sharing: str, minimum_os: str, key: str
) -> None:
    _check(ios("supervised", minimum_os), sharing, "remote-control", f"{CLOSED} | {key}=false")


@pytest.mark.parametrize(
    ("sharing", "key"), [("contained", "PreviewType=2"), ("sealed", "ShowInLockScreen=false")]
)
def test_weakest_and_strongest_key_of_notification_preview(sharing: str, key: str) -> None:
    expected = f"{CLOSED} | NOTIFICATIONS ITEM.{key}"

    _check(ios("supervised"), sharing, "notification-preview", expected)


@pytest.mark.parametrize("sharing", ["contained", "sealed"])
@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("book-sync", "allowEnterpriseBookBackup=false; allowEnterpriseBookMetadataSync=false"),
        ("password-sharing", "allowPasswordSharing=false; allowPasswordAutoFill=false"),
        ("keyboard-learning", LEARNING),
        ("lock-screen", "allowLockScreenNotificationsView=false; allowLockScreenTodayView=false"),
        ("usb-storage", "allowFilesUSBDriveAccess=false"),
        ("local-backup", "allowHostPairing=false"),
        ("watch", "allowPairedWatch=false"),
        ("printing", "allowAirPrint=false"),
        ("screen-capture", "allowScreenShot=false"),
    ],
)
def test_every_part_is_closed_and_nothing_narrowed_beside_it(
    sharing: str, channel: str, expected: str
) -> None:
    _check(ios("supervised"), sharing, channel, f"{CLOSED} | {expected}")


@pytest.mark.parametrize("sharing", ["contained", "sealed"])
@pytest.mark.parametrize(
    ("channel", "enrollment", "expected"),
    [
        (
            "watch",
            "user",
            "narrowed device partial needs-supervision | forceWatchWristDetection=true",
        ),
        (
            "watch",
            "manual",
            "narrowed device partial needs-supervision | forceWatchWristDetection=true",
        ),
        (
            "local-backup",
            "device",
            "narrowed device partial needs-supervision | forceEncryptedBackup=true",
        ),
        (
            "screen-mirroring",
            "user",
            "narrowed device partial no-control | forceAirPlayOutgoingRequestsPairingPassword=true",
        ),
        (
            "screen-mirroring",
            "supervised",
            "narrowed device partial no-control | forceAirPlayOutgoingRequestsPairingPassword=true",
        ),
        ("mail-summary", "device", "open default unenforceable needs-supervision |"),
        (
            "mail-summary",
            "supervised",
            "narrowed device partial no-control | allowMailSummary=false",
        ),
    ],
)
def test_narrowing_keys_count_where_no_closing_key_can_be_used(
    sharing: str, channel: str, enrollment: str, expected: str
) -> None:
    _check(ios(enrollment, "18.4"), sharing, channel, expected)


@pytest.mark.parametrize(
    ("channel", "minimum_os", "declared", "sharing", "expected"),
    [
        ("siri", "26.4", False, "sealed", f"{CLOSED} | allowAssistant=false"),
        ("siri", "26.4", True, "sealed", f"{CLOSED} | SIRI Enabled=false"),
        ("siri", "26.4", True, "contained", f"{CLOSED} | allowAssistant=false"),
        ("siri", "26.3", True, "sealed", f"{CLOSED} | allowAssistant=false"),
        ("siri-locked", "27", True, "sealed", f"{CLOSED} | SIRI AllowWhileLocked=false"),
        ("siri-ai", "27", True, "sealed", f"{CLOSED} | SIRI AllowSiriAI=false"),
        ("siri-ai", "27", True, "contained", f"{CLOSED} | allowSiriAI=false"),
        (
            "external-ai",
            "26.4",
            True,
            "sealed",
            f"{CLOSED} | allowExternalIntelligenceIntegrations=false",
        ),
        ("writing-tools", "26.4", True, "sealed", f"{CLOSED} | AI AllowWritingTools=false"),
        ("calendar-ai", "27", False, "sealed", "open default unenforceable no-control |"),
        (
            "calendar-ai",
            "27",
            True,
            "sealed",
            f"{CLOSED} | AI Apps.Calendar.AllowNaturalLanguageEditing=false",
        ),
        (
            "calendar-ai",
            "26.4",
            True,
            "sealed",
            f"{NEWER} | AI Apps.Calendar.AllowNaturalLanguageEditing=false",
        ),
        (
            "visual-intelligence",
            "26.3",
            True,
            "sealed",
            f"{CLOSED} | allowVisualIntelligenceSummary=false",
        ),
        (
            "visual-intelligence",
            "26.4",
            True,
            "sealed",
            f"{CLOSED} | AI AllowVisualIntelligenceSummary=false",
        ),
        (
            "visual-intelligence",
            "27",
            True,
            "contained",
            f"{CLOSED} | allowVisualIntelligenceSummary=false",
        ),
        (
            "mail-summary",
            "26.4",
            True,
            "sealed",
            "narrowed device partial no-control | AI Apps.Mail.AllowSummary=false",
        ),
    ],
)
def test_declarations(
    channel: str, minimum_os: str, *, declared: bool, sharing: str, expected: str
) -> None:
    target = ios("supervised", minimum_os, declarations=declared)

    _check(target, sharing, channel, expected)


@pytest.mark.parametrize("enrollment", ["user", "device"])
@pytest.mark.parametrize("channel", ["calendar-ai", "writing-tools", "notes-summary"])
def test_declarations_do_not_replace_supervision(enrollment: str, channel: str) -> None:
    target = ios(enrollment, "27", declarations=True)

    _check(target, "sealed", channel, "open default unenforceable needs-supervision |")


@pytest.mark.parametrize("enrollment", ["user", "device", "manual"])
def test_deprecated_siri_keys_are_written_where_no_declaration_can_be(enrollment: str) -> None:
    target = ios(enrollment, "27", declarations=True)

    _check(target, "sealed", "siri", f"{CLOSED} | allowAssistant=false")


@pytest.mark.parametrize(
    ("channel", "enrollment"),
    [
        ("cloud-drive", "user"),
        ("device-migration", "user"),
        ("cloud-drive", "manual"),
        ("smart-replies", "device"),
    ],
)
def test_supervision_is_the_first_of_two_reasons(channel: str, enrollment: str) -> None:
    _check(
        ios(enrollment, "15"), "sealed", channel, "open default unenforceable needs-supervision |"
    )


@pytest.mark.parametrize(
    "channel",
    ["remote-images", "recipients", "external-camera", "notification-forwarding"],
)
@pytest.mark.parametrize(
    ("intent", "verdict"),
    [("deny", "unenforceable"), ("allow", "allowed"), ("leave", "left")],
)
def test_channels_without_a_key(channel: str, intent: str, verdict: str) -> None:
    rows = rows_of(ios("supervised"), account("contained", channels={channel: intent}))
    table = ios_table(f"{channel} | open none {verdict} no-control |")

    assert found_for(table, rows) == table


UNPROVEN = {
    "open-in",
    "open-in-from",
    "paste",
    "paste-from",
    "airdrop",
    "contacts-read",
    "contacts-write",
    "managed-cloud-sync",
    "book-sync",
    "web-downloads",
}
FOLLOWERS = {"drag-drop", "keyboards", "photos"}


def test_only_what_rests_on_management_is_capped_without_mdm() -> None:
    rest = {"domains": {"web": ["example.com"]}}
    manual = rows_of(ios("manual"), account("sealed"), rest=rest)
    device = rows_of(ios("device"), account("sealed"), rest=rest)

    capped = {name for name in manual if manual[name].state != device[name].state}
    assert capped == (UNPROVEN - {"web-downloads"}) | FOLLOWERS
    assert {manual[name].state for name in UNPROVEN | FOLLOWERS} == {"narrowed"}
