"""Controls on iOS that mean something only together with managed open-in."""

from __future__ import annotations

import pytest

from tests.unit.plan.policies import WEB_DOMAINS, account, ios, rows_of
from tests.unit.plan.tables import found_for, ios_table

KEY = "requireManagedPasteboard"


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        pytest.param(
            {"open-in": "allow"},
            """
            paste      | open default unenforceable depends-on-channel |
            paste-from | open default left depends-on-channel |
            """,
            id="its boundary is open",
        ),
        pytest.param(
            {"open-in": "leave"},
            "paste | open default unenforceable depends-on-channel |",
            id="its boundary is left",
        ),
        pytest.param(
            {"open-in": "allow", "open-in-from": "deny"},
            "paste | open default unenforceable depends-on-channel |",
            id="the boundary of the other direction is no help",
        ),
        pytest.param(
            {"paste": "leave", "open-in-from": "deny", "paste-from": "deny"},
            f"""
            paste      | closed device left depends-on-channel | {KEY}=true
            paste-from | closed device enforced | {KEY}=true
            """,
            id="the key written for paste-from closes paste too",
        ),
        pytest.param(
            {"paste": "allow", "open-in-from": "deny", "paste-from": "deny"},
            f"""
            paste      | closed device overblocked depends-on-channel | {KEY}=true
            paste-from | closed device enforced | {KEY}=true
            """,
            id="allowed and closed by the other direction",
        ),
        pytest.param(
            {"open-in": "allow", "paste": "allow", "open-in-from": "deny", "paste-from": "deny"},
            f"""
            paste      | open default allowed depends-on-channel |
            paste-from | closed device enforced | {KEY}=true
            """,
            id="only the inbound boundary is closed",
        ),
        pytest.param(
            {"open-in-from": "deny"},
            f"""
            paste      | closed device enforced | {KEY}=true
            paste-from | closed device left depends-on-channel | {KEY}=true
            """,
            id="the key written for paste closes paste-from too",
        ),
        pytest.param(
            {"open-in-from": "allow", "paste-from": "deny"},
            f"""
            paste      | closed device enforced | {KEY}=true
            paste-from | open default unenforceable depends-on-channel |
            """,
            id="paste-from is closed only if open-in-from is too",
        ),
        pytest.param(
            {"paste": "allow"},
            f"paste | open device allowed | {KEY}=false",
            id="allowed while the boundary is closed",
        ),
        pytest.param(
            {"paste": "leave"},
            "paste | open default left platform-default |",
            id="nobody asks",
        ),
        pytest.param(
            {"paste": "allow", "paste-from": "deny"},
            f"""
            paste      | open device allowed | {KEY}=false
            paste-from | open default unenforceable depends-on-channel |
            """,
            id="a denied direction without its boundary does not write the key",
        ),
    ],
)
@pytest.mark.parametrize("enrollment", ["user", "supervised"])
def test_pasteboard(enrollment: str, channels: dict[str, str], expected: str) -> None:
    rows = rows_of(ios(enrollment), account("contained", channels=channels))
    table = ios_table(expected)

    assert found_for(table, rows) == table


@pytest.mark.parametrize("open_in", ["allow", "leave"])
@pytest.mark.parametrize("enrollment", ["user", "device", "manual"])
def test_nothing_is_written_that_an_open_boundary_voids(enrollment: str, open_in: str) -> None:
    rows = rows_of(ios(enrollment), account("contained", channels={"open-in": open_in}))
    table = ios_table("""
    paste         | open default unenforceable depends-on-channel |
    airdrop       | open default unenforceable depends-on-channel |
    contacts-read | open default unenforceable depends-on-channel |
    contacts-write | open default unenforceable depends-on-channel |
    """)

    assert found_for(table, rows) == table


@pytest.mark.parametrize(
    ("enrollment", "sharing", "channels", "expected"),
    [
        ("device", "open", {"airdrop": "deny"}, "open default unenforceable depends-on-channel |"),
        ("supervised", "open", {"airdrop": "deny"}, "closed device enforced | allowAirDrop=false"),
        ("supervised", "contained", {}, "closed device enforced | forceAirDropUnmanaged=true"),
        ("supervised", "sealed", {}, "closed device enforced | allowAirDrop=false"),
        (
            "supervised",
            "sealed",
            {"airdrop": "deny"},
            "closed device enforced | allowAirDrop=false",
        ),
        (
            "supervised",
            "sealed",
            {"open-in": "allow"},
            "closed device enforced | allowAirDrop=false",
        ),
        ("device", "sealed", {}, "closed device enforced | forceAirDropUnmanaged=true"),
        (
            "device",
            "sealed",
            {"open-in": "allow"},
            "open default unenforceable depends-on-channel |",
        ),
        ("device", "contained", {"airdrop": "leave"}, "open default left platform-default |"),
        (
            "device",
            "contained",
            {"airdrop": "allow"},
            "open device allowed | forceAirDropUnmanaged=false",
        ),
        (
            "supervised",
            "contained",
            {"airdrop": "allow"},
            "open device allowed | forceAirDropUnmanaged=false; allowAirDrop=true",
        ),
    ],
)
def test_soft_and_hard_airdrop_key(
    enrollment: str, sharing: str, channels: dict[str, str], expected: str
) -> None:
    rows = rows_of(ios(enrollment), account(sharing, channels=channels))
    table = ios_table(f"airdrop | {expected}")

    assert found_for(table, rows) == table


