"""What files cannot tell is unknown, with the reason, unless the rest decides it anyhow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import (
    AppProtection,
    BareSettings,
    Declaration,
    Profile,
    ProfileService,
)
from profilegen.audit.flows import flows
from profilegen.audit.model import FieldControl, all_parts, most_closed, most_open
from profilegen.audit.placeholders import Placeholder
from profilegen.catalogue.terms import Basis, Enrollment, State
from tests.unit.audit.samples import (
    INTELLIGENCE,
    MAIL,
    RESTRICTIONS,
    context,
    declaration,
    flow,
    notifications,
    payload,
    policy,
    profile,
    restrictions,
)

CLOSED, NARROWED, OPEN, UNKNOWN = State.CLOSED, State.NARROWED, State.OPEN, State.UNKNOWN
SUPERVISED = context(Enrollment.SUPERVISED)
DEVICE = context(Enrollment.DEVICE)
ENCRYPTED = Profile(
    "encrypted.mobileconfig",
    {"PayloadType": "Configuration", "EncryptedPayloadContent": b"\x30"},
)
FILL = "{{ answer }}"
KNOWN = st.sampled_from([CLOSED, NARROWED, OPEN])


@pytest.mark.parametrize("combine", [most_open, most_closed, all_parts])
@given(known=st.lists(KNOWN, max_size=3), hidden=st.lists(KNOWN, min_size=1, max_size=3))
def test_an_unknown_part_is_never_guessed(
    combine: Any,  # noqa: ANN401
    known: list[State],
    hidden: list[State],
) -> None:
    said = combine([*known, *(UNKNOWN for _ in hidden)])
    assert said in {UNKNOWN, combine([*known, *hidden])}


@pytest.mark.parametrize(
    ("combine", "known", "state"),
    [
        (most_open, OPEN, OPEN),
        (most_open, CLOSED, UNKNOWN),
        (most_closed, CLOSED, CLOSED),
        (most_closed, OPEN, UNKNOWN),
        (all_parts, NARROWED, NARROWED),
        (all_parts, CLOSED, UNKNOWN),
        (all_parts, OPEN, UNKNOWN),
    ],
)
def test_what_is_known_may_decide(
    combine: Any,  # noqa: ANN401
    known: State,
    state: State,
) -> None:
    assert combine([known, UNKNOWN]) is state
    assert combine([UNKNOWN]) is UNKNOWN


def test_encrypted_payloads_may_hold_any_setting_and_any_account() -> None:
    found = {item.channel: item for item in flows([ENCRYPTED], SUPERVISED)}
    assert {item.account for item in found.values()} == {"*"}
    for channel in ("open-in", "paste", "drag-drop", "printing", "move-message", "mail-drop"):
        assert found[channel].state is UNKNOWN, channel
        assert "encrypted" in found[channel].reason
        assert found[channel].basis is Basis.NONE
        assert not found[channel].controls
    assert found["remote-images"].state is OPEN


def test_a_key_that_this_device_ignores_is_known_though_it_be_hidden() -> None:
    assert flow("printing", [ENCRYPTED], DEVICE).state is OPEN
    assert flow("open-in", [ENCRYPTED], DEVICE).state is UNKNOWN


def test_encrypted_payloads_that_were_opened_are_read() -> None:
    content = {**ENCRYPTED.content, "PayloadContent": []}
    assert flow("open-in", [Profile("a", content, opened=True)], DEVICE).state is OPEN
    # A list that a stranger put beside the encrypted payloads says nothing of these.
    assert flow("open-in", [Profile("a", content)], DEVICE).state is UNKNOWN


def test_the_accounts_that_are_seen_stand_beside_those_that_are_not() -> None:
    account = profile(payload(MAIL, "org.example.a", PreventMove=True))
    assert flow("move-message", [ENCRYPTED, account], DEVICE, "org.example.a").state is CLOSED
    assert flow("move-message", [ENCRYPTED, account], DEVICE, "*").state is UNKNOWN
    assert flow("open-in", [ENCRYPTED, account], DEVICE).account == "org.example.a"


def test_a_value_that_opens_counts_whatever_is_hidden() -> None:
    opened = restrictions(allowOpenFromManagedToUnmanaged=True, requireManagedPasteboard=True)
    assert flow("open-in", [ENCRYPTED, opened], DEVICE).state is OPEN
    assert flow("paste", [ENCRYPTED, opened], DEVICE).state is OPEN
    closed = restrictions(allowOpenFromManagedToUnmanaged=False)
    assert flow("open-in", [ENCRYPTED, closed], DEVICE).state is UNKNOWN


@pytest.mark.parametrize("value", [FILL, Placeholder("{{x}}"), "${OPEN_IN}", "$FLEET_VAR_A"])
def test_a_placeholder_is_no_value(value: str) -> None:
    found = flow("open-in", [restrictions(allowOpenFromManagedToUnmanaged=value)], DEVICE)
    assert (found.state, found.basis) == (UNKNOWN, Basis.DEVICE)
    assert found.reason == "The value of allowOpenFromManagedToUnmanaged is a placeholder."
    followed = restrictions(allowOpenFromManagedToUnmanaged=value, requireManagedPasteboard=True)
    paste = flow("paste", [followed], DEVICE)
    assert paste.state is UNKNOWN
    assert paste.reason.startswith("Whether open-in is closed is not known. The value of allow")


def test_text_of_another_type_is_still_no_value() -> None:
    found = flow("open-in", [restrictions(allowOpenFromManagedToUnmanaged="false")], DEVICE)
    assert (found.state, found.basis) == (OPEN, Basis.DEFAULT)


def test_a_placeholder_in_an_account_stays_with_the_account() -> None:
    both = profile(
        payload(MAIL, "org.example.a", PreventMove=FILL),
        payload(MAIL, "org.example.b", PreventMove=True),
    )
    assert flow("move-message", [both], DEVICE, "org.example.a").state is UNKNOWN
    assert flow("move-message", [both], DEVICE, "org.example.b").state is CLOSED


def test_a_placeholder_for_a_type_or_an_app_may_be_any() -> None:
    nameless = profile(payload("{{ type }}", allowOpenFromManagedToUnmanaged=False))
    found = flow("open-in", [nameless], DEVICE)
    assert (found.state, "type of a payload" in found.reason) == (UNKNOWN, True)
    app = notifications(FILL, PreviewType=2)
    assert flow("notification-preview", [app], SUPERVISED).state is UNKNOWN


def test_a_placeholder_may_stand_for_a_whole_dictionary() -> None:
    settings = declaration(INTELLIGENCE, Apps=FILL)
    assert flow("mail-summary", [settings], SUPERVISED).state is UNKNOWN
    text = declaration(INTELLIGENCE, Apps="text")
    assert flow("mail-summary", [text], SUPERVISED).state is OPEN


@pytest.mark.parametrize("kind", ["legacy", "legacy.interactive"])
def test_a_legacy_declaration_brings_a_profile_that_lies_elsewhere(kind: str) -> None:
    legacy = declaration(f"com.apple.configuration.{kind}", ProfileURL="https://mdm.example.org/1")
    found = flow("open-in", [legacy], DEVICE)
    assert (found.state, "lies elsewhere" in found.reason) == (UNKNOWN, True)


def test_where_the_strictest_wins_a_hidden_value_cannot_open() -> None:
    apps = {"Mail": {"AllowSmartReplies": False}}
    closed = declaration(INTELLIGENCE, Apps=apps)
    hidden = declaration(INTELLIGENCE, Apps={"Mail": {"AllowSmartReplies": FILL}})
    open_ = declaration(INTELLIGENCE, Apps={"Mail": {"AllowSmartReplies": True}})
    assert flow("smart-replies", [closed, hidden], SUPERVISED).state is CLOSED
    assert flow("smart-replies", [open_, hidden], SUPERVISED).state is UNKNOWN


def test_an_enrolment_makes_nothing_unknown_and_says_that_more_may_come() -> None:
    enrolment = profile(
        payload("com.apple.mdm", ServerURL="https://mdm.example.org"),
        payload(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False),
    )
    found = {item.channel: item for item in flows([enrolment], DEVICE)}
    assert not [item for item in found.values() if item.state is UNKNOWN]
    assert found["paste"].reason.endswith("the device enrols with may set more.")
    assert found["open-in"].reason == ""


@pytest.mark.parametrize("kind", [ProfileService, AppProtection, BareSettings])
def test_what_controls_no_channel_has_no_flows(kind: Any) -> None:  # noqa: ANN401
    assert flows([kind("a", {"allowOpenFromManagedToUnmanaged": False})], DEVICE) == ()


@pytest.mark.parametrize("cross", [FILL, {"crossProfileCopyPaste": FILL}])
def test_a_placeholder_in_an_android_policy(cross: Any) -> None:  # noqa: ANN401
    found = flow("paste", [policy(crossProfilePolicies=cross)], DEVICE)
    assert (found.state, found.basis) == (UNKNOWN, Basis.DEVICE)
    assert found.controls == (FieldControl("crossProfilePolicies.crossProfileCopyPaste", FILL),)
    assert "placeholder" in found.reason


def test_an_opened_android_field_counts_whatever_a_placeholder_becomes() -> None:
    opened = policy(
        crossProfilePolicies={"crossProfileCopyPaste": "CROSS_PROFILE_COPY_PASTE_UNRESTRICTED"}
    )
    hidden = policy(crossProfilePolicies={"crossProfileCopyPaste": FILL})
    closed = policy(
        crossProfilePolicies={"crossProfileCopyPaste": "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"}
    )
    assert flow("paste", [hidden, closed], DEVICE).state is UNKNOWN
    assert {item.state for item in flows([opened], DEVICE) if item.channel == "paste"} == {
        item.state for item in flows([opened, hidden], DEVICE) if item.channel == "paste"
    }


def test_a_list_with_a_placeholder_closes_by_its_other_names_only() -> None:
    hidden = policy(keyguardDisabledFeatures=[FILL])
    assert flow("notification-preview", [hidden], DEVICE).state is UNKNOWN
    named = policy(keyguardDisabledFeatures=[FILL, "ALL_FEATURES"])
    assert flow("notification-preview", [named], DEVICE).state is not UNKNOWN


def test_a_list_of_exempted_apps_leaves_an_unknown_state_unknown() -> None:
    contacts = {
        "showWorkContactsInPersonalProfile": FILL,
        "exemptionsToShowWorkContactsInPersonalProfile": {
            "packageNames": [{"packageName": "org.example.dialer"}]
        },
    }
    found = flow("contacts-read", [policy(crossProfilePolicies=contacts)], DEVICE)
    assert found.state is UNKNOWN


def test_twins_of_one_profile_are_one_account() -> None:
    one = profile(payload(MAIL, "org.example.a", PreventMove=True))
    twin = Profile("signed.mobileconfig", one.content)
    assert flows([one, twin], DEVICE) == flows([one], DEVICE)


def test_a_declaration_is_no_place_where_payloads_hide() -> None:
    settings = declaration(INTELLIGENCE, Apps={"Mail": {"AllowSummary": False}})
    alone = flow("mail-summary", [settings], SUPERVISED)
    assert flow("mail-summary", [settings, ENCRYPTED], SUPERVISED).state is alone.state
    assert isinstance(settings, Declaration)
