"""Two accounts on one device: what they cannot both have, and what follows when deny wins."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.plan.conflicts import ConflictError
from tests.unit.plan.policies import account, android, ios, plan_of, rows_of
from tests.unit.plan.tables import android_table, found_for, ios_table

Table = dict[str, Any]


def _pair(
    first: str,
    second: str,
    channels_of_first: dict[str, str] | None = None,
    channels_of_second: dict[str, str] | None = None,
) -> tuple[Table, Table]:
    return (
        account(first, name="staff", channels=channels_of_first),
        account(second, name="press", channels=channels_of_second, client={"android": "gmail"}),
    )


def _conflicts(target: Table, *accounts: Table) -> set[str]:
    """Return the channels of all reported conflicts; every report names both accounts."""
    with pytest.raises(ConflictError) as caught:
        plan_of(target, *accounts)
    assert caught.value.exit_code == 3
    reports = caught.value.reports()
    for message, hint in reports:
        assert "staff" in message
        assert "press" in message
        assert "strictest" in hint
    return {message.split(" conflict on ")[1].split(":")[0] for message, _ in reports}


IOS_BOUNDARY = {
    "open-in",
    "paste",
    "airdrop",
    "contacts-read",
    "contacts-write",
    "managed-cloud-sync",
    "book-sync",
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (ios("supervised"), IOS_BOUNDARY),
        (ios("device"), IOS_BOUNDARY),
        (ios("user"), IOS_BOUNDARY - {"contacts-write"}),
        (ios("manual"), IOS_BOUNDARY - {"contacts-read", "contacts-write"}),
        (
            android("work-profile"),
            {
                "open-in",
                "paste",
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
                "notification-preview",
            },
        ),
        (
            android("fully-managed"),
            {
                "bluetooth-contacts",
                "app-functions",
                "screen-capture",
                "assistant",
                "printing",
                "airdrop",
                "screen-mirroring",
                "nearby-notifications",
                "handoff",
                "notification-preview",
            },
        ),
    ],
    ids=["supervised", "device", "user", "manual", "work-profile", "fully-managed"],
)
@pytest.mark.parametrize("order", [1, -1])
def test_contained_and_open_conflict(target: Table, expected: set[str], order: int) -> None:
    assert _conflicts(target, *_pair("contained", "open")[::order]) == expected


@pytest.mark.parametrize("denied", ["contained", "sealed"])
@pytest.mark.parametrize("target", [ios("supervised"), android("company-owned")])
def test_leave_conflicts_with_nothing(target: Table, denied: str) -> None:
    boundary = (
        "open-in paste airdrop contacts-read contacts-write managed-cloud-sync book-sync "
        "connected-apps bluetooth-contacts widgets app-functions cross-profile-app-functions "
        "screen-capture assistant printing screen-mirroring nearby-notifications handoff "
        "notification-listeners notification-preview move-message app-sheet recents-sync mail-drop"
    )
    leaving = dict.fromkeys(boundary.split(), "leave")

    assert plan_of(target, *_pair(denied, "open", None, leaving)).warnings == ()


@pytest.mark.parametrize(
    ("target", "first", "second"),
    [
        pytest.param(
            ios("user"), {"handoff": "deny"}, {"handoff": "allow"}, id="a key it cannot use"
        ),
        pytest.param(
            ios("user"),
            {"open-in": "allow", "paste": "deny"},
            {"open-in": "allow", "paste": "allow"},
            id="paste while open-in is open",
        ),
        pytest.param(
            ios("user"),
            {"move-message": "deny", "mail-drop": "deny"},
            {"move-message": "allow", "mail-drop": "allow"},
            id="keys of each account's payload",
        ),
        pytest.param(
            ios("supervised"),
            {"recipients": "deny", "drag-drop": "deny"},
            {"recipients": "allow", "drag-drop": "allow"},
            id="channels without a key",
        ),
        pytest.param(
            ios("supervised", "27"),
            {"calendar-ai": "deny"},
            {"calendar-ai": "allow"},
            id="a declaration that is not asked for",
        ),
        pytest.param(
            android("work-profile"),
            {"connected-apps": "deny", "usb-storage": "deny", "paste-from": "deny"},
            {"connected-apps": "allow", "usb-storage": "allow", "paste-from": "allow"},
            id="other apps, and fields that do not act in this mode",
        ),
        pytest.param(
            android("fully-managed"),
            {"open-in": "deny", "paste": "deny", "private-space": "deny"},
            {"open-in": "allow", "paste": "allow", "private-space": "allow"},
            id="channels that do not exist there",
        ),
        pytest.param(
            android("work-profile"),
            {"open-in-from": "deny", "open-in": "leave"},
            {"open-in-from": "allow", "open-in": "leave"},
            id="inbound sharing while the outward direction is left",
        ),
    ],
)
def test_differences_that_are_no_conflict(
    target: Table, first: dict[str, str], second: dict[str, str]
) -> None:
    boundary = dict.fromkeys(
        (
            "open-in",
            "paste",
            "airdrop",
            "contacts-read",
            "contacts-write",
            "managed-cloud-sync",
            "book-sync",
        ),
        "leave",
    )

    accounts = _pair("contained", "contained", boundary | first, boundary | second)

    assert plan_of(target, *accounts).warnings == ()


@pytest.mark.parametrize(
    ("target", "first", "second", "expected"),
    [
        pytest.param(
            ios("user"),
            {"open-in": "leave", "paste": "deny"},
            {"open-in": "deny", "paste": "allow"},
            {"paste"},
            id="the other account closes what paste needs",
        ),
        pytest.param(
            ios("device"), {"handoff": "deny"}, {"handoff": "allow"}, {"handoff"}, id="handoff"
        ),
        pytest.param(
            ios("supervised", "27", declarations=True),
            {"calendar-ai": "deny"},
            {"calendar-ai": "allow"},
            {"calendar-ai"},
            id="a declaration that is asked for",
        ),
        pytest.param(
            android("work-profile"),
            {"open-in-from": "deny"},
            {"open-in-from": "allow"},
            {"open-in-from"},
            id="inbound sharing while the outward direction is denied",
        ),
    ],
)
def test_conflicts_are_asked_with_everything_else_merged(
    target: Table, first: dict[str, str], second: dict[str, str], expected: set[str]
) -> None:
    assert _conflicts(target, *_pair("contained", "contained", first, second)) == expected


@pytest.mark.parametrize(("app", "conflicts"), [("outlook", True), ("gmail", False)])
def test_connected_apps_conflict_inside_one_app_only(app: str, *, conflicts: bool) -> None:
    staff = account("contained", channels={"connected-apps": "deny"})
    press = account(
        "contained", name="press", channels={"connected-apps": "allow"}, client={"android": app}
    )
    target = android("work-profile")

    if conflicts:
        assert _conflicts(target, staff, press) == {"connected-apps"}
    else:
        rows = rows_of(target, staff, press, of="press")
        assert (rows["connected-apps"].state, rows["connected-apps"].verdict) == ("open", "allowed")
        assert rows_of(target, staff, press)["connected-apps"].state == "closed"


STRICTEST = ios_table("""
open-in            | closed device overblocked other-account | allowOpenFromManagedToUnmanaged=false
paste              | closed device overblocked other-account | requireManagedPasteboard=true
airdrop            | closed device overblocked other-account | forceAirDropUnmanaged=true
contacts-read      | closed device overblocked other-account |
                   | | allowUnmanagedToReadManagedContacts=false
