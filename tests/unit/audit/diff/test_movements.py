from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from profilegen.audit.diff.model import Motion, Movement
from profilegen.audit.diff.movements import motion, movements, movements_alone
from profilegen.audit.document import Document, Profile
from profilegen.catalogue.terms import Enrollment, Mode, Platform, State
from tests.unit.audit.diff.versions import part, profile
from tests.unit.audit.samples import (
    MAIL,
    RESTRICTIONS,
    context,
    declaration,
    outlook,
    policy,
    restrictions,
)

CLOSED = part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False)
OPEN = part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=True)
STAFF = part(MAIL, "staff", PreventMove=True)
PRESS = part(MAIL, "press")
GMAIL = "com.google.android.gm"


def moves(
    old: Sequence[Document], new: Sequence[Document], names: dict[str, str] | None = None
) -> tuple[Movement, ...]:
    return movements(old, new, context(), names or {})


def said(found: Sequence[Movement]) -> set[tuple[str, str, str]]:
    return {(item.account, item.channel, item.motion) for item in found}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (State.CLOSED, State.NARROWED, Motion.OPENS),
        (State.NARROWED, State.OPEN, Motion.OPENS),
        (State.ABSENT, State.OPEN, Motion.OPENS),
        (State.OPEN, State.CLOSED, Motion.CLOSES),
        (State.NARROWED, State.ABSENT, Motion.CLOSES),
        (State.CLOSED, State.ABSENT, None),
        (State.UNKNOWN, State.UNKNOWN, None),
        (State.CLOSED, State.UNKNOWN, Motion.MAY_OPEN),
        (State.NARROWED, State.UNKNOWN, Motion.MAY_OPEN),
        (State.OPEN, State.UNKNOWN, Motion.MAY_CLOSE),
        (State.UNKNOWN, State.CLOSED, Motion.MAY_CLOSE),
        (State.UNKNOWN, State.NARROWED, Motion.MAY_OPEN),
        (State.UNKNOWN, State.OPEN, Motion.MAY_OPEN),
    ],
)
def test_which_way_a_flow_moves(old: State, new: State, expected: Motion | None) -> None:
    assert motion(old, new) is expected


def test_a_restriction_that_falls_opens_for_every_account() -> None:
    found = moves([profile(STAFF, PRESS, CLOSED)], [profile(STAFF, PRESS, OPEN)])
    for account in ("org.example.mail.staff", "org.example.mail.press"):
        assert (account, "open-in", Motion.OPENS) in said(found)
    opened = next(item for item in found if item.channel == "open-in")
    assert (opened.platform, opened.old, opened.new) == (Platform.IOS, State.CLOSED, State.OPEN)
    assert [control.value for control in (*opened.old_controls, *opened.new_controls)] == [
        False,
        True,
    ]


def test_an_account_that_comes_opens_nothing() -> None:
    assert not moves([profile(STAFF, CLOSED)], [profile(STAFF, PRESS, CLOSED)])
    assert not moves([profile(STAFF, PRESS, CLOSED)], [profile(STAFF, CLOSED)])


def test_without_a_common_account_the_device_is_compared() -> None:
    found = moves([profile(STAFF, CLOSED)], [profile(PRESS, OPEN)])
    assert ("*", "open-in", Motion.OPENS) in said(found)
    assert not {item for item in said(found) if item[1] == "move-message"}
    assert not moves([profile(STAFF, CLOSED)], [profile(CLOSED)])


def test_an_account_of_another_name_is_the_same() -> None:
    names = {"org.example.mail.staff": "org.example.mail.press"}
    found = moves([profile(STAFF)], [profile(PRESS)], names)
    assert said(found) == {("org.example.mail.press", "move-message", Motion.OPENS)}


def test_accounts_of_declarations_and_apps_are_left_aside() -> None:
    account = declaration("com.apple.configuration.account.mail", VisibleName="A")
    others: list[Document] = [declaration("com.apple.configuration.siri.settings"), profile(CLOSED)]
    assert not moves([account, outlook(), *others], others)


