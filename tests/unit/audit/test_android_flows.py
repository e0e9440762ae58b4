from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from profilegen.audit.document import AndroidPolicy
from profilegen.audit.flows import FieldControl, Flow, flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Basis, Mode, Platform, State
from tests.unit.audit.samples import context, flow, policy

CLOSED, NARROWED, OPEN, ABSENT = State.CLOSED, State.NARROWED, State.OPEN, State.ABSENT
WORK = context(mode=Mode.WORK_PROFILE)
COMPANY = context(mode=Mode.COMPANY_OWNED)
FULLY = context(mode=Mode.FULLY_MANAGED)
MODES = (WORK, COMPANY, FULLY)
STATES = {"c": CLOSED, "n": NARROWED, "o": OPEN, "-": ABSENT}
GMAIL = "com.google.android.gm"
OUTLOOK = "com.microsoft.office.outlook"
CONTACTS = "SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE"


@dataclass(frozen=True)
class Case:
    """Fields of a policy, and a letter for the state that follows in each mode."""

    channel: str
    states: str
    fields: dict[str, Any]


def cross_profile(channel: str, states: str, **fields: Any) -> Case:  # noqa: ANN401
    return Case(channel, states, {"crossProfilePolicies": fields})


def top_level(channel: str, states: str, **fields: Any) -> Case:  # noqa: ANN401
    return Case(channel, states, fields)


SILENT = {
    "open-in": "cc-",
    "paste": "cc-",
    "connected-apps": "cc-",
    "contacts-read": "oo-",
    "bluetooth-contacts": "ooo",
    "widgets": "cc-",
    "app-functions": "ooo",
    "cross-profile-app-functions": "oo-",
    "screen-capture": "ooo",
    "assistant": "ooo",
    "printing": "ooo",
    "airdrop": "cco",
    "screen-mirroring": "nnn",
    "nearby-notifications": "nnn",
    "handoff": "ooo",
    "notification-listeners": "cc-",
    "notification-preview": "ooo",
    "open-in-from": "oo-",
    "paste-from": "oo-",
    "nfc": "ooo",
    "usb-storage": "onn",
    "device-backup": "ooc",
    "accessibility": "ooo",
    "keyboards": "ooo",
    "account-changes": "ooo",
    "private-space": "oo-",
    "autofill": "ooo",
}

