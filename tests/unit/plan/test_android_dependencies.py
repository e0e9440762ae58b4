"""Fields on Android that serve two channels, rest on another one, or belong to one app."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, android, rows_of
from tests.unit.plan.tables import android_table, found_for

CLOSED = "closed device enforced"
SHARING = "CROSS.crossProfileDataSharing"
CONNECTED = "GMAIL APPS.connectedWorkAndPersonalApp"
BOTH_WAYS = f'{SHARING}="CROSS_PROFILE_DATA_SHARING_DISALLOWED"'
OUTWARD = f'{SHARING}="DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED"'


def _check(
    target: dict[str, object], sharing: str, channels: dict[str, str], expected: str
) -> None:
    rows = rows_of(target, account(sharing, channels=channels))
    table = android_table(expected)

    assert found_for(table, rows) == table


@pytest.mark.parametrize(
    ("sharing", "channels", "expected"),
    [
        (
            "contained",
            {"open-in-from": "deny"},
            f"""
            open-in      | {CLOSED} | {BOTH_WAYS}
            open-in-from | {CLOSED} | {BOTH_WAYS}
            """,
        ),
        (
            "sealed",
            {"open-in": "deny", "open-in-from": "deny"},
            f"""
            open-in      | {CLOSED} | {BOTH_WAYS}
            open-in-from | {CLOSED} | {BOTH_WAYS}
            """,
        ),
        (
            "sealed",
            {"open-in-from": "allow"},
            f"""
            open-in      | {CLOSED} | {OUTWARD}
            open-in-from | open device allowed | {OUTWARD}
            """,
        ),
        (
            "sealed",
            {"open-in-from": "leave"},
            f"""
            open-in      | {CLOSED} | {BOTH_WAYS}
            open-in-from | closed device left depends-on-channel | {BOTH_WAYS}
            """,
        ),
        (
            "open",
            {"open-in-from": "deny"},
            f"""
            open-in      | open device allowed | {SHARING}="CROSS_PROFILE_DATA_SHARING_ALLOWED"
            open-in-from | open default unenforceable depends-on-channel |
            """,
        ),
        (
            "sealed",
            {"open-in": "leave"},
            """
            open-in      | closed default left platform-default |
            open-in-from | open default unenforceable depends-on-channel |
            """,
        ),
        (
            "contained",
            {"open-in": "leave", "open-in-from": "allow"},
            """
            open-in      | closed default left platform-default |
            open-in-from | open default allowed platform-default |
            """,
        ),
    ],
)
@pytest.mark.parametrize("mode", ["work-profile", "company-owned"])
def test_open_in_from(mode: str, sharing: str, channels: dict[str, str], expected: str) -> None:
    _check(android(mode), sharing, channels, expected)


@pytest.mark.parametrize("intent", ["deny", "allow", "leave"])
def test_notification_listeners_cannot_be_opened(intent: str) -> None:
    channels = {"notification-listeners": intent}
    row = rows_of(android("work-profile"), account("open", channels=channels))[
        "notification-listeners"
    ]

    verdicts = {"deny": "enforced", "allow": "overblocked", "leave": "left"}
    assert (row.state, row.verdict) == ("closed", verdicts[intent])
    assert bool(row.controls) is (intent == "deny")


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (
            {"app-functions": "deny", "cross-profile-app-functions": "allow"},
            """
            app-functions | closed device enforced | appFunctions="APP_FUNCTIONS_DISALLOWED"
            cross-profile-app-functions | closed device overblocked depends-on-channel |
            """,
        ),
        (
            {"app-functions": "deny", "cross-profile-app-functions": "leave"},
            "cross-profile-app-functions | closed device left depends-on-channel |",
        ),
        (
            {"app-functions": "allow", "cross-profile-app-functions": "deny"},
            """
            app-functions | open device allowed | appFunctions="APP_FUNCTIONS_ALLOWED"
            cross-profile-app-functions | closed device enforced |
                | | CROSS.crossProfileAppFunctions="CROSS_PROFILE_APP_FUNCTIONS_DISALLOWED"
            """,
        ),
        (
            {"app-functions": "leave", "cross-profile-app-functions": "leave"},
            """
            app-functions | open default left platform-default |
            cross-profile-app-functions | open default left platform-default |
            """,
        ),
    ],
)
def test_app_functions_across_profiles(channels: dict[str, str], expected: str) -> None:
    _check(android("work-profile", "16"), "contained", channels, expected)


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        (
            "deny",
            f'closed app enforced | {CONNECTED}="CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED"',
        ),
        (
            "allow",
            f'open app allowed | {CONNECTED}="CONNECTED_WORK_AND_PERSONAL_APP_ALLOWED"',
        ),
        ("leave", "closed default left platform-default |"),
    ],
)
def test_connected_apps_are_per_app(intent: str, expected: str) -> None:
    staff = account("contained", channels={"connected-apps": intent}, client={"android": "gmail"})
    rows = rows_of(android("work-profile"), staff)
    table = android_table(f"connected-apps | {expected}")

    assert found_for(table, rows) == table
