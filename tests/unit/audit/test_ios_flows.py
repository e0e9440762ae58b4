from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from profilegen.audit.document import Document
from profilegen.audit.flows import Context, PayloadControl, flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Basis, Enrollment, Platform, State
from tests.unit.audit.samples import (
    EXCHANGE,
    GOOGLE,
    INTELLIGENCE,
    MAIL,
    OUTLOOK,
    RESTRICTIONS,
    SIRI,
    context,
    declaration,
    flow,
    notifications,
    outlook,
    payload,
    policy,
    profile,
    restrictions,
)

CLOSED, NARROWED, OPEN = State.CLOSED, State.NARROWED, State.OPEN
USER = context(Enrollment.USER)
DEVICE = context(Enrollment.DEVICE)
SUPERVISED = context(Enrollment.SUPERVISED)
MANUAL = context(Enrollment.MANUAL)
EVERYWHERE = (USER, DEVICE, SUPERVISED)
BOUNDARY = {"allowOpenFromManagedToUnmanaged": False}
INWARD = {"allowOpenFromUnmanagedToManaged": False}
PER_ACCOUNT = {
    "move-message": {"PreventMove": True},
    "app-sheet": {"PreventAppSheet": True},
    "recents-sync": {"disableMailRecentsSyncing": True},
    "mail-drop": {"allowMailDrop": False},
}


@dataclass(frozen=True)
class Case:
    """Restrictions, and the state that follows for a channel in each context."""

    keys: dict[str, object]
    channel: str
    states: tuple[State, State, State, State]
    """In User Enrollment, enrolled, supervised, installed by hand."""


def restricted(channel: str, states: str, **keys: object) -> Case:
    """Return a case; `states` has one letter for each context."""
    letters = {"c": CLOSED, "n": NARROWED, "o": OPEN}
    user, device, supervised, manual = (letters[letter] for letter in states)
    return Case(keys, channel, (user, device, supervised, manual))


CASES = [
    restricted("open-in", "oooo"),
    restricted("open-in", "cccn", **BOUNDARY),
    restricted("open-in", "oooo", allowOpenFromManagedToUnmanaged=True),
    restricted("open-in-from", "cccn", **INWARD),
    restricted("open-in-from", "oooo", **BOUNDARY),
    # The pasteboard obeys a boundary that is there.
    restricted("paste", "oooo", requireManagedPasteboard=True),
    restricted("paste", "cccn", requireManagedPasteboard=True, **BOUNDARY),
    restricted("paste", "oooo", requireManagedPasteboard=True, **INWARD),
    restricted("paste", "oooo", **BOUNDARY),
    restricted("paste-from", "cccn", requireManagedPasteboard=True, **INWARD),
    restricted("paste-from", "oooo", requireManagedPasteboard=True, **BOUNDARY),
    # Contacts are closed by silence behind the boundary; the keys are exceptions.
    restricted("contacts-read", "oooo"),
    restricted("contacts-read", "cccn", **BOUNDARY),
    restricted("contacts-read", "cccn", allowUnmanagedToReadManagedContacts=False, **BOUNDARY),
    restricted("contacts-read", "ooon", allowUnmanagedToReadManagedContacts=True, **BOUNDARY),
    restricted("contacts-read", "oooo", allowUnmanagedToReadManagedContacts=False),
    restricted("contacts-write", "oooo"),
    restricted("contacts-write", "cccn", **BOUNDARY),
    restricted("contacts-write", "coon", allowManagedToWriteUnmanagedContacts=True, **BOUNDARY),
    # The soft AirDrop key needs the boundary, the hard one needs supervision.
    restricted("airdrop", "oooo", forceAirDropUnmanaged=True),
    restricted("airdrop", "cccn", forceAirDropUnmanaged=True, **BOUNDARY),
    restricted("airdrop", "ooco", allowAirDrop=False),
    restricted("airdrop", "cccn", forceAirDropUnmanaged=True, allowAirDrop=True, **BOUNDARY),
    # What follows open-in.
    restricted("drag-drop", "cccn", **BOUNDARY),
    restricted("keyboards", "cccn", **BOUNDARY),
    restricted("photos", "cccn", **BOUNDARY),
    restricted("photos", "oooo", **INWARD),
    # Management that a hand-installed profile cannot prove.
    restricted("managed-cloud-sync", "cccn", allowManagedAppsCloudSync=False),
    restricted("screen-capture", "cccc", allowScreenShot=False),
    restricted("screen-capture", "oooo", allowRemoteScreenObservation=False),
    # Several parts.
    restricted("book-sync", "nnnn", allowEnterpriseBookBackup=False),
    restricted(
        "book-sync", "cccn", allowEnterpriseBookBackup=False, allowEnterpriseBookMetadataSync=False
    ),
    restricted("lock-screen", "nnnn", allowLockScreenTodayView=False),
    restricted("password-sharing", "oono", allowPasswordSharing=False),
    restricted("password-sharing", "ooco", allowPasswordSharing=False, allowPasswordAutoFill=False),
    restricted("keyboard-learning", "oono", allowDictation=False),
    # Keys that User Enrollment or a missing supervision takes away.
    restricted("device-backup", "occc", allowCloudBackup=False),
    restricted("handoff", "occc", allowActivityContinuation=False),
    restricted("cloud-drive", "ooco", allowCloudDocumentSync=False),
    restricted("printing", "ooco", allowAirPrint=False),
    restricted("printing", "oooo", forceAirPrintTrustedTLSRequirement=True),
    # Keys that narrow count only where no key that closes can be used.
    restricted("watch", "nnon", forceWatchWristDetection=True),
    restricted("watch", "ooco", allowPairedWatch=False),
    restricted("watch", "nncn", allowPairedWatch=False, forceWatchWristDetection=True),
    restricted("local-backup", "nnon", forceEncryptedBackup=True),
    restricted("mail-summary", "oono", allowMailSummary=False),
    restricted("screen-mirroring", "nnnn", forceAirPlayOutgoingRequestsPairingPassword=True),
    restricted("external-ai", "oooo", allowExternalIntelligenceIntegrationsSignIn=False),
    restricted("external-ai", "cccc", allowExternalIntelligenceIntegrations=False),
    # A default that closes something smaller is no closing of the channel.
    restricted("usb-storage", "oooo"),
    restricted("usb-storage", "oooo", allowUSBRestrictedMode=True),
    restricted("usb-storage", "ooco", allowFilesUSBDriveAccess=False),
    # No key at all.
    restricted("remote-images", "oooo", allowMailPrivacyProtection=True),
    restricted("recipients", "oooo", **BOUNDARY),
    restricted("external-camera", "oooo", allowCamera=False),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.channel}-{case.keys}")
