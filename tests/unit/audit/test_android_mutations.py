"""From files that close everything, one setting at a time is removed or flipped.

The channel that the setting controls must change, unless something else holds it, and no channel
may change that does not rest on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from profilegen.audit.document import AndroidPolicy
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Mode, Platform, State
from tests.unit.audit.mutations import REMOVE, Mutation, check, has, put, states
from tests.unit.audit.samples import context

GMAIL = "com.google.android.gm"
CONTACTS = "SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE"


def sealed_policy(mode: Mode) -> dict[str, Any]:
    """Return a policy that closes all it can; both radios stand in it, each mode reads its own."""
    app = {
        "packageName": GMAIL,
        "connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED",
        "workProfileWidgets": "WORK_PROFILE_WIDGETS_DISALLOWED",
    }
    fields: dict[str, Any] = {
        "applications": [app],
        "appFunctions": "APP_FUNCTIONS_DISALLOWED",
        "assistContentPolicy": "ASSIST_CONTENT_DISALLOWED",
        "autofillPolicy": "AUTOFILL_DISABLED",
        "backupService": "BACKUP_SERVICE_DISABLED",
        "bluetoothContactSharingDisabled": True,
        "crossDevicePolicies": {
            "nearbyAppStreaming": "NEARBY_APP_STREAMING_DISABLED",
            "nearbyNotificationStreaming": "NEARBY_NOTIFICATION_STREAMING_DISABLED",
            "taskContinuityHandoff": "TASK_CONTINUITY_HANDOFF_DISALLOWED",
        },
        "crossProfilePolicies": {
            "crossProfileAppFunctions": "CROSS_PROFILE_APP_FUNCTIONS_DISALLOWED",
            "crossProfileCopyPaste": "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED",
            "crossProfileDataSharing": "CROSS_PROFILE_DATA_SHARING_DISALLOWED",
            "showWorkContactsInPersonalProfile": f"{CONTACTS}_DISALLOWED",
            "workProfileWidgetsDefault": "WORK_PROFILE_WIDGETS_DEFAULT_DISALLOWED",
        },
        "deviceConnectivityManagement": {
            "bluetoothSharing": "BLUETOOTH_SHARING_DISALLOWED",
            "usbDataAccess": "DISALLOW_USB_FILE_TRANSFER",
        },
        "keyguardDisabledFeatures": ["UNREDACTED_NOTIFICATIONS"],
        "modifyAccountsDisabled": True,
        "mountPhysicalMediaDisabled": True,
        "outgoingBeamDisabled": True,
        "permittedAccessibilityServices": {"packageNames": []},
        "permittedInputMethods": {"packageNames": []},
        "printingPolicy": "PRINTING_DISALLOWED",
        "screenCaptureDisabled": True,
    }
    if mode is Mode.COMPANY_OWNED:
        fields["personalUsagePolicies"] = {
            "bluetoothSharing": "BLUETOOTH_SHARING_DISALLOWED",
            "crossDevicePolicies": {"taskContinuityHandoff": "TASK_CONTINUITY_HANDOFF_DISALLOWED"},
            "privateSpacePolicy": "PRIVATE_SPACE_DISALLOWED",
            "screenCaptureDisabled": True,
        }
    return fields


CLOSED_IN_EVERY_MODE = set(decided_channels(Platform.ANDROID)) - {
    "paste-from",
    "usb-storage",
    "device-backup",
    "private-space",
}
CLOSED_IN_MODE = {
    Mode.WORK_PROFILE: CLOSED_IN_EVERY_MODE,
    Mode.COMPANY_OWNED: CLOSED_IN_EVERY_MODE | {"usb-storage", "private-space"},
    Mode.FULLY_MANAGED: {
        channel.id
        for channel in decided_channels(Platform.ANDROID).values()
        if not channel.absent_on
    },
}
PERSONAL_SIDE = {
    "personalUsagePolicies.bluetoothSharing",
    "personalUsagePolicies.crossDevicePolicies.taskContinuityHandoff",
    "personalUsagePolicies.screenCaptureDisabled",
}
# What silence closes on a work profile, on a company-owned device and on a fully managed one.
SILENT_WORK = {
    "applications[].connectedWorkAndPersonalApp",
    "applications[].workProfileWidgets",
    "crossProfilePolicies.crossProfileCopyPaste",
    "crossProfilePolicies.workProfileWidgetsDefault",
    "deviceConnectivityManagement.bluetoothSharing",
    # It follows appFunctions, which the sample closes.
    "crossProfilePolicies.crossProfileAppFunctions",
}
SILENT = {
    Mode.WORK_PROFILE: SILENT_WORK,
    Mode.COMPANY_OWNED: SILENT_WORK | {"deviceConnectivityManagement.usbDataAccess"},
    Mode.FULLY_MANAGED: {"deviceConnectivityManagement.usbDataAccess", "backupService"},
}


@pytest.mark.parametrize("mode", list(Mode))
def test_the_sealed_policy_closes_all_that_can_be_closed(mode: Mode) -> None:
    found = states([AndroidPolicy("sealed.json", sealed_policy(mode))], context(mode=mode))
    assert {channel for (_, channel), state in found.items() if state is State.CLOSED} == (
        CLOSED_IN_MODE[mode]
    )


def mutations_of(mode: Mode) -> Iterator[Mutation]:
    sealed = sealed_policy(mode)
    controlled: dict[str, set[str]] = {}
    opening: dict[str, object] = {}
    for channel in decided_channels(Platform.ANDROID).values():
        for field in channel.fields:
            path = field.path.removesuffix("[]")
            if mode in field.modes and field.writable and has(*place(sealed, path)):
                controlled.setdefault(path, set()).add(channel.id)
                # Of the one field that serves two channels the first has the value that opens both.
                opening.setdefault(path, field.open)
    for path, channels in controlled.items():
        yield Mutation(mode, path, frozenset(channels), REMOVE)
        if opening[path] is not None:
            yield Mutation(mode, path, frozenset(channels), opening[path])


def place(fields: dict[str, Any], path: str) -> tuple[dict[str, Any], list[str]]:
    entry = path.removeprefix("applications[].")
    inside: dict[str, Any] = fields if entry == path else fields["applications"][0]
    return inside, entry.split(".")


@pytest.mark.parametrize(
    "mutation", [mutation for mode in Mode for mutation in mutations_of(mode)], ids=str
)
def test_each_field_changes_its_own_channels_only(mutation: Mutation) -> None:
    mode = Mode(mutation.kind)
    where = context(mode=mode)
    before = states([AndroidPolicy("sealed.json", sealed_policy(mode))], where)
    fields = sealed_policy(mode)
    put(*place(fields, mutation.path), mutation.value)
    after = states([AndroidPolicy("sealed.json", fields)], where)
    if mutation.value is REMOVE and "open-in" in mutation.channels:
        # Silence keeps the way out closed and opens the way in.
        mutation = Mutation(mode, mutation.path, frozenset({"open-in-from"}), REMOVE)
    held = mutation.path in PERSONAL_SIDE or (
        mutation.value is REMOVE and mutation.path in SILENT[mode]
    )
    check(before, after, mutation, platform=Platform.ANDROID, held=held)
