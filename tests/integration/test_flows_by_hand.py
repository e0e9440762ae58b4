"""Flows of real files, written down from the facts before the audit was asked.

Each row holds what is not open; everything else must be. Sources: the channel tables of Apple's
schema (release 18.3 and later) and of Google's discovery document, as the catalogue cites them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from profilegen.audit.document import read_document
from profilegen.audit.flows import Flow, flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Enrollment, Mode, Platform, State
from tests.unit.audit.samples import context

PER_ACCOUNT = {"move-message", "app-sheet", "recents-sync", "mail-drop"}
# With open-in closed, what follows it: extensions, drag and drop, Photos, and both contacts keys,
# whose default is closed (Apple: they have no effect while open-in is open).
BEHIND_OPEN_IN = {"open-in", "contacts-read", "contacts-write", "drag-drop", "keyboards", "photos"}
# Google's defaults of a work profile: closed by silence, or open to the same managed account only.
SILENT_WORK_PROFILE = {
    "open-in",
    "paste",
    "connected-apps",
    "widgets",
    "notification-listeners",
    "airdrop",
}
SAME_ACCOUNT = {"screen-mirroring", "nearby-notifications"}
CROSS_PROFILE = {
    "open-in",
    "open-in-from",
    "paste",
    "paste-from",
    "connected-apps",
    "contacts-read",
    "widgets",
    "cross-profile-app-functions",
    "notification-listeners",
    "private-space",
}


@dataclass(frozen=True)
class Apple:
    """A file of the corpus by a part of its name, and what it does under one enrolment."""

    name: str
    enrollment: Enrollment
    closed: Collection[str] = ()
    narrowed: Collection[str] = ()
    account: str = "*"


USER, DEVICE, SUPERVISED, MANUAL = Enrollment

APPLE = [
    # 1. Managed open-in closed, Siri and AirPrint off; no supervision, then with it.
    Apple("profiles/zentralopensource__zentral__test", USER, BEHIND_OPEN_IN | {"siri"}),
    Apple(
        "profiles/zentralopensource__zentral__test",
        DEVICE,
        BEHIND_OPEN_IN | {"siri", "internet-search"},
    ),
    Apple(
        "profiles/zentralopensource__zentral__test",
        SUPERVISED,
        BEHIND_OPEN_IN | {"siri", "internet-search", "printing", "usb-storage", "network-storage"},
        {"password-sharing"},
    ),
    # Nothing says that what a hand-installed profile brings counts as managed.
    Apple(
        "profiles/zentralopensource__zentral__test",
        MANUAL,
        {"siri", "internet-search"},
        BEHIND_OPEN_IN,
    ),
    # 2. The same bytes as a binary property list.
    Apple("derived/derived__bplist__zentral", USER, BEHIND_OPEN_IN | {"siri"}),
    # 3. Managed open-in allowed, AirDrop and account changes off: two keys need supervision.
    Apple("odd/mosen__profiledocs__com.apple.applicationaccess-", DEVICE, {"diagnostics"}),
    Apple(
        "odd/mosen__profiledocs__com.apple.applicationaccess-",
        SUPERVISED,
        {"diagnostics", "airdrop", "account-changes"},
    ),
    # 4. A Google account: Apple gives it no key against moving, app sheet, recents or Mail Drop.
    Apple(
        "odd/mosen__profiledocs__com.apple.google-oauth",
        USER,
        account="com.apple.google-oauth",
    ),
    # 5. Encrypted backups only: harder, not impossible; supervised devices could forbid pairing.
    Apple("profiles/fleetdm__fleet__restrictions", USER, narrowed={"local-backup"}),
    Apple("profiles/fleetdm__fleet__restrictions", SUPERVISED),
    # 6. AirDrop off: ignored without supervision.
    Apple("profiles/rtrouton__profiles__BlockAirDrop", DEVICE),
    Apple("profiles/rtrouton__profiles__BlockAirDrop", SUPERVISED, {"airdrop"}),
    # 7. No summaries of mail on demand; the automatic ones go on, says Apple.
    Apple(
        "profiles/rtrouton__profiles__AppleIntelligenceDisableMailSummary",
        SUPERVISED,
        narrowed={"mail-summary"},
    ),
    Apple("profiles/rtrouton__profiles__AppleIntelligenceDisableMailSummary", USER),
    # 8. iPhone Mirroring off, widgets on a Mac not.
    Apple(
        "profiles/rtrouton__profiles__BlockiPhoneMirroring",
        SUPERVISED,
        narrowed={"phone-mirroring"},
    ),
    # 9. Signing in to ChatGPT off: the integration itself stays, and a key that could close it.
    Apple(
        "profiles/rtrouton__profiles__AppleIntelligenceDisableExternalIntelligenceLogins",
        DEVICE,
    ),
    # 10. Notifications of another app than Mail.
    Apple("profiles/google__santa__notificationsettings", SUPERVISED),
    # 11. A report of Apple Intelligence off.
    Apple(
        "profiles/rtrouton__profiles__AppleIntelligenceDisableAppleIntelligenceReports",
        SUPERVISED,
        {"ai-report"},
    ),
]


@dataclass(frozen=True)
class Google:
    """As `Apple`, for the flows of every account of an Android device."""

    name: str
    mode: Mode
    closed: Collection[str]
    narrowed: Collection[str]
    absent: Collection[str] = ()


ANDROID = [
    # 12. Apps and passwords only: Google's defaults hold.
    Google(
        "android/google-docs__personally-owned-work-profile",
        Mode.WORK_PROFILE,
        SILENT_WORK_PROFILE,
        SAME_ACCOUNT,
    ),
    # 13. A fully managed device has no personal profile; only backup is closed by silence, and of
    # USB the cable but not the stick.
    Google(
        "android/google-samples__web_apps-9",
        Mode.FULLY_MANAGED,
        {"device-backup"},
        SAME_ACCOUNT | {"usb-storage"},
        CROSS_PROFILE,
    ),
]


def only(corpus: Path, name: str) -> Path:
    (path,) = corpus.glob(f"{name}*")
    return path


def channels(found: Collection[Flow], state: State) -> set[str]:
    return {flow.channel for flow in found if flow.state is state}


@pytest.mark.parametrize("row", APPLE, ids=lambda row: f"{row.name}-{row.enrollment}")
def test_apple(row: Apple, corpus: Path) -> None:
    path = only(corpus, row.name)
    found = flows([read_document(path.name, path.read_bytes())], context(row.enrollment))
    missing = PER_ACCOUNT if row.account == "*" else set()
    assert {flow.account for flow in found} == {row.account}
    assert channels(found, State.CLOSED) == set(row.closed)
    assert channels(found, State.NARROWED) == set(row.narrowed)
    others = set(decided_channels(Platform.IOS)) - missing - set(row.closed) - set(row.narrowed)
    assert channels(found, State.OPEN) == others


@pytest.mark.parametrize("row", ANDROID, ids=lambda row: f"{row.name}-{row.mode}")
def test_android(row: Google, corpus: Path) -> None:
    path = only(corpus, row.name)
    where = context(mode=row.mode)
    everything = flows([read_document(path.name, path.read_bytes())], where)
    found = [flow for flow in everything if flow.account == "*"]
    assert channels(found, State.CLOSED) == set(row.closed)
    assert channels(found, State.NARROWED) == set(row.narrowed)
    assert channels(found, State.ABSENT) == set(row.absent)
    said = {*row.closed, *row.narrowed, *row.absent}
    assert channels(found, State.OPEN) == set(decided_channels(Platform.ANDROID)) - said
