"""Every setting of a built file is deleted and turned round, one at a time.

The channel that it controls must come to the state that follows by hand from the catalogue's
sources, and no channel may change that does not rest on it.
"""

from __future__ import annotations

from functools import cache

import pytest

from profilegen.audit.flows import flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform, State
from profilegen.plan.model import PayloadSetting, Setting
from profilegen.release.proof import context_of
from tests.properties.cases import CASES, Case
from tests.properties.mutations import DELETED, flipped, mutated, name_of
from tests.properties.pipeline import Built, built, documents_of, planned

States = dict[tuple[str, str], State]

# What changes with another channel: Apple's schema texts, and Google's on app functions.
RESTS_ON = {
    Platform.IOS: {
        "open-in": {
            "paste",
            "airdrop",
            "contacts-read",
            "contacts-write",
            "web-downloads",
            "drag-drop",
            "keyboards",
            "photos",
        },
        "open-in-from": {"paste-from"},
    },
    Platform.ANDROID: {"app-functions": {"cross-profile-app-functions"}},
}
# What the platform does without any setting, where that is not `open`.
_ACROSS_PROFILES = dict.fromkeys(
    ("open-in", "paste", "connected-apps", "widgets", "airdrop", "notification-listeners"),
    State.CLOSED,
)
_SAME_ACCOUNT = dict.fromkeys(("screen-mirroring", "nearby-notifications"), State.NARROWED)
SILENT: dict[str, dict[str, State]] = {
    "ios": dict.fromkeys(("contacts-read", "contacts-write", "mail-drop"), State.CLOSED),
    "work-profile": _ACROSS_PROFILES | _SAME_ACCOUNT,
    "company-owned": _ACROSS_PROFILES | _SAME_ACCOUNT,
    "fully-managed": {"device-backup": State.CLOSED} | _SAME_ACCOUNT,
}
# Each control closes a part of these: with one part open they are narrowed.
IN_PARTS = {
    Platform.IOS: {
        "book-sync",
        "phone-mirroring",
        "password-sharing",
        "keyboard-learning",
        "lock-screen",
    },
    Platform.ANDROID: {"usb-storage"},
}
PART_CLOSED_BY_SILENCE = "deviceConnectivityManagement.usbDataAccess"
# No control closes these; on an unsupervised device none closes local-backup and watch.
NARROWED_AT_MOST = {"screen-mirroring", "mail-summary"}
# Lists of apps that may: naming one opens a part.
NAMED_APPS = {"accessibility": State.NARROWED, "keyboards": State.NARROWED}
# The state is that of the work profile's own row; these act beside it.
PERSONAL_SIDE = {
    "personalUsagePolicies.screenCaptureDisabled",
    "personalUsagePolicies.bluetoothSharing",
    "personalUsagePolicies.crossDevicePolicies.taskContinuityHandoff",
    "personalUsagePolicies.accountTypesWithManagementDisabled",
}
# Understood in files, but never written beside a key that closes the channel.
NEVER_WRITTEN = {
    "allowRemoteScreenObservation",
    "forceAirPrintTrustedTLSRequirement",
    "allowAirPrintCredentialsStorage",
    "allowAirPrintiBeaconDiscovery",
    "allowUSBRestrictedMode",
    "allowExternalIntelligenceIntegrationsSignIn",
    "AllowSignIn",
    "allowNotificationsModification",
    "applications[].workProfileWidgets",
}


@cache
def _built(case: Case) -> Built:
    plan = planned(case.table())
    assert plan is not None
    (only,) = built(plan)
    return only


def _states(target: Built, setting: Setting | None = None, value: object = None) -> States:
    artifacts = target.artifacts
    if setting is not None:
        artifacts = mutated(artifacts, setting, value)
    found = flows(documents_of(artifacts), context_of(target.plan.target))
    return {(flow.account, flow.channel): flow.state for flow in found}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_deleting_a_setting(case: Case) -> None:
    target = _built(case)
    before = _states(target)
    for setting in target.plan.settings:
        expected = {
            key: _deleted(case, before, key, name_of(setting))
            for key in _controlled(target, before, setting)
        }
        _check(case, before, _states(target, setting, DELETED), expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_turning_a_setting_round(case: Case) -> None:
    target = _built(case)
    before = _states(target)
    for setting in target.plan.settings:
        expected = {
            key: _turned(case, key[1], before[key], name_of(setting))
            for key in _controlled(target, before, setting)
        }
        # Domains and blocked apps come from the policy: they have no opposite.
        if expected and "web-downloads" not in {channel for _, channel in expected}:
            _check(case, before, _states(target, setting, flipped(setting)), expected)


def test_every_control_is_tried() -> None:
    tried = {name_of(setting) for case in CASES for setting in _built(case).plan.settings}
    ios = {
        key.key
        for channel in decided_channels(Platform.IOS).values()
        for key in channel.keys
        if key.writable
    }
    android = {
        field.path
        for channel in decided_channels(Platform.ANDROID).values()
        for field in channel.fields
        if field.writable
    }

    assert (ios | android) - tried == NEVER_WRITTEN


def test_only_what_is_no_channel_controls_none() -> None:
    free = {
        name_of(setting)
        for case in CASES
        for setting in _built(case).plan.settings
        if not _controlled(_built(case), _states(_built(case)), setting)
    }

    assert free == {
        "EmailDomains",
        "blockedAppBundleIDs",
        "applications[].installType",
        "personalUsagePolicies.personalPlayStoreMode",
        "personalUsagePolicies.personalApplications[].installType",
    }


def _controlled(target: Built, before: States, setting: Setting) -> set[tuple[str, str]]:
    """Return the flows that `setting` controls: of one account, one app, or all accounts."""
    channels = {item.channel for item in target.plan.decisions if setting in item.controls}
    own = f".account.{setting.account}" if isinstance(setting, PayloadSetting) else setting.app
    suffix = own if own != ".account." else ""
    return {
        (name, channel) for name, channel in before if channel in channels and name.endswith(suffix)
    }


def _check(case: Case, before: States, after: States, expected: States) -> None:
    assert before.keys() == after.keys()
    assert {key: after[key] for key in expected} == expected
    resting = RESTS_ON[case.platform]
    allowed = {other for _, channel in expected for other in resting.get(channel, ())}
    accounts = {name for name, _ in expected}
    changed = {key for key in before if before[key] is not after[key]} - expected.keys()
    assert {channel for _, channel in changed} <= allowed
    assert {name for name, _ in changed} <= accounts


def _deleted(case: Case, before: States, key: tuple[str, str], name: str) -> State:
    """Return what holds without the setting: the platform's default, or what else closes it."""
    account, channel = key
    if name in PERSONAL_SIDE:
        return before[key]
    if channel == "cross-profile-app-functions":
        return before[account, "app-functions"]
    if channel not in IN_PARTS[case.platform]:
        return SILENT.get(case.management, SILENT["ios"]).get(channel, State.OPEN)
    is_open = before[key] is State.OPEN
    if name == PART_CLOSED_BY_SILENCE:
        return State.NARROWED if is_open else State.CLOSED
    return State.OPEN if is_open else State.NARROWED


def _turned(case: Case, channel: str, before: State, name: str) -> State:
    if name in PERSONAL_SIDE:
        return before
    if channel in IN_PARTS[case.platform]:
        return State.NARROWED
    if before is not State.OPEN:
        named = case.platform is Platform.ANDROID and channel in NAMED_APPS
        return NAMED_APPS[channel] if named else State.OPEN
    most = case.platform is Platform.IOS and channel in NARROWED_AT_MOST
    return State.NARROWED if most else State.CLOSED