def test_a_file_that_is_gone_may_open_what_it_closed() -> None:
    found = movements_alone(profile(STAFF, CLOSED), None, context())
    assert ("*", "open-in", Motion.MAY_OPEN) in said(found)
    assert all(item.reason for item in found)
    back = movements_alone(None, profile(STAFF, CLOSED), context())
    assert ("*", "open-in", Motion.MAY_CLOSE) in said(back)


def test_a_policy_that_is_gone_says_nothing() -> None:
    assert not movements_alone(policy(screenCaptureDisabled=True), None, context())
    assert not moves([policy(screenCaptureDisabled=True)], [])


def test_a_profile_that_the_device_refuses_closes_nothing() -> None:
    where = context(Enrollment.USER)
    refused = profile(CLOSED, part("com.apple.proxy.http.global"))
    found = movements([profile(CLOSED)], [refused], where, {})
    assert ("*", "open-in", Motion.OPENS) in said(found)


def test_android() -> None:
    found = moves([policy(screenCaptureDisabled=True)], [policy(screenCaptureDisabled=False)])
    assert said(found) == {("*", "screen-capture", Motion.OPENS)}
    assert found[0].platform is Platform.ANDROID


def _widgets(package: str, value: str) -> dict[str, str]:
    return {"packageName": package, "workProfileWidgets": value}


def test_an_android_app_that_is_not_listed_is_one_of_all() -> None:
    entry = _widgets("org.example.crm", "WORK_PROFILE_WIDGETS_ALLOWED")
    closed = {"workProfileWidgetsDefault": "WORK_PROFILE_WIDGETS_DEFAULT_DISALLOWED"}
    old = policy(crossProfilePolicies=closed)
    new = policy(crossProfilePolicies=closed, applications=[entry])
    assert said(moves([old], [new])) == {("org.example.crm", "widgets", Motion.OPENS)}
    assert said(moves([new], [old])) == {("org.example.crm", "widgets", Motion.CLOSES)}


def test_a_mail_app_that_comes_is_an_account() -> None:
    entry = _widgets(GMAIL, "WORK_PROFILE_WIDGETS_ALLOWED")
    assert not moves([policy()], [policy(applications=[entry])])
    other = _widgets(GMAIL, "WORK_PROFILE_WIDGETS_DISALLOWED")
    found = moves([policy(applications=[other])], [policy(applications=[entry])])
    assert said(found) == {(GMAIL, "widgets", Motion.OPENS)}


def test_what_does_not_exist_in_this_mode_does_not_move() -> None:
    where = context(mode=Mode.FULLY_MANAGED)
    old, new = (
        policy(crossProfilePolicies={"crossProfileCopyPaste": value})
        for value in ("COPY_FROM_WORK_TO_PERSONAL_DISALLOWED", "CROSS_PROFILE_COPY_PASTE_ALLOWED")
    )
    assert not movements([old], [new], where, {})


def test_both_platforms_of_one_folder() -> None:
    old: list[Document] = [
        restrictions(allowOpenFromManagedToUnmanaged=False),
        policy(screenCaptureDisabled=True),
    ]
    new: list[Document] = [restrictions(allowOpenFromManagedToUnmanaged=True), policy()]
    found = moves(old, new)
    assert {item.platform for item in found} == set(Platform)
    assert ("*", "open-in", Motion.OPENS) in said(found)


def sealed(payloads: bytes) -> Profile:
    document = profile(CLOSED)
    return replace(document, content={**document.content, "EncryptedPayloadContent": payloads})


def test_a_list_beside_encrypted_payloads_does_not_open_them() -> None:
    old, new = sealed(b"one"), sealed(b"two")
    found = {item.channel: item.motion for item in moves([old], [new])}
    assert found["open-in"] is Motion.MAY_OPEN
    assert moves([old], [old]) == ()
    assert moves([replace(old, opened=True)], [replace(new, opened=True)]) == ()
