"""What contained and open accounts get on iOS: the boundary, and nothing else."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import account, document_of, ios, rows_of
from tests.unit.plan.tables import Rows, found_for, ios_table

BOUNDARY = frozenset(
    {
        "open-in",
        "paste",
        "airdrop",
        "contacts-read",
        "contacts-write",
        "move-message",
        "app-sheet",
        "recents-sync",
        "mail-drop",
        "managed-cloud-sync",
        "book-sync",
    }
)

CONTAINED = ios_table("""
open-in            | closed device enforced | allowOpenFromManagedToUnmanaged=false
paste              | closed device enforced | requireManagedPasteboard=true
airdrop            | closed device enforced | forceAirDropUnmanaged=true
contacts-read      | closed device enforced | allowUnmanagedToReadManagedContacts=false
contacts-write     | closed device enforced | allowManagedToWriteUnmanagedContacts=false
move-message       | closed account enforced | EAS PreventMove=true
app-sheet          | closed account enforced | EAS PreventAppSheet=true
recents-sync       | closed account enforced | EAS disableMailRecentsSyncing=true
mail-drop          | closed account enforced | EAS allowMailDrop=false
managed-cloud-sync | closed device enforced | allowManagedAppsCloudSync=false
book-sync          | closed device enforced | allowEnterpriseBookBackup=false
                   | | allowEnterpriseBookMetadataSync=false
open-in-from       | open default left platform-default |
paste-from         | open default left depends-on-channel |
handoff            | open default left platform-default |
local-backup       | open default left platform-default |
screen-capture     | open default left platform-default |
printing           | open default left platform-default |
drag-drop          | closed device left depends-on-channel |
keyboards          | closed device left depends-on-channel |
photos             | closed device left depends-on-channel |
recipients         | open none left no-control |
""")

CONTAINED_USER = CONTAINED | ios_table("""
contacts-write     | closed default enforced forbidden-in-user-enrollment |
web-downloads      | open default left forbidden-in-user-enrollment |
""")

CONTAINED_MANUAL = CONTAINED | ios_table("""
open-in            | narrowed device partial management-unproven |
                   | | allowOpenFromManagedToUnmanaged=false
paste              | narrowed device partial management-unproven | requireManagedPasteboard=true
airdrop            | narrowed device partial management-unproven | forceAirDropUnmanaged=true
contacts-read      | narrowed default partial management-unproven |
contacts-write     | narrowed default partial management-unproven |
managed-cloud-sync | narrowed device partial management-unproven | allowManagedAppsCloudSync=false
book-sync          | narrowed device partial management-unproven | allowEnterpriseBookBackup=false
                   | | allowEnterpriseBookMetadataSync=false
drag-drop          | narrowed device left depends-on-channel |
keyboards          | narrowed device left depends-on-channel |
photos             | narrowed device left depends-on-channel |
""")

OPEN = ios_table("""
open-in            | open device allowed | allowOpenFromManagedToUnmanaged=true
paste              | open default allowed depends-on-channel |
airdrop            | open default allowed depends-on-channel |
contacts-read      | open default allowed depends-on-channel |
contacts-write     | open default allowed depends-on-channel |
move-message       | open account allowed | EAS PreventMove=false
app-sheet          | open account allowed | EAS PreventAppSheet=false
recents-sync       | open account allowed | EAS disableMailRecentsSyncing=false
mail-drop          | open account allowed | EAS allowMailDrop=true
managed-cloud-sync | open device allowed | allowManagedAppsCloudSync=true
book-sync          | open device allowed | allowEnterpriseBookBackup=true
                   | | allowEnterpriseBookMetadataSync=true