def test_restrictions_give_the_state_of_each_enrolment(case: Case) -> None:
    documents = [restrictions(**case.keys)]
    found = tuple(
        flow(case.channel, documents, where).state for where in (USER, DEVICE, SUPERVISED, MANUAL)
    )
    assert found == case.states


@pytest.mark.parametrize("value", ["false", 0, 0.0, [False], {}, None, b""])
def test_a_value_of_another_type_does_not_close(value: object) -> None:
    documents = [restrictions(allowOpenFromManagedToUnmanaged=value)]
    found = flow("open-in", documents, SUPERVISED)
    assert (found.state, found.basis, found.controls) == (OPEN, Basis.DEFAULT, ())


@pytest.mark.parametrize("value", [True, "2", 2.0, [2]])
def test_an_integer_key_takes_integers_only(value: object) -> None:
    assert (
        flow("notification-preview", [notifications(PreviewType=value)], SUPERVISED).state is OPEN
    )


@pytest.mark.parametrize(
    ("documents", "state"),
    [
        ([notifications(PreviewType=2)], CLOSED),
        ([notifications(PreviewType=1)], CLOSED),
        ([notifications(PreviewType=0)], OPEN),
        ([notifications(ShowInLockScreen=False)], CLOSED),
        ([notifications(PreviewType=0, ShowInLockScreen=False)], CLOSED),
        ([notifications("com.example.other", PreviewType=2)], OPEN),
        ([notifications(PreviewType=2), notifications(PreviewType=0)], OPEN),
        ([restrictions(allowNotificationsModification=False)], OPEN),
        ([profile(payload("com.apple.notificationsettings", NotificationSettings=[1]))], OPEN),
        ([profile(payload("com.apple.notificationsettings", NotificationSettings=[{}]))], OPEN),
        ([profile(payload("com.apple.notificationsettings", NotificationSettings={}))], OPEN),
    ],
)
def test_notification_previews_are_those_of_mail(documents: list[Document], state: State) -> None:
    assert flow("notification-preview", documents, SUPERVISED).state is state
    assert flow("notification-preview", documents, DEVICE).state is OPEN


def test_notification_previews_of_an_account_in_another_app_are_those_of_that_app() -> None:
    of_mail: list[Document] = [outlook(), notifications(PreviewType=2)]
    of_outlook: list[Document] = [outlook(), notifications(OUTLOOK, PreviewType=2)]
    assert flow("notification-preview", of_mail, SUPERVISED).state is OPEN
    assert flow("notification-preview", of_outlook, SUPERVISED).state is CLOSED