@pytest.mark.parametrize(
    ("enrollment", "channels", "expected"),
    [
        (
            "user",
            {"contacts-read": "allow", "contacts-write": "allow"},
            """
            contacts-read  | open device allowed | allowUnmanagedToReadManagedContacts=true
            contacts-write | closed default overblocked forbidden-in-user-enrollment |
            """,
        ),
        (
            "device",
            {"contacts-read": "allow", "contacts-write": "allow"},
            """
            contacts-read  | open device allowed | allowUnmanagedToReadManagedContacts=true
            contacts-write | open device allowed | allowManagedToWriteUnmanagedContacts=true
            """,
        ),
        (
            "device",
            {"contacts-read": "leave", "contacts-write": "leave"},
            """
            contacts-read  | closed default left platform-default |
            contacts-write | closed default left platform-default |
            """,
        ),
        (
            "manual",
            {"contacts-read": "allow", "contacts-write": "leave"},
            """
            contacts-read  | narrowed default overblocked management-unproven |
            contacts-write | narrowed default left management-unproven |
            """,
        ),
    ],
)
def test_contacts(enrollment: str, channels: dict[str, str], expected: str) -> None:
    rows = rows_of(ios(enrollment), account("contained", channels=channels))
    table = ios_table(expected)

    assert found_for(table, rows) == table


@pytest.mark.parametrize("channel", ["drag-drop", "keyboards", "photos"])
@pytest.mark.parametrize(
    ("sharing", "intent", "state", "verdict"),
    [
        ("contained", "deny", "closed", "enforced"),
        ("contained", "allow", "closed", "overblocked"),
        ("contained", "leave", "closed", "left"),
        ("open", "deny", "open", "unenforceable"),
        ("open", "allow", "open", "allowed"),
    ],
)
def test_channels_that_follow_open_in(
    channel: str, sharing: str, intent: str, state: str, verdict: str
) -> None:
    row = rows_of(ios("device"), account(sharing, channels={channel: intent}))[channel]

    assert (row.state, row.verdict, row.reason, row.controls) == (
        state,
        verdict,
        "depends-on-channel",
        (),
    )


@pytest.mark.parametrize("channel", ["drag-drop", "keyboards"])
def test_the_inbound_boundary_alone_closes_no_follower(channel: str) -> None:
    channels = {"open-in": "allow", "open-in-from": "deny"}

    assert rows_of(ios("device"), account("sealed", channels=channels))[channel].state == "open"


@pytest.mark.parametrize(
    ("enrollment", "domains", "channels", "state", "reason"),
    [
        ("device", WEB_DOMAINS, {}, "narrowed", "depends-on-channel"),
        ("supervised", WEB_DOMAINS, {}, "narrowed", "depends-on-channel"),
        ("manual", WEB_DOMAINS, {}, "narrowed", "depends-on-channel"),
        ("user", WEB_DOMAINS, {}, "open", "forbidden-in-user-enrollment"),
        ("device", {"mail": ["example.com"]}, {}, "open", "no-control"),
        ("device", None, {}, "open", "no-control"),
        ("device", WEB_DOMAINS, {"open-in": "allow"}, "open", "depends-on-channel"),
        ("device", WEB_DOMAINS, {"open-in": "leave"}, "open", "depends-on-channel"),
    ],
)
def test_web_downloads_follow_the_file(
    enrollment: str,
    domains: dict[str, list[str]] | None,
    channels: dict[str, str],
    state: str,
    reason: str,
) -> None:
    rest = {} if domains is None else {"domains": domains}
    row = rows_of(ios(enrollment), account("sealed", channels=channels), rest=rest)["web-downloads"]

    assert (row.state, row.reason) == (state, reason)
    assert row.verdict == ("partial" if state == "narrowed" else "unenforceable")


@pytest.mark.parametrize(("intent", "verdict"), [("leave", "left"), ("allow", "overblocked")])
def test_web_downloads_do_not_ask_the_intent(intent: str, verdict: str) -> None:
    rows = rows_of(
        ios("device"),
        account("contained", channels={"web-downloads": intent}),
        rest={"domains": WEB_DOMAINS},
    )

    assert (rows["web-downloads"].state, rows["web-downloads"].verdict) == ("narrowed", verdict)
