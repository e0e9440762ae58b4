"""From files that close everything, one setting at a time is removed or flipped.

The channel that the setting controls must change, unless something else holds it, and no channel
may change that does not rest on it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from profilegen.audit.document import Declaration, Document, Profile
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform, State
from tests.unit.audit.mutations import REMOVE, Mutation, check, put, states
from tests.unit.audit.samples import EXCHANGE, INTELLIGENCE, RESTRICTIONS, SIRI, context, payload

FALSE_KEYS = """
    allowOpenFromManagedToUnmanaged allowOpenFromUnmanagedToManaged allowAirDrop
    allowUnmanagedToReadManagedContacts allowManagedToWriteUnmanagedContacts
    allowManagedAppsCloudSync allowEnterpriseBookBackup allowEnterpriseBookMetadataSync
    allowCloudBackup allowHostPairing allowCloudDocumentSync allowCloudKeychainSync
    allowActivityContinuation allowProximitySetupToNewDevice allowPairedWatch
    allowiPhoneMirroring allowiPhoneWidgetsOnMac allowScreenShot allowRemoteScreenObservation
    allowVideoConferencingRemoteControl allowVideoConferencing allowAirPrint
    allowAirPrintCredentialsStorage allowAirPrintiBeaconDiscovery allowFilesUSBDriveAccess
    allowFilesNetworkDriveAccess allowCallRecording allowAssistant allowAssistantWhileLocked
    allowSiriAI allowMailSummary allowMailSmartReplies allowWritingTools
    allowExternalIntelligenceIntegrations allowExternalIntelligenceIntegrationsSignIn
    allowNotesTranscription allowNotesTranscriptionSummary allowVisualIntelligenceSummary
    allowAppleIntelligenceReport allowSafariSummary allowPredictiveKeyboard allowDictation
    allowDefinitionLookup allowAutoCorrection allowContinuousPathKeyboard allowKeyboardShortcuts
    allowSpellCheck allowLockScreenNotificationsView allowLockScreenTodayView
    allowNotificationsModification allowSpotlightInternetResults allowAccountModification
    allowUIConfigurationProfileInstallation allowUntrustedTLSPrompt allowPasswordSharing
    allowPasswordAutoFill allowDiagnosticSubmission
"""
TRUE_KEYS = """
    requireManagedPasteboard forceAirDropUnmanaged forceEncryptedBackup forceWatchWristDetection
    forceAirPlayOutgoingRequestsPairingPassword forceAirPrintTrustedTLSRequirement
    allowUSBRestrictedMode forceOnDeviceOnlyDictation forceOnDeviceOnlyTranslation
