from __future__ import annotations

from typing import Any

import pytest

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.policy.accounts import Intent
from profilegen.policy.load import load_policy
from profilegen.policy.presets import NEVER_OPENED, intent_of
from tests.strategies import as_file

# Design section 4, word for word.
BOUNDARY = {
    Platform.IOS: (
        "open-in paste airdrop contacts-read contacts-write move-message app-sheet recents-sync"
        " mail-drop managed-cloud-sync book-sync"
    ),
    Platform.ANDROID: (
        "open-in paste connected-apps contacts-read bluetooth-contacts widgets app-functions"
        " cross-profile-app-functions screen-capture assistant printing airdrop screen-mirroring"
        " nearby-notifications handoff notification-listeners notification-preview"
    ),
}
SEALED = {
    Platform.IOS: (
        "open-in-from paste-from web-downloads device-backup local-backup cloud-drive"
        " keychain-sync handoff device-migration watch phone-mirroring screen-capture"
        " screen-mirroring remote-control printing usb-storage network-storage call-recording siri"
        " siri-locked siri-ai mail-summary smart-replies writing-tools external-ai"
        " notes-transcription notes-summary visual-intelligence ai-report safari-summary"
        " calendar-ai server-dictation server-translation keyboard-learning lock-screen"
        " notification-preview internet-search account-changes profile-changes untrusted-tls"
        " password-sharing diagnostics drag-drop keyboards remote-images recipients photos"
        " external-camera notification-forwarding"
    ),
    Platform.ANDROID: (
        "open-in-from paste-from nfc usb-storage device-backup accessibility keyboards"
        " account-changes private-space autofill"
    ),
}


def intents(
    table: dict[str, Any], platform: Platform, sharing: str, **channels: str
) -> dict[str, Intent]:
    table["accounts"][0] |= {"sharing": sharing, "channels": channels}
    (account,) = load_policy("x", as_file(table)).accounts
    return {key: intent_of(account, item) for key, item in decided_channels(platform).items()}


@pytest.mark.parametrize("platform", Platform)
def test_contained(minimal_table: dict[str, Any], platform: Platform) -> None:
    found = intents(minimal_table, platform, "contained")
    assert {key for key, value in found.items() if value is Intent.DENY} == set(
        BOUNDARY[platform].split()
    )
    assert {key for key, value in found.items() if value is Intent.LEAVE} == set(
        SEALED[platform].split()
    )


@pytest.mark.parametrize("platform", Platform)
def test_open(minimal_table: dict[str, Any], platform: Platform) -> None:
    found = intents(minimal_table, platform, "open")
    allowed = {key for key, value in found.items() if value is Intent.ALLOW}
    assert allowed == set(BOUNDARY[platform].split()) - NEVER_OPENED
    assert Intent.DENY not in found.values()


@pytest.mark.parametrize("platform", Platform)
def test_sealed(minimal_table: dict[str, Any], platform: Platform) -> None:
    found = intents(minimal_table, platform, "sealed")
    assert set(found.values()) == {Intent.DENY}
    assert set(found) == set(BOUNDARY[platform].split()) | set(SEALED[platform].split())


@pytest.mark.parametrize("sharing", ["open", "contained", "sealed"])
@pytest.mark.parametrize("intent", Intent)
def test_exceptions_come_first(minimal_table: dict[str, Any], sharing: str, intent: Intent) -> None:
    usual = intents(minimal_table, Platform.ANDROID, sharing)
    found = intents(minimal_table, Platform.ANDROID, sharing, paste=intent, siri="deny")
    assert found == usual | {"paste": intent}