CASES = [
    cross_profile(
        "open-in", "cc-", crossProfileDataSharing="DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED"
    ),
    cross_profile(
        "open-in-from",
        "oo-",
        crossProfileDataSharing="DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED",
    ),
    cross_profile(
        "open-in", "cc-", crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_DISALLOWED"
    ),
    cross_profile(
        "open-in-from", "cc-", crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_DISALLOWED"
    ),
    cross_profile("open-in", "oo-", crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_ALLOWED"),
    cross_profile(
        "open-in", "cc-", crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_UNSPECIFIED"
    ),
    cross_profile("open-in", "oo-", crossProfileDataSharing="DISALLOWED"),
    cross_profile("paste", "oo-", crossProfileCopyPaste="CROSS_PROFILE_COPY_PASTE_ALLOWED"),
    cross_profile("paste", "cc-", crossProfileCopyPaste="COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"),
    cross_profile("paste", "cc-", crossProfileCopyPaste=True),
    cross_profile(
        "contacts-read", "cc-", showWorkContactsInPersonalProfile=f"{CONTACTS}_DISALLOWED"
    ),
    cross_profile("contacts-read", "oo-", showWorkContactsInPersonalProfile=f"{CONTACTS}_ALLOWED"),
    cross_profile(
        "contacts-read",
        "nn-",
        showWorkContactsInPersonalProfile=f"{CONTACTS}_DISALLOWED_EXCEPT_SYSTEM",
    ),
    cross_profile(
        "contacts-read",
        "nn-",
        showWorkContactsInPersonalProfile=f"{CONTACTS}_DISALLOWED",
        exemptionsToShowWorkContactsInPersonalProfile={"packageNames": ["com.example"]},
    ),
    cross_profile(
        "contacts-read",
        "cc-",
        showWorkContactsInPersonalProfile=f"{CONTACTS}_DISALLOWED",
        exemptionsToShowWorkContactsInPersonalProfile={"packageNames": []},
    ),
    cross_profile(
        "contacts-read",
        "oo-",
        showWorkContactsInPersonalProfile=f"{CONTACTS}_ALLOWED",
        exemptionsToShowWorkContactsInPersonalProfile={"packageNames": ["com.example"]},
    ),
    cross_profile(
        "widgets", "oo-", workProfileWidgetsDefault="WORK_PROFILE_WIDGETS_DEFAULT_ALLOWED"
    ),
    cross_profile(
        "cross-profile-app-functions",
        "cc-",
        crossProfileAppFunctions="CROSS_PROFILE_APP_FUNCTIONS_DISALLOWED",
    ),
    cross_profile(
        "app-functions", "ooo", crossProfileAppFunctions="CROSS_PROFILE_APP_FUNCTIONS_DISALLOWED"
    ),
    top_level("app-functions", "ccc", appFunctions="APP_FUNCTIONS_DISALLOWED"),
    # Unspecified follows appFunctions.
    top_level("cross-profile-app-functions", "cc-", appFunctions="APP_FUNCTIONS_DISALLOWED"),
    Case(
        "cross-profile-app-functions",
        "oo-",
        {
            "appFunctions": "APP_FUNCTIONS_DISALLOWED",
            "crossProfilePolicies": {
                "crossProfileAppFunctions": "CROSS_PROFILE_APP_FUNCTIONS_ALLOWED"
            },
        },
    ),
    top_level("bluetooth-contacts", "ccc", bluetoothContactSharingDisabled=True),
    top_level("bluetooth-contacts", "ooo", bluetoothContactSharingDisabled="true"),
    top_level("bluetooth-contacts", "ooo", bluetoothContactSharingDisabled=1),
    top_level("screen-capture", "ccc", screenCaptureDisabled=True),
    top_level("screen-capture", "ooo", screenCaptureDisabled=False),
    # What a row also narrows, and the personal side, change no state.
    top_level("assistant", "ooo", screenCaptureDisabled=True),
    top_level("screen-capture", "ooo", personalUsagePolicies={"screenCaptureDisabled": True}),
    top_level(
        "airdrop", "cco", personalUsagePolicies={"bluetoothSharing": "BLUETOOTH_SHARING_DISALLOWED"}
    ),
    top_level(
        "account-changes",
        "ooo",
        personalUsagePolicies={"accountTypesWithManagementDisabled": ["com.google"]},
    ),
    top_level(
        "airdrop",
        "ccc",
        deviceConnectivityManagement={"bluetoothSharing": "BLUETOOTH_SHARING_DISALLOWED"},
    ),
    top_level(
        "airdrop",
        "ooo",
        deviceConnectivityManagement={"bluetoothSharing": "BLUETOOTH_SHARING_ALLOWED"},
    ),
    top_level(
        "screen-mirroring",
        "ccc",
        crossDevicePolicies={"nearbyAppStreaming": "NEARBY_APP_STREAMING_DISABLED"},
    ),
    top_level(
        "screen-mirroring",
        "ooo",
        crossDevicePolicies={"nearbyAppStreaming": "NEARBY_APP_STREAMING_USER_CHOICE"},
    ),
    top_level(
        "screen-mirroring",
        "nnn",
        crossDevicePolicies={
            "nearbyAppStreaming": "NEARBY_APP_STREAMING_USER_CHOICE_SAME_MANAGED_ACCOUNT"
        },
    ),
    top_level(
        "notification-listeners",
        "oo-",
        advancedSecurityOverrides={"personalAppsThatCanReadWorkNotifications": ["com.example"]},
    ),
    top_level(
        "notification-listeners",
        "cc-",
        advancedSecurityOverrides={"personalAppsThatCanReadWorkNotifications": []},
    ),
    top_level("notification-preview", "ccc", keyguardDisabledFeatures=["UNREDACTED_NOTIFICATIONS"]),
    top_level("notification-preview", "ccc", keyguardDisabledFeatures=["CAMERA", "NOTIFICATIONS"]),
    top_level("notification-preview", "ccc", keyguardDisabledFeatures=["ALL_FEATURES"]),
    top_level("notification-preview", "ooo", keyguardDisabledFeatures=["CAMERA"]),
    top_level("notification-preview", "ooo", keyguardDisabledFeatures=["NOTIFICATIONS", 1]),
    top_level("notification-preview", "ooo", keyguardDisabledFeatures="NOTIFICATIONS"),
    top_level("nfc", "ccc", outgoingBeamDisabled=True),
    top_level("nfc", "ooc", deviceRadioState={"nfc": "NFC_DISABLED"}),
    top_level("nfc", "oco", deviceWidePolicies={"deviceRadioState": {"nfc": "NFC_DISABLED"}}),
    top_level("usb-storage", "occ", mountPhysicalMediaDisabled=True),
    top_level(
        "usb-storage",
        "ooo",
        deviceConnectivityManagement={"usbDataAccess": "ALLOW_USB_DATA_TRANSFER"},
    ),
    top_level(
        "usb-storage",
        "onn",
        deviceConnectivityManagement={"usbDataAccess": "ALLOW_USB_DATA_TRANSFER"},
        mountPhysicalMediaDisabled=True,
    ),
    top_level(
        "usb-storage",
        "occ",
        deviceConnectivityManagement={"usbDataAccess": "DISALLOW_USB_DATA_TRANSFER"},
        mountPhysicalMediaDisabled=True,
    ),
    # Replaced fields are for the linter.
    top_level("usb-storage", "onn", usbFileTransferDisabled=True),
    top_level("device-backup", "ooo", backupService="BACKUP_SERVICE_USER_CHOICE"),
    top_level("device-backup", "ooc", backupService="BACKUP_SERVICE_DISABLED"),
    top_level("accessibility", "ccc", permittedAccessibilityServices={"packageNames": []}),
    top_level("accessibility", "nnn", permittedAccessibilityServices={"packageNames": ["a.b"]}),
    top_level("accessibility", "ooo", permittedAccessibilityServices={"packageNames": [1]}),
    top_level("keyboards", "ccc", permittedInputMethods={"packageNames": []}),
    top_level("keyboards", "nnn", permittedInputMethods={"packageNames": ["a.b"]}),
    top_level("keyboards", "ooo", permittedInputMethods={}),
    top_level("keyboards", "ooo", permittedInputMethods=[]),
    top_level("account-changes", "ccc", modifyAccountsDisabled=True),
    top_level("account-changes", "nnn", accountTypesWithManagementDisabled=["com.google"]),
    top_level("account-changes", "ooo", accountTypesWithManagementDisabled=[]),
    top_level("account-changes", "ooo", accountTypesWithManagementDisabled="com.google"),
    top_level(
        "account-changes",
        "ccc",
        modifyAccountsDisabled=True,
        accountTypesWithManagementDisabled=["com.google"],
    ),
    top_level(
        "private-space",
        "oc-",
        personalUsagePolicies={"privateSpacePolicy": "PRIVATE_SPACE_DISALLOWED"},
    ),
    top_level("autofill", "ccc", autofillPolicy="AUTOFILL_DISABLED"),
    top_level("printing", "ccc", printingPolicy="PRINTING_DISALLOWED"),
    top_level("assistant", "ccc", assistContentPolicy="ASSIST_CONTENT_DISALLOWED"),
]


def states(channel: str, *documents: AndroidPolicy) -> str:
    letters = {state: letter for letter, state in STATES.items()}
    return "".join(letters[flow(channel, documents, where).state] for where in MODES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.channel}-{case.fields}")
def test_fields_give_the_state_of_each_mode(case: Case) -> None:
    assert states(case.channel, policy(**case.fields)) == case.states


@pytest.mark.parametrize("channel", list(decided_channels(Platform.ANDROID)))
def test_an_empty_policy_leaves_the_defaults_of_the_mode(channel: str) -> None:
    assert states(channel, policy()) == SILENT[channel]
    found = flow(channel, [policy()], WORK)
    assert found.basis is (Basis.NONE if channel == "paste-from" else Basis.DEFAULT)
    assert found.controls == ()


@pytest.mark.parametrize(
    ("fields", "channel", "before", "since"),
    [
        ({"appFunctions": "APP_FUNCTIONS_DISALLOWED"}, "app-functions", "15", "16"),
        ({"appFunctions": "APP_FUNCTIONS_DISALLOWED"}, "cross-profile-app-functions", "15", "16"),
        ({"assistContentPolicy": "ASSIST_CONTENT_DISALLOWED"}, "assistant", "14", "15"),
        (
            {
                "crossDevicePolicies": {
                    "taskContinuityHandoff": "TASK_CONTINUITY_HANDOFF_DISALLOWED"
                }
            },
            "handoff",
            "17",
            "17 QPR1",
        ),
    ],
)
def test_a_field_newer_than_the_os_narrows(
    fields: dict[str, Any], channel: str, before: str, since: str
) -> None:
    documents = [policy(**fields)]
    assert flow(channel, documents, context(android=before)).state is NARROWED
    assert flow(channel, documents, context(android=since)).state is CLOSED


def test_a_stricter_value_newer_than_the_os_narrows() -> None:
    documents = [
        policy(
            deviceConnectivityManagement={"usbDataAccess": "DISALLOW_USB_DATA_TRANSFER"},
            mountPhysicalMediaDisabled=True,
        )
    ]
    old = context(mode=Mode.FULLY_MANAGED, android="11")
    assert flow("usb-storage", documents, old).state is NARROWED


def test_contradicting_policies_are_as_open_as_the_more_open_one() -> None:
    closing = policy(screenCaptureDisabled=True)
    assert states("screen-capture", closing, policy(screenCaptureDisabled=False)) == "ooo"
    assert states("screen-capture", closing, policy()) == "ccc"
    types = policy(accountTypesWithManagementDisabled=["com.google"])
    assert states("account-changes", types, policy(accountTypesWithManagementDisabled=[])) == "ooo"


def app(package: str, **fields: str) -> dict[str, Any]:
    return {"packageName": package, **fields}


def of_channel(channel: str, *apps: object) -> list[Flow]:
    return [f for f in flows([policy(applications=list(apps))], WORK) if f.channel == channel]


ALLOWED = {"connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APP_ALLOWED"}
DISALLOWED = {"connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED"}
UNSPECIFIED = {"connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APP_UNSPECIFIED"}


@pytest.mark.parametrize(
    ("apps", "expected"),
    [
        ([], {"*": CLOSED}),
        ([app("com.example")], {"*": CLOSED}),
        ([app("com.example", **ALLOWED)], {"*": CLOSED, "com.example": OPEN}),
        ([app(GMAIL)], {"*": CLOSED, GMAIL: CLOSED}),
        ([app(GMAIL, **UNSPECIFIED)], {"*": CLOSED, GMAIL: CLOSED}),
        ([app(GMAIL, **ALLOWED), app(OUTLOOK)], {"*": CLOSED, GMAIL: OPEN, OUTLOOK: CLOSED}),
        ([app(GMAIL, **DISALLOWED), app(GMAIL, **ALLOWED)], {"*": CLOSED, GMAIL: OPEN}),
        (
            [app(GMAIL), app("com.example", **DISALLOWED)],
            {"*": CLOSED, GMAIL: CLOSED, "com.example": CLOSED},
        ),
        ([app(""), {"packageName": 1}, 1, None], {"*": CLOSED}),
    ],
)
def test_connected_apps_are_told_app_by_app(apps: list[object], expected: dict[str, State]) -> None:
    assert {f.account: f.state for f in of_channel("connected-apps", *apps)} == expected


def test_an_app_setting_has_the_basis_app() -> None:
    _, found = of_channel("connected-apps", app(GMAIL, **ALLOWED))
    path = "applications[].connectedWorkAndPersonalApp"
    control = FieldControl(path, ALLOWED["connectedWorkAndPersonalApp"])
    assert (found.basis, found.controls) == (Basis.APP, (control,))
    _, found = of_channel("connected-apps", app(GMAIL))
    assert (found.basis, found.controls) == (Basis.DEFAULT, ())


def test_a_connected_app_on_an_old_android_is_narrowed() -> None:
    documents = [policy(applications=[app(GMAIL, **DISALLOWED)])]
    assert flow("connected-apps", documents, context(android="10"), GMAIL).state is NARROWED


def test_widgets_of_one_app_are_told_besides() -> None:
    found = of_channel(
        "widgets",
        app(GMAIL, workProfileWidgets="WORK_PROFILE_WIDGETS_ALLOWED"),
        app(OUTLOOK, workProfileWidgets="WORK_PROFILE_WIDGETS_UNSPECIFIED"),
        app("com.example", workProfileWidgets="WORK_PROFILE_WIDGETS_DISALLOWED"),
    )
    assert {f.account: f.state for f in found} == {
        "*": CLOSED,
        GMAIL: OPEN,
        "com.example": CLOSED,
    }


def test_nothing_crosses_profiles_on_a_fully_managed_device() -> None:
    apps = [app(GMAIL, **ALLOWED, workProfileWidgets="WORK_PROFILE_WIDGETS_ALLOWED")]
    found = flows([policy(applications=apps)], FULLY)
    assert {(f.account, f.state) for f in found if f.channel == "connected-apps"} == {
        ("*", ABSENT),
        (GMAIL, ABSENT),
    }
    assert {(f.account, f.state) for f in found if f.channel == "widgets"} == {("*", ABSENT)}


def test_every_decided_channel_has_a_flow_for_the_profile() -> None:
    found = flows([policy()], WORK)
    assert [f.channel for f in found] == list(decided_channels(Platform.ANDROID))
    assert {f.account for f in found} == {"*"}


def test_bases_and_reasons() -> None:
    newer = flow("handoff", [HANDOFF], context(android="16"))
    assert newer.reason == (
        "crossDevicePolicies.taskContinuityHandoff works from Android 17 QPR1 on only."
    )
    absent = flow("paste", [policy()], FULLY)
    assert (absent.basis, absent.reason) == (
        Basis.NONE,
        "There is no personal profile on this device.",
    )
    missing = flow("usb-storage", [policy()], WORK)
    assert missing.reason == "No field controls it in this management mode."
    follows = flow("cross-profile-app-functions", [policy()], WORK)
    assert follows.reason == "No field says otherwise, so it follows app-functions."
    types = flow("account-changes", [policy(accountTypesWithManagementDisabled=["a"])], WORK)
    assert types.reason == "It names some account types only."
    assert types.controls == (FieldControl("accountTypesWithManagementDisabled", ("a",)),)


HANDOFF = policy(
    crossDevicePolicies={"taskContinuityHandoff": "TASK_CONTINUITY_HANDOFF_DISALLOWED"}
)


def test_what_google_reads_in_another_spelling_is_read() -> None:
    spelt = policy(
        cross_profile_policies={"cross_profile_copy_paste": "CROSS_PROFILE_COPY_PASTE_ALLOWED"},
        screen_capture_disabled=True,
    )
    assert flow("paste", [spelt], context()).state is State.OPEN
    assert flow("screen-capture", [spelt], context()).state is State.CLOSED


def test_an_app_alone_is_read_as_the_entry_that_it_is() -> None:
    alone = {
        "packageName": "org.example.mail",
        "workProfileWidgets": "WORK_PROFILE_WIDGETS_ALLOWED",
    }
    entry = {"applications": [alone]}
    one, other = (flows([AndroidPolicy("a", content)], context()) for content in (alone, entry))
    assert one == other
    assert ("org.example.mail", "widgets") in {(flow.account, flow.channel) for flow in one}