contacts-write     | closed device overblocked other-account |
                   | | allowManagedToWriteUnmanagedContacts=false
managed-cloud-sync | closed device overblocked other-account | allowManagedAppsCloudSync=false
book-sync          | closed device overblocked other-account | allowEnterpriseBookBackup=false
                   | | allowEnterpriseBookMetadataSync=false
move-message       | open account allowed | EAS PreventMove=false
mail-drop          | open account allowed | EAS allowMailDrop=true
drag-drop          | closed device left depends-on-channel |
handoff            | open default left platform-default |
""")


@pytest.mark.parametrize("order", [1, -1])
def test_the_strictest_wins(order: int) -> None:
    target = ios("device", conflicts="strictest")
    accounts = _pair("contained", "open")[::order]

    assert found_for(STRICTEST, rows_of(target, *accounts, of="press")) == STRICTEST
    staff = rows_of(target, *accounts, of="staff")
    assert staff["open-in"].verdict == staff["move-message"].verdict == "enforced"


def test_dependencies_are_worked_out_after_the_strictest_won() -> None:
    """What one account denies in vain has an effect once the other closes open-in."""
    staff, press = _pair(
        "contained", "open", {"open-in": "leave", "paste": "deny"}, {"open-in": "deny"}
    )
    alone = rows_of(ios("device"), staff)
    together = rows_of(ios("device", conflicts="strictest"), staff, press)

    assert (alone["paste"].state, together["paste"].state) == ("open", "closed")
    assert together["paste"].verdict == "enforced"


def test_what_the_other_account_left_says_so() -> None:
    staff, press = _pair("sealed", "contained")
    table = ios_table("""
    handoff | closed device left other-account | allowActivityContinuation=false
    airdrop | closed device enforced | allowAirDrop=false
    """)
    rows = rows_of(ios("supervised"), staff, press, of="press")

    assert found_for(table, rows) == table


def test_the_strictest_on_android() -> None:
    staff, press = _pair("sealed", "open")
    table = android_table("""
    open-in        | closed device overblocked other-account |
    | | CROSS.crossProfileDataSharing="CROSS_PROFILE_DATA_SHARING_DISALLOWED"
    contacts-read  | closed device overblocked other-account |
    | | CROSS.showWorkContactsInPersonalProfile="SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE_DISALLOWED"
    connected-apps | closed default left platform-default |
    """)
    target = android("work-profile", conflicts="strictest")
    rows = rows_of(target, staff, press, of="press")

    assert found_for(table, rows) == table
