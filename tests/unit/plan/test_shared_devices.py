"""Two accounts on one device: which of their differences it cannot serve."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.plan.conflicts import ConflictError
from tests.unit.plan.policies import account, android, ios, pair, plan_of, rows_of

Table = dict[str, Any]


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
    return {
        channel
        for message, _ in reports
        for channel in message.split(" conflict on ")[1].split(":")[0].split(", ")
    }


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
    assert _conflicts(target, *pair("contained", "open")[::order]) == expected


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

    assert plan_of(target, *pair(denied, "open", None, leaving)).warnings == ()


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

    accounts = pair("contained", "contained", boundary | first, boundary | second)

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
    assert _conflicts(target, *pair("contained", "contained", first, second)) == expected


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