def web_domains(value: object) -> dict[str, object]:
    return payload("com.apple.domains", WebDomains=value)


@pytest.mark.parametrize(
    ("value", "keys", "states"),
    [
        (["a.example"], BOUNDARY, (OPEN, NARROWED, NARROWED, NARROWED)),
        (["a.example"], {}, (OPEN, OPEN, OPEN, OPEN)),
        ([], BOUNDARY, (OPEN, OPEN, OPEN, OPEN)),
        ("a.example", BOUNDARY, (OPEN, OPEN, OPEN, OPEN)),
    ],
)
def test_web_domains_narrow_downloads_behind_the_boundary(
    value: object, keys: dict[str, Any], states: tuple[State, ...]
) -> None:
    documents = [profile(web_domains(value), payload(RESTRICTIONS, **keys))]
    contexts = (USER, DEVICE, SUPERVISED, MANUAL)
    assert tuple(flow("web-downloads", documents, c).state for c in contexts) == states


def test_an_allow_list_of_airplay_devices_narrows_on_a_supervised_device() -> None:
    documents = [profile(payload("com.apple.airplay", AllowList=[{"DeviceName": "Board room"}]))]
    assert flow("screen-mirroring", documents, SUPERVISED).state is NARROWED
    assert flow("screen-mirroring", documents, DEVICE).state is OPEN


@pytest.mark.parametrize(
    ("key", "channel", "before", "since"),
    [
        ({"allowMailSmartReplies": False}, "smart-replies", "18", "18.4"),
        ({"allowCallRecording": False}, "call-recording", "17", "18.1"),
        ({"requireManagedPasteboard": True, **BOUNDARY}, "paste", "14", "15"),
    ],
)
def test_a_key_newer_than_the_os_narrows(
    key: dict[str, object], channel: str, before: str, since: str
) -> None:
    documents = [restrictions(**key)]
    early = flow(channel, documents, context(ios=before))
    assert (early.state, bool(early.reason)) == (NARROWED, True)
    assert flow(channel, documents, context(ios=since)).state is CLOSED


def test_a_part_that_is_newer_than_the_os_leaves_the_whole_narrowed() -> None:
    documents = [restrictions(allowiPhoneMirroring=False, allowiPhoneWidgetsOnMac=False)]
    assert flow("phone-mirroring", documents, context(ios="17")).state is NARROWED
    assert flow("phone-mirroring", documents, context(ios="18")).state is CLOSED


def test_contradicting_values_count_as_the_more_open_one() -> None:
    closing, opening = restrictions(**BOUNDARY), restrictions(allowOpenFromManagedToUnmanaged=True)
    assert flow("open-in", [closing, opening], DEVICE).state is OPEN
    assert flow("open-in", [opening, closing], DEVICE).state is OPEN
    assert flow("open-in", [closing, closing, restrictions()], DEVICE).state is CLOSED
    wrong = restrictions(allowOpenFromManagedToUnmanaged="true")
    assert flow("open-in", [closing, wrong], DEVICE).state is CLOSED


def test_declarations_combine_by_their_stated_rule() -> None:
    closing, opening = declaration(SIRI, Enabled=False), declaration(SIRI, Enabled=True)
    assert flow("siri", [opening, closing], SUPERVISED).state is CLOSED
    force = "ForceOnDeviceOnlyDictation"
    closing, opening = (declaration(INTELLIGENCE, **{force: value}) for value in (True, False))
    assert flow("server-dictation", [opening, closing], SUPERVISED).state is CLOSED
    # No rule is published for this type.
    unknown = "com.apple.configuration.external-intelligence.settings"
    closing, opening = (declaration(unknown, Enabled=value) for value in (False, True))
    assert flow("external-ai", [opening, closing], SUPERVISED).state is OPEN


def test_either_a_profile_or_a_declaration_closes() -> None:
    documents: list[Document] = [
        restrictions(allowAssistant=True),
        declaration(SIRI, Enabled=False),
    ]
    assert flow("siri", documents, SUPERVISED).state is CLOSED
    documents = [restrictions(allowAssistant=False), declaration(SIRI, Enabled=True)]
    assert flow("siri", documents, SUPERVISED).state is CLOSED


def test_declarations_need_supervision_and_their_version() -> None:
    apps = {"Calendar": {"AllowNaturalLanguageEditing": False}}
    documents = [declaration(INTELLIGENCE, Apps=apps)]
    states = [flow("calendar-ai", documents, c).state for c in (USER, DEVICE, SUPERVISED, MANUAL)]
    assert states == [OPEN, OPEN, CLOSED, OPEN]
    assert flow("calendar-ai", documents, context(ios="26.4")).state is NARROWED
    wrong = [declaration(INTELLIGENCE, Apps=[apps])]
    assert flow("calendar-ai", wrong, SUPERVISED).state is OPEN