open-in-from       | open default left platform-default |
handoff            | open default left platform-default |
drag-drop          | open device left depends-on-channel |
keyboards          | open device left depends-on-channel |
photos             | open device left depends-on-channel |
recipients         | open none left no-control |
""")

OPEN_SUPERVISED = OPEN | ios_table("airdrop | open device allowed | allowAirDrop=true")


@pytest.mark.parametrize(
    ("sharing", "enrollment", "expected"),
    [
        ("contained", "user", CONTAINED_USER),
        ("contained", "device", CONTAINED),
        ("contained", "supervised", CONTAINED),
        ("contained", "manual", CONTAINED_MANUAL),
        ("open", "user", OPEN),
        ("open", "device", OPEN),
        ("open", "supervised", OPEN_SUPERVISED),
        ("open", "manual", OPEN),
    ],
)
def test_boundary_and_the_rest(sharing: str, enrollment: str, expected: Rows) -> None:
    rows = rows_of(ios(enrollment), account(sharing))

    assert found_for(expected, rows) == expected


@pytest.mark.parametrize("sharing", ["open", "contained"])
@pytest.mark.parametrize("enrollment", ["user", "device", "supervised", "manual"])
def test_what_is_left_writes_nothing(sharing: str, enrollment: str) -> None:
    decisions = document_of(ios(enrollment, "27", declarations=True), account(sharing))["decisions"]
    left = {item["channel"]: item for item in decisions if item["intent"] == "leave"}

    assert len(left) == 60 - len(BOUNDARY)
    assert not BOUNDARY & set(left)
    assert {item["verdict"] for item in left.values()} == {"left"}
    assert not [item for item in left.values() if item["controls"]]


IMAP = ios_table("""
move-message | closed account enforced | MAIL PreventMove=true
app-sheet    | closed account enforced | MAIL PreventAppSheet=true
recents-sync | closed account enforced | MAIL disableMailRecentsSyncing=true
mail-drop    | closed account enforced | MAIL allowMailDrop=false
open-in      | closed device enforced | allowOpenFromManagedToUnmanaged=false
""")

GOOGLE = ios_table("""
move-message | open none unenforceable no-control-for-service |
app-sheet    | open none unenforceable no-control-for-service |
recents-sync | open none unenforceable no-control-for-service |
mail-drop    | open none unenforceable no-control-for-service |
open-in      | closed device enforced | allowOpenFromManagedToUnmanaged=false
""")

OTHER_APP = ios_table("""
move-message | open none unenforceable no-control |
app-sheet    | open none unenforceable no-control |
recents-sync | open none unenforceable no-control |
mail-drop    | open none unenforceable no-control |
paste        | closed device enforced | requireManagedPasteboard=true
open-in      | closed device enforced | allowOpenFromManagedToUnmanaged=false
""")


@pytest.mark.parametrize("enrollment", ["user", "device", "supervised"])
@pytest.mark.parametrize(
    ("service", "client", "expected"),
    [
        ("imap", "mail", IMAP),
        ("google", "mail", GOOGLE),
        ("exchange", "outlook", OTHER_APP),
        ("imap", "gmail", OTHER_APP),
        ("google", "gmail", OTHER_APP),
    ],
)
def test_keys_of_the_account_payload(
    enrollment: str, service: str, client: str, expected: Rows
) -> None:
    rows = rows_of(ios(enrollment), account("contained", service=service, client={"ios": client}))

    assert found_for(expected, rows) == expected


@pytest.mark.parametrize(("sharing", "verdict"), [("open", "allowed"), ("contained", "left")])
def test_an_account_payload_without_the_key_stays_open(sharing: str, verdict: str) -> None:
    channels = None if sharing == "open" else {"mail-drop": "leave"}
    rows = rows_of(ios("device"), account(sharing, service="google", channels=channels))

    assert (rows["mail-drop"].state, rows["mail-drop"].verdict) == ("open", verdict)
    assert rows["mail-drop"].controls == ()


def test_mail_drop_is_closed_by_default() -> None:
    rows = rows_of(ios("device"), account("contained", channels={"mail-drop": "leave"}))
    expected = ios_table("mail-drop | closed default left platform-default |")

    assert found_for(expected, rows) == expected
