"""Random policies that are valid: what a policy file may hold, as values ready for JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from profilegen.catalogue.apps import APPLE_MAIL, mail_apps
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Enrollment, Mode, Platform, Preset
from profilegen.policy.schema import channel_ids

Table = dict[str, Any]

# The simplest value stands first everywhere: hypothesis shrinks towards it.
INTENTS = ("deny", "allow", "leave")
SHARINGS = ("contained", "open", "sealed")
SERVICES = ("exchange", "imap", "google")
IOS_VERSIONS = ("17", "15", "15.4", "16", "16.4", "17.4", "18", "18.2", "26", "26.4", "27", "28")
ANDROID_VERSIONS = ("13", "9", "10", "11", "12", "14", "15", "16", "17", "17 QPR1", "17 QPR2", "18")
CLIENTS = {
    platform: tuple(app.id for app in mail_apps().values() if app.id_on(platform))
    for platform in Platform
}
IOS_CLIENTS = (APPLE_MAIL, *CLIENTS[Platform.IOS])
ORGANIZATION = {
    "name": "Northwind Traders",
    "identifier": "com.northwindtraders.mail",
    "contact": "IT Service Desk",
}
SERVERS: Mapping[str, Table] = {
    "exchange": {"host": "mail.example.com", "oauth": True},
    "imap": {"incoming": {"host": "imap.example.com"}, "outgoing": {"host": "smtp.example.com"}},
}
BLOCKED_APPS: tuple[Table, ...] = (
    {
        "name": "TikTok",
        "ios": ["com.zhiliaoapp.musically"],
        "android": ["com.zhiliaoapp.musically", "com.ss.android.ugc.trill"],
        "because": "It read the clipboard of other apps.",
    },
    {"name": "Chess", "ios": "com.example.chess", "because": "It is too good."},
    {"name": "Paint", "android": "com.example.paint", "because": "It copies screens."},
)
DAYS = ("2020-01-01", "2999-12-31")
DOMAINS = (
    {"mail": ["example.com"]},
    {"web": ["*.example.com"]},
    {"mail": ["example.com", "example.org"], "web": ["example.com"]},
)
_BOUNDARY = tuple(
    dict.fromkeys(
        channel.id
        for platform in Platform
        for channel in decided_channels(platform).values()
        if channel.preset is Preset.BOUNDARY
    )
)
# Channels of the boundary come more often than the many others.
_EXCEPTIONS = st.dictionaries(
    st.sampled_from(_BOUNDARY) | st.sampled_from(channel_ids()),
    st.sampled_from(INTENTS),
    max_size=6,
)


@st.composite
def policies(draw: st.DrawFn) -> Table:
    """Draw a policy that loads; `as_file` turns it into the bytes of a file."""
    accounts = [
        draw(accounts_named(f"account-{number}")) for number in range(draw(st.integers(1, 4)))
    ]
    targets = [
        draw(targets_named(f"target-{number}", accounts))
        for number in range(draw(st.integers(1, 3)))
    ]
    policy: Table = {
        "policy": 1,
        "organization": ORGANIZATION,
        "accounts": accounts,
        "targets": targets,
    }
    blocked = draw(st.lists(st.sampled_from(BLOCKED_APPS), max_size=3, unique_by=_name))
    if blocked:
        starts = draw(st.none() | st.sampled_from(DAYS))
        dated = [app | ({"from": starts} if starts else {}) for app in blocked]
        policy["apps"] = {"blocked": dated}
    domains = draw(st.none() | st.sampled_from(DOMAINS))
    if domains:
        policy["domains"] = domains
    return policy


@st.composite
def accounts_named(draw: st.DrawFn, account_id: str) -> Table:
    """Draw an account of any service, sharing, client and set of exceptions."""
    service = draw(st.sampled_from(SERVICES))
    account: Table = {
        "id": account_id,
        "service": service,
        "address": f"{account_id}@example.com",
        "sharing": draw(st.sampled_from(SHARINGS)),
    }
    if service in SERVERS:
        account["server"] = SERVERS[service]
    ios = draw(st.sampled_from(IOS_CLIENTS))
    android = draw(st.sampled_from(CLIENTS[Platform.ANDROID]))
    account["client"] = {"ios": ios, "android": android}
    channels = draw(_EXCEPTIONS)
    if channels:
        account["channels"] = channels
    if service == "exchange" and draw(st.booleans()):
        account["sync"] = {"notes": False, "days": draw(st.sampled_from((7, 0, 31)))}
    return account


@st.composite
def targets_named(draw: st.DrawFn, target_id: str, accounts: list[Table]) -> Table:
    """Draw a target of either platform with one to four of `accounts`, in any order.

    A manual iOS target gets no google accounts; where only those exist it is a device target.
    """
    platform = draw(st.sampled_from(tuple(Platform)))
    target: Table = {"id": target_id, "platform": str(platform)}
    usable = accounts
    if platform is Platform.IOS:
        enrollment = draw(st.sampled_from(tuple(Enrollment)))
        if enrollment is Enrollment.MANUAL:
            usable = [account for account in accounts if account["service"] != "google"]
        target["enrollment"] = str(enrollment if usable else Enrollment.DEVICE)
        target["minimum_os"] = draw(st.sampled_from(IOS_VERSIONS))
        if draw(st.booleans()):
            target["declarations"] = True
    else:
        target["mode"] = str(draw(st.sampled_from(tuple(Mode))))
        target["minimum_os"] = draw(st.sampled_from(ANDROID_VERSIONS))
    ids = [account["id"] for account in usable or accounts]
    target["accounts"] = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    if draw(st.booleans()):
        target["conflicts"] = "strictest"
    return target


def strictest(policy: Table) -> Table:
    """Return `policy` with `conflicts: strictest` on every target, so that it has a plan."""
    targets = [target | {"conflicts": "strictest"} for target in policy["targets"]]
    return policy | {"targets": targets}


def as_file(policy: Table) -> bytes:
    """Return `policy` as the bytes of a policy file: JSON is YAML."""
    return json.dumps(policy).encode()


def _name(app: Table) -> str:
    return str(app["name"])