@pytest.mark.parametrize("kind", [MAIL, EXCHANGE])
@pytest.mark.parametrize("channel", sorted(PER_ACCOUNT))
def test_account_keys_act_on_their_own_account(kind: str, channel: str) -> None:
    documents = [profile(payload(kind, "one", **PER_ACCOUNT[channel]), payload(kind, "two"))]
    default = CLOSED if channel == "mail-drop" else OPEN
    for where in (USER, DEVICE, SUPERVISED, MANUAL):
        one = flow(channel, documents, where, "one")
        two = flow(channel, documents, where, "two")
        assert (one.state, one.basis) == (CLOSED, Basis.ACCOUNT)
        assert (two.state, two.basis) == (default, Basis.DEFAULT)
        key, value = next(iter(PER_ACCOUNT[channel].items()))
        assert one.controls == (PayloadControl(kind, key, value),)


@pytest.mark.parametrize("channel", sorted(PER_ACCOUNT))
def test_accounts_without_such_keys_stay_open(channel: str) -> None:
    keys = PER_ACCOUNT[channel]
    google = profile(payload(GOOGLE, "google", **keys))
    declared = declaration("com.apple.configuration.account.mail", **keys)
    for document in (google, declared, outlook()):
        found = flow(channel, [document], SUPERVISED)
        assert (found.state, found.basis, found.controls) == (OPEN, Basis.NONE, ())
        assert found.reason


def test_mail_drop_can_be_opened() -> None:
    documents = [profile(payload(MAIL, "one", allowMailDrop=True))]
    assert flow("mail-drop", documents, DEVICE).state is OPEN


def test_two_payloads_of_one_identifier_are_as_open_as_the_more_open_one() -> None:
    documents = [
        profile(payload(MAIL, "one", PreventMove=True)),
        profile(payload(EXCHANGE, "one")),
    ]
    assert flow("move-message", documents, DEVICE).state is OPEN
    documents = [profile(payload(MAIL, "one", PreventMove=True), payload(GOOGLE, "one"))]
    assert flow("move-message", documents, DEVICE).state is OPEN


def test_every_account_has_a_flow_for_every_decided_channel() -> None:
    documents: list[Document] = [
        profile(payload(MAIL, "one"), payload(EXCHANGE, "two"), payload(GOOGLE, "three")),
        outlook(),
    ]
    found = flows(documents, DEVICE)
    channels = list(decided_channels(Platform.IOS))
    assert len(channels) == 60
    for account in ("one", "two", "three", OUTLOOK):
        assert [f.channel for f in found if f.account == account] == channels
    assert len(found) == 4 * 60


def test_device_settings_hold_for_all_accounts_alike() -> None:
    documents = [profile(payload(MAIL, "one"), payload(GOOGLE, "two")), restrictions(**BOUNDARY)]
    for account in ("one", "two"):
        found = flow("open-in", documents, DEVICE, account)
        assert (found.state, found.basis) == (CLOSED, Basis.DEVICE)
        control = PayloadControl(RESTRICTIONS, "allowOpenFromManagedToUnmanaged", False)  # noqa: FBT003
        assert found.controls == (control,)


def test_without_an_account_the_channels_of_the_device_are_told_for_all() -> None:
    found = flows([restrictions(**BOUNDARY)], DEVICE)
    assert {f.account for f in found} == {"*"}
    assert {f.channel for f in found} == set(decided_channels(Platform.IOS)) - set(PER_ACCOUNT)


def test_the_configuration_of_an_app_that_is_no_mail_app_is_no_account() -> None:
    from_other = type(outlook())("a.plist", "com.example.notes", {"a": 1})
    assert {f.account for f in flows([from_other], DEVICE)} == {"*"}


REJECTED = [
    web_domains(["a.example"]),
    payload("com.apple.notificationsettings"),
    payload("com.apple.app.lock"),
    payload("com.apple.vpn.managed"),
]


@pytest.mark.parametrize("forbidden", REJECTED, ids=lambda item: item["PayloadType"])
def test_user_enrolment_takes_nothing_of_a_profile_with_a_forbidden_payload(
    forbidden: dict[str, Any],
) -> None:
    account = payload(MAIL, "one", PreventMove=True)
    whole = profile(account, {"PayloadType": RESTRICTIONS, **BOUNDARY}, forbidden)
    assert flows([whole], USER) == flows([profile()], USER)
    assert {f.account for f in flows([whole], USER)} == {"*"}
    for where in (DEVICE, SUPERVISED, MANUAL):
        assert {f.account for f in flows([whole], where)} == {"one"}
        assert flow("move-message", [whole], where).state is CLOSED


