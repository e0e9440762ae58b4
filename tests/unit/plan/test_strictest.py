"""Two accounts on one device where the strictest wins: what each of them is told."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import android, ios, pair, rows_of
from tests.unit.plan.tables import android_table, found_for, ios_table

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
    accounts = pair("contained", "open")[::order]

    assert found_for(STRICTEST, rows_of(target, *accounts, of="press")) == STRICTEST
    staff = rows_of(target, *accounts, of="staff")
    assert staff["open-in"].verdict == staff["move-message"].verdict == "enforced"


def test_dependencies_are_worked_out_after_the_strictest_won() -> None:
    """What one account denies in vain has an effect once the other closes open-in."""
    staff, press = pair(
        "contained", "open", {"open-in": "leave", "paste": "deny"}, {"open-in": "deny"}
    )
    alone = rows_of(ios("device"), staff)
    together = rows_of(ios("device", conflicts="strictest"), staff, press)

    assert (alone["paste"].state, together["paste"].state) == ("open", "closed")
    assert together["paste"].verdict == "enforced"


def test_what_the_other_account_left_says_so() -> None:
    staff, press = pair("sealed", "contained")
    table = ios_table("""
    handoff | closed device left other-account | allowActivityContinuation=false
    airdrop | closed device enforced | allowAirDrop=false
    """)
    rows = rows_of(ios("supervised"), staff, press, of="press")

    assert found_for(table, rows) == table


def test_the_strictest_on_android() -> None:
    staff, press = pair("sealed", "open")
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