"""
SEALED: dict[str, Any] = dict.fromkeys(FALSE_KEYS.split(), False) | dict.fromkeys(
    TRUE_KEYS.split(), True
)
APPS = {
    "Mail": {"AllowSummary": False, "AllowSmartReplies": False},
    "Notes": {"AllowTranscription": False, "AllowTranscriptionSummary": False},
    "Safari": {"AllowSummary": False},
    "Calendar": {"AllowNaturalLanguageEditing": False},
}

# What no key closes; what can be narrowed only.
NEVER_CLOSED = {
    "remote-images": State.OPEN,
    "recipients": State.OPEN,
    "external-camera": State.OPEN,
    "notification-forwarding": State.OPEN,
    "web-downloads": State.NARROWED,
    "screen-mirroring": State.NARROWED,
    "mail-summary": State.NARROWED,
}
# One key or value closes what a second one of the same channel closes too.
HELD_BY_ANOTHER = {
    "forceAirDropUnmanaged",
    "allowAirDrop",
    "allowVideoConferencingRemoteControl",
    "allowVideoConferencing",
    "NotificationSettings.NotificationSettingsItem.PreviewType",
    "NotificationSettings.NotificationSettingsItem.ShowInLockScreen",
}
# Keys that narrow say nothing beside a key that closes and can be used.
BESIDE_A_CLOSING_KEY = {
    "forceEncryptedBackup",
    "forceWatchWristDetection",
    "allowRemoteScreenObservation",
    "forceAirPrintTrustedTLSRequirement",
    "allowAirPrintCredentialsStorage",
    "allowAirPrintiBeaconDiscovery",
    "allowUSBRestrictedMode",
    "allowExternalIntelligenceIntegrationsSignIn",
    "AllowSignIn",
    "allowNotificationsModification",
}
CLOSED_BY_SILENCE = {
    "allowUnmanagedToReadManagedContacts",
    "allowManagedToWriteUnmanagedContacts",
    "allowMailDrop",
}


def sealed_profile() -> Profile:
    account = payload(
        EXCHANGE,
        "one",
        PreventMove=True,
        PreventAppSheet=True,
        disableMailRecentsSyncing=True,
        allowMailDrop=False,
    )
    item = {"BundleIdentifier": "com.apple.mobilemail", "PreviewType": 2, "ShowInLockScreen": False}
    notifications = payload("com.apple.notificationsettings", NotificationSettings=[item])
    domains = payload("com.apple.domains", WebDomains=["*.example.com"])
    content: dict[str, Any] = {"PayloadType": "Configuration"}
    content["PayloadContent"] = [account, payload(RESTRICTIONS, **SEALED), notifications, domains]
    return Profile("sealed.mobileconfig", content)


def sealed_declarations() -> list[Declaration]:
    payloads: dict[str, dict[str, Any]] = {
        SIRI: {"Enabled": False, "AllowWhileLocked": False, "AllowSiriAI": False},
        INTELLIGENCE: {
            "Apps": APPS,
            "AllowWritingTools": False,
            "AllowVisualIntelligenceSummary": False,
            "AllowAppleIntelligenceReport": False,
            "ForceOnDeviceOnlyDictation": True,
            "ForceOnDeviceOnlyTranslation": True,
        },
        "com.apple.configuration.external-intelligence.settings": {
            "Enabled": False,
            "AllowSignIn": False,
        },
    }
    return [
        Declaration(f"{kind}.json", {"Type": kind, "Identifier": kind, "Payload": keys})
        for kind, keys in payloads.items()
    ]


def key_mutations(*, declared: bool) -> Iterator[Mutation]:
    controlled: dict[tuple[str, str], set[str]] = {}
    opens: dict[tuple[str, str], object] = {}
    for channel in decided_channels(Platform.IOS).values():
        for key in channel.keys:
            if key.declaration is declared and key.writable:
                # The sample's account is an Exchange one.
                place = (EXCHANGE if EXCHANGE in key.payloads else key.payloads[0], key.key)
                controlled.setdefault(place, set()).add(channel.id)
                opens[place] = key.open
    for (kind, path), channels in controlled.items():
        yield Mutation(kind, path, frozenset(channels), REMOVE)
        if opens[kind, path] is not None:
            yield Mutation(kind, path, frozenset(channels), opens[kind, path])


def mutated(document: Profile, mutation: Mutation) -> Profile:
    content: Any = copy.deepcopy(document.content)
    (found,) = [p for p in content["PayloadContent"] if p["PayloadType"] == mutation.kind]
    path = mutation.path.removeprefix("NotificationSettings.NotificationSettingsItem.")
    if path != mutation.path:
        (found,) = found["NotificationSettings"]
    put(found, path.split("."), mutation.value)
    return Profile(document.name, content)


def test_the_sealed_profile_closes_all_that_can_be_closed() -> None:
    found = states([sealed_profile(), *sealed_declarations()], context())
    for (_, channel), state in found.items():
        assert state is NEVER_CLOSED.get(channel, State.CLOSED), channel


@pytest.mark.parametrize("mutation", list(key_mutations(declared=False)), ids=str)
def test_each_key_of_a_profile_changes_its_own_channels_only(mutation: Mutation) -> None:
    sealed = sealed_profile()
    before = states([sealed], context())
    after = states([mutated(sealed, mutation)], context())
    held = mutation.path in HELD_BY_ANOTHER | BESIDE_A_CLOSING_KEY or (
        mutation.path in CLOSED_BY_SILENCE and mutation.value is REMOVE
    )
    check(before, after, mutation, platform=Platform.IOS, held=held)


@pytest.mark.parametrize("mutation", list(key_mutations(declared=True)), ids=str)
def test_each_key_of_a_declaration_changes_its_own_channels_only(mutation: Mutation) -> None:
    sealed = sealed_declarations()
    before = states(list(sealed), context())
    after: list[Document] = []
    for document in sealed:
        content: Any = copy.deepcopy(document.content)
        if content["Type"] == mutation.kind:
            put(content["Payload"], mutation.path.split("."), mutation.value)
        after.append(Declaration(document.name, content))
    held = mutation.path in BESIDE_A_CLOSING_KEY
    check(before, states(after, context()), mutation, platform=Platform.IOS, held=held)