def test_user_enrolment_takes_the_files_beside_a_rejected_profile() -> None:
    rejected = profile(
        payload(MAIL, "one"), {"PayloadType": RESTRICTIONS, **INWARD}, web_domains([])
    )
    beside = profile(payload(MAIL, "two"), {"PayloadType": RESTRICTIONS, **BOUNDARY})
    assert flows([rejected, beside], USER) == flows([beside], USER)
    assert flow("open-in", [beside, rejected], USER, "two").state is CLOSED
    assert flow("open-in-from", [beside, rejected], USER, "two").state is OPEN


def test_a_key_that_user_enrolment_forbids_does_not_cost_the_profile() -> None:
    keys = {"allowActivityContinuation": False, **BOUNDARY}
    assert flow("open-in", [restrictions(**keys)], USER).state is CLOSED


@pytest.mark.parametrize(
    "content",
    [
        [],
        [1, "a", None],
        [{"PayloadType": 1}],
        [{}],
        {"PayloadType": RESTRICTIONS},
        "text",
    ],
)
def test_odd_payloads_set_nothing(content: object) -> None:
    document = type(profile())("x", {"PayloadType": "Configuration", "PayloadContent": content})  # type: ignore[dict-item]
    assert flow("open-in", [document], SUPERVISED).basis is Basis.DEFAULT


def test_odd_declarations_set_nothing() -> None:
    from_odd = type(declaration(SIRI))("x", {"Type": 1, "Payload": []})
    assert flow("siri", [from_odd], SUPERVISED).state is OPEN


def test_an_account_without_an_identifier_is_named_by_its_type() -> None:
    documents = [profile({"PayloadType": MAIL}, {"PayloadType": GOOGLE, "PayloadIdentifier": 1})]
    assert {f.account for f in flows(documents, DEVICE)} == {MAIL, GOOGLE}


def test_no_document_means_no_flow() -> None:
    assert flows([], DEVICE) == ()


def test_both_platforms_together() -> None:
    found = flows([policy(printingPolicy="PRINTING_DISALLOWED"), restrictions(**BOUNDARY)], DEVICE)
    assert [f.state for f in found if f.channel == "printing"] == [OPEN, CLOSED]


def basis_and_reason(where: Context, channel: str, **keys: object) -> tuple[Basis, str]:
    found = flow(channel, [restrictions(**keys)], where)
    return found.basis, found.reason


def test_bases_and_reasons() -> None:
    assert basis_and_reason(DEVICE, "open-in", **BOUNDARY) == (Basis.DEVICE, "")
    opened = basis_and_reason(DEVICE, "open-in", allowOpenFromManagedToUnmanaged=True)
    assert opened == (Basis.DEVICE, "")
    assert basis_and_reason(DEVICE, "open-in") == (Basis.DEFAULT, "")
    assert basis_and_reason(DEVICE, "contacts-read", **BOUNDARY) == (Basis.DEFAULT, "")
    assert basis_and_reason(USER, "contacts-write", **BOUNDARY) == (Basis.DEFAULT, "")
    assert basis_and_reason(DEVICE, "printing", allowAirPrint=False) == (
        Basis.DEFAULT,
        "This device ignores allowAirPrint: it needs supervision.",
    )
    assert basis_and_reason(USER, "handoff", allowActivityContinuation=False) == (
        Basis.DEFAULT,
        (
            "allowActivityContinuation may not be used in User Enrollment; "
            "whether the device ignores it or refuses the profile is not known."
        ),
    )
    assert basis_and_reason(DEVICE, "paste", requireManagedPasteboard=True) == (
        Basis.DEFAULT,
        "requireManagedPasteboard has no effect while open-in is open.",
    )
    assert basis_and_reason(DEVICE, "drag-drop", **BOUNDARY) == (
        Basis.DEVICE,
        "It has no control of its own and follows open-in.",
    )
    assert basis_and_reason(MANUAL, "open-in", **BOUNDARY) == (
        Basis.DEVICE,
        "No source says that an account installed by hand counts as managed.",
    )
    assert basis_and_reason(context(ios="18"), "smart-replies", allowMailSmartReplies=False) == (
        Basis.DEVICE,
        "allowMailSmartReplies works from iOS 18.4 on only.",
    )
    assert basis_and_reason(DEVICE, "recipients") == (
        Basis.NONE,
        "The platform has no control for it.",
    )
