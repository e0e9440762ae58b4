"""What must hold for every channel and control of the data files."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest

from profilegen.catalogue.apple import declaration_type, item_of, level_of, payload_type
from profilegen.catalogue.apple_model import Key, System
from profilegen.catalogue.load import (
    channels,
    decided_channels,
    newest_version,
    oldest_version,
    read_data,
    revision,
)
from profilegen.catalogue.model import DECLARATION_PREFIX, Channel, PayloadKey, PolicyField
from profilegen.catalogue.terms import Combine, Direction, Effect, Mode, Platform, Preset, State
from profilegen.versions import Version, parse_version

_EVERY = [channel for platform in Platform for channel in channels(platform).values()]
_IDS = [f"{channel.platform}-{channel.id}" for channel in _EVERY]

# The lists of the design, which policies rely on: a channel moves only by a new policy format.
_BOUNDARY = {
    Platform.IOS: """open-in paste airdrop contacts-read contacts-write move-message app-sheet
        recents-sync mail-drop managed-cloud-sync book-sync""",
    Platform.ANDROID: """open-in paste connected-apps contacts-read bluetooth-contacts widgets
        app-functions cross-profile-app-functions screen-capture assistant printing airdrop
        screen-mirroring nearby-notifications handoff notification-listeners
        notification-preview""",
}
_SEALED = {
    Platform.IOS: """open-in-from paste-from web-downloads device-backup local-backup cloud-drive
        keychain-sync handoff device-migration watch phone-mirroring screen-capture
        screen-mirroring remote-control printing usb-storage network-storage call-recording siri
        siri-locked siri-ai mail-summary smart-replies writing-tools external-ai
        notes-transcription notes-summary visual-intelligence ai-report safari-summary calendar-ai
        server-dictation server-translation keyboard-learning lock-screen notification-preview
        internet-search account-changes profile-changes untrusted-tls password-sharing diagnostics
        drag-drop keyboards remote-images recipients photos external-camera
        notification-forwarding""",
    Platform.ANDROID: """open-in-from paste-from nfc usb-storage device-backup accessibility
        keyboards account-changes private-space autofill""",
}


def _controls(channel: Channel) -> tuple[PayloadKey | PolicyField, ...]:
    return (*channel.keys, *channel.fields)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("preset", "expected"), [(Preset.BOUNDARY, _BOUNDARY), (Preset.SEALED, _SEALED)]
)
def test_presets_are_those_of_the_design(
    preset: Preset, expected: dict[Platform, str], platform: Platform
) -> None:
    found = {channel.id for channel in channels(platform).values() if channel.preset is preset}
    assert found == set(expected[platform].split())


@pytest.mark.parametrize("platform", Platform)
def test_decided_channels_are_those_of_the_presets(platform: Platform) -> None:
    expected = set(_BOUNDARY[platform].split()) | set(_SEALED[platform].split())
    assert set(decided_channels(platform)) == expected


@pytest.mark.parametrize("platform", Platform)
def test_ids_are_unique(platform: Platform) -> None:
    assert len(read_data(f"{platform}.toml")["channel"]) == len(channels(platform))


@pytest.mark.parametrize("channel", _EVERY, ids=_IDS)
class TestChannel:
    def test_has_an_admins_words(self, channel: Channel) -> None:
        assert 0 < len(channel.title) <= 60
        assert not channel.title.endswith(".")
        assert 2 <= len(re.findall(r"\.(?: |$)", channel.about)) <= 4
        assert channel.about.endswith(".")
        assert "  " not in channel.about
        assert not channel.unknown or channel.unknown.endswith(".")

    def test_words_keep_to_one_line(self, channel: Channel) -> None:
        notes = [control.note for control in _controls(channel)]
        assert not any("\n" in text for text in (channel.about, channel.unknown, *notes))

    def test_names_channels_that_exist(self, channel: Channel) -> None:
        known = channels(channel.platform)
        named = {channel.follows} - {""}
        for control in _controls(channel):
            named |= set(control.needs)
        for field in channel.fields:
            named |= set(field.also_narrows)
        assert named <= set(known)
        assert channel.id not in named

    def test_has_controls_of_its_platform_only(self, channel: Channel) -> None:
        assert not (channel.keys and channel.platform is Platform.ANDROID)
        assert not (channel.fields and channel.platform is Platform.IOS)

    def test_says_why_nothing_closes_it(self, channel: Channel) -> None:
        """A channel without any control that counts must not look as if one were forgotten."""
        counting = [key for key in channel.keys if key.effect is not Effect.NONE]
        if not counting and not channel.fields:
            reasons = ("no key", "no setting", "no value", "takes the state", "closes with")
            assert any(reason in channel.about.lower() for reason in reasons)

    def test_says_what_modes_it_lacks(self, channel: Channel) -> None:
        if channel.platform is Platform.IOS:
            return
        covered = {mode for field in channel.fields for mode in field.modes}
        words = {
            Mode.WORK_PROFILE: ("personally-owned", "work profile"),
            Mode.COMPANY_OWNED: ("company-owned", "work profile"),
            Mode.FULLY_MANAGED: ("fully managed", "company-owned devices with a work profile"),
        }
        for mode in {*Mode} - covered:
            assert any(word in channel.about for word in words[mode])


def _source_of(control: dict[str, Any]) -> str:
    source: str = control["source"]
    return source


@pytest.mark.parametrize("platform", Platform)
def test_every_control_names_its_source(platform: Platform) -> None:
    discovery = read_data("android.toml")["discovery"]
    for channel in read_data(f"{platform}.toml")["channel"]:
        for control in channel.get("control", ()):
            if platform is Platform.IOS:
                assert re.search(r"release 18\.3|27 text|not seen", _source_of(control))
            else:
                assert _source_of(control) == f"Google, discovery document revision {discovery}"


def _keys() -> list[PayloadKey]:
    return [key for channel in channels(Platform.IOS).values() for key in channel.keys]


def test_a_writable_key_has_a_value_to_write_or_takes_it_from_the_policy() -> None:
    without = {key.key for key in _keys() if key.writable and key.close is None}
    assert without == {"WebDomains"}


def test_a_key_that_closes_can_also_open() -> None:
    assert all(
        key.open is not None and key.open != key.close for key in _keys() if key.close is not None
    )


def test_a_deprecation_follows_the_introduction() -> None:
    dated = [key for key in _keys() if key.deprecated is not None]
    assert dated
    assert all(key.deprecated and key.deprecated >= key.introduced for key in dated)


def test_declarations_are_for_mdm_servers_and_supervision_or_accounts() -> None:
    for key in _keys():
        if key.declaration:
            assert key.supervised is not key.in_user_enrollment


def test_a_replacement_names_a_declaration_or_a_key_of_the_catalogue() -> None:
    keys = {f"{payload} {key.key}".strip() for key in _keys() for payload in key.payloads}
    assert {key.replaced_by for key in _keys() if key.replaced_by} <= keys


def test_known_decisions() -> None:
    ios = channels(Platform.IOS)
    assert all(key.effect is Effect.NONE for key in ios["remote-images"].keys)
    assert not ios["visual-intelligence"].keys[2].writable
    assert not ios["keyboard-learning"].keys[-1].writable
    assert ios["contacts-read"].keys[0].close is False
    assert ios["contacts-write"].keys[0].close is False
    android = channels(Platform.ANDROID)
    assert not android["paste-from"].fields
    assert android["notification-listeners"].fields[0].close[0].value == ()
    assert android["notification-listeners"].fields[0].open is None
    assert android["open-in-from"].fields[0].path == android["open-in"].fields[0].path


def test_channels_carry_what_the_data_says() -> None:
    backup = channels(Platform.IOS)["local-backup"]
    assert backup.direction is Direction.OUT
    assert backup.combine is Combine.ANY
    assert backup.whole_device
    assert [key.key for key in backup.keys] == ["forceEncryptedBackup", "allowHostPairing"]
    usb = channels(Platform.ANDROID)["usb-storage"]
    assert usb.combine is Combine.ALL
    assert [closing.since for closing in usb.fields[0].close] == [Version(0), Version(12)]
    airdrop = channels(Platform.ANDROID)["airdrop"].fields[0]
    assert airdrop.silent[Mode.FULLY_MANAGED] is State.OPEN
    assert airdrop.whole_device == (Mode.FULLY_MANAGED,)


def test_versions_and_revision() -> None:
    assert oldest_version(Platform.IOS) == parse_version("15")
    assert newest_version(Platform.ANDROID) == parse_version("17 QPR1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", revision())


def test_the_schema_data_lie_beside_their_licences() -> None:
    folder = files("profilegen.catalogue").joinpath("data", "schema")
    apple = json.loads(folder.joinpath("apple.json").read_text("utf-8"))
    android = json.loads(folder.joinpath("android.json").read_text("utf-8"))
    assert "Permission is hereby granted" in folder.joinpath(apple["source"]["licence"]).read_text(
        "utf-8"
    )
    assert "Apache License" in folder.joinpath(android["x-licence"]).read_text("utf-8")
    assert android["x-discovery-revision"] == read_data("android.toml")["discovery"]


def _in_schema(payload: str, path: str) -> Key | None:
    """Return the key at `path`, which names list items too; None for what has no such schema."""
    declared = payload.startswith(DECLARATION_PREFIX)
    kind = declaration_type(payload) if declared else payload_type(payload)
    if kind is None:
        return None
    first, *rest = path.split(".")
    if not first:
        return None  # sources name the declaration, none of its keys
    key = kind.level.keys[first]
    for name in rest:
        item, level = item_of(key), level_of(key)
        key = item if item is not None and item.name == name else (level or kind.level).keys[name]
    return key


def test_every_key_of_the_catalogue_says_what_apples_schema_says() -> None:
    compared = 0
    for control in _keys():
        for payload in control.payloads:
            key = _in_schema(payload, control.key)
            if key is None or key.on[System.IOS].introduced is None:
                continue
            facts = key.on[System.IOS]
            assert facts.introduced is not None
            assert facts.introduced <= control.introduced
            assert facts.supervised == control.supervised
            assert facts.by_hand == control.in_manual_install
            assert facts.in_user_enrollment == control.in_user_enrollment
            assert facts.deprecated == control.deprecated
            compared += 1
    assert compared > 100
