"""Whole targets, file by file, as they go to devices before signing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.plan.model import FieldSetting, PayloadSetting, TargetPlan
from profilegen.policy.accounts import Intent
from profilegen.policy.certificates import AcmeEnrolment
from profilegen.policy.model import Policy, Removal
from profilegen.render.user import User
from tests.support.golden import Golden
from tests.unit.render.plans import (
    ANNA,
    CA,
    DEVICE,
    ENCRYPTION,
    EXCHANGE,
    GMAIL_ANDROID,
    GOOGLE,
    IMAP,
    OUTLOOK_ANDROID,
    OUTLOOK_IOS,
    PRESS,
    RESTRICTIONS,
    SIGNING,
    SMIME,
    STAFF,
    SYNC,
    TEAM,
    WORDING,
    android,
    block,
    configured,
    decide,
    iphone,
    place,
    plan_of,
    policy_of,
    render,
    restriction,
    staff_plan,
    work_profile_plan,
)

Case = tuple[TargetPlan, Policy, User | None]


def supervised() -> Case:
    target = iphone("staff", "press", enrollment=Enrollment.SUPERVISED)
    preview = "NotificationSettings.NotificationSettingsItem.PreviewType"
    plan = plan_of(
        target,
        place("staff", EXCHANGE),
        place("press", IMAP),
        decisions=(
            decide("staff", "open-in", restriction("allowOpenFromManagedToUnmanaged", value=False)),
            decide(
                "staff",
                "contacts-read",
                restriction("allowUnmanagedToReadManagedContacts", value=False),
            ),
            decide(
                "staff",
                "move-message",
                PayloadSetting(EXCHANGE, "PreventMove", value=True, account="staff"),
            ),
            decide(
                "press",
                "move-message",
                PayloadSetting(IMAP, "PreventMove", value=False, account="press"),
            ),
            decide(
                "staff",
                "web-downloads",
                PayloadSetting("com.apple.domains", "WebDomains", ("*.northwindtraders.example",)),
            ),
            decide(
                "staff",
                "outside-recipients",
                PayloadSetting("com.apple.domains", "EmailDomains", ("northwindtraders.example",)),
            ),
            decide(
                "staff",
                "notification-preview",
                PayloadSetting("com.apple.notificationsettings", preview, 2),
            ),
        ),
        apps=(
            block(
                "TikTok",
                PayloadSetting(RESTRICTIONS, "blockedAppBundleIDs", ("com.zhiliaoapp.musically",)),
            ),
        ),
    )
    staff = replace(
        STAFF, sync=SYNC, vpn="4F0C1E3A-5C2B-4D57-9C36-1B9E6F0A7D11", call_app="com.example.phone"
    )
    wording = replace(
        WORDING,
        description="Mail of Northwind Traders <IT & Press>",
        removal=Removal(allowed=False, on=date(2027, 6, 30), after_days=90),
        expires=date(2027, 5, 1),
        device_type=1,
    )
    return plan, replace(policy_of(staff, PRESS, target=target), wording=wording), None


def byod() -> Case:
    target = iphone("staff", enrollment=Enrollment.USER)
    staff = replace(STAFF, address="{{ user.email }}", username="{{ user.email }}")
    return staff_plan(target), policy_of(staff, target=target), ANNA


def manual() -> Case:
    target = iphone("press", enrollment=Enrollment.MANUAL)
    plan = plan_of(
        target,
        place("press", IMAP),
        decisions=(
            decide("press", "open-in", restriction("allowOpenFromManagedToUnmanaged", value=False)),
            decide(
                "press",
                "app-sheet",
                PayloadSetting(IMAP, "PreventAppSheet", value=True, account="press"),
            ),
        ),
    )
    return plan, policy_of(PRESS, target=target), None


def google() -> Case:
    target = iphone("team")
    plan = plan_of(
        target,
        place("team", GOOGLE),
        decisions=(decide("team", "paste", restriction("requireManagedPasteboard", value=True)),),
    )
    return plan, policy_of(TEAM, target=target), None


def certificates() -> Case:
    target = iphone("staff", "press")
    staff = replace(STAFF, login="device", smime=SMIME)
    press = replace(PRESS, name="Press", smime=replace(SMIME, sign="acme", user_may_override=True))
    acme = AcmeEnrolment(
        id="acme",
        directory_url="https://acme.northwindtraders.example/directory",
        client_identifier="{{ user.email }}",
        key_type="ECSECPrimeRandom",
        key_size=384,
        hardware_bound=True,
        attest=True,
        subject=(("CN", "press"),),
    )
    unused = replace(SIGNING, id="unused")
    policy = replace(
        policy_of(staff, press, target=target),
        certificates=(CA, SIGNING, ENCRYPTION, DEVICE, acme, unused),
    )
    return plan_of(target, place("staff", EXCHANGE), place("press", IMAP)), policy, ANNA


def app_configuration() -> Case:
    target = iphone("staff", enrollment=Enrollment.SUPERVISED, declarations=True)
    intelligence = "com.apple.configuration.intelligence.settings"
    plan = plan_of(
        target,
        configured("staff", OUTLOOK_IOS),
        decisions=(
            decide("staff", "open-in", restriction("allowOpenFromManagedToUnmanaged", value=False)),
            decide(
                "staff",
                "mail-summary",
                PayloadSetting(intelligence, "Apps.Mail.AllowSummary", value=False),
            ),
            decide(
                "staff",
                "writing-tools",
                PayloadSetting(intelligence, "AllowWritingTools", value=False),
            ),
            decide(
                "staff",
                "siri",
                PayloadSetting("com.apple.configuration.siri.settings", "Enabled", value=False),
            ),
        ),
    )
    return plan, policy_of(STAFF, target=target), None


def android_work_profile() -> Case:
    target = android("staff")
    return work_profile_plan(target), policy_of(STAFF, target=target), None


def android_company_owned() -> Case:
    target = android("staff", mode=Mode.COMPANY_OWNED)
    personal = "personalUsagePolicies."
    plan = plan_of(
        target,
        configured("staff", GMAIL_ANDROID),
        decisions=(
            decide(
                "staff",
                "handoff",
                FieldSetting(
                    "crossDevicePolicies.taskContinuityHandoff",
                    "TASK_CONTINUITY_HANDOFF_DISALLOWED",
                ),
                FieldSetting(
                    personal + "crossDevicePolicies.taskContinuityHandoff",
                    "TASK_CONTINUITY_HANDOFF_DISALLOWED",
                ),
            ),
        ),
        apps=(
            block(
                "TikTok",
                FieldSetting(personal + "personalPlayStoreMode", "BLOCKLIST"),
                FieldSetting(
                    personal + "personalApplications[].installType",
                    "BLOCKED",
                    "com.zhiliaoapp.musically",
                ),
                FieldSetting(
                    personal + "personalApplications[].installType",
                    "BLOCKED",
                    "com.ss.android.ugc.trill",
                ),
            ),
        ),
    )
    staff = replace(STAFF, address="{{ user.email }}", username="", sync=SYNC)
    return plan, policy_of(staff, target=target), ANNA


def android_fully_managed() -> Case:
    target = android("team", "press", mode=Mode.FULLY_MANAGED)
    plan = plan_of(
        target,
        place("team", "enrolment", GMAIL_ANDROID),
        place("press", "by-hand", OUTLOOK_ANDROID),
        decisions=(
            decide(
                "team",
                "airdrop",
                FieldSetting(
                    "deviceConnectivityManagement.bluetoothSharing", "BLUETOOTH_SHARING_DISALLOWED"
                ),
            ),
        ),
        apps=(
            block(
                "TikTok",
                FieldSetting("applications[].installType", "BLOCKED", "com.zhiliaoapp.musically"),
            ),
        ),
    )
    policy = policy_of(TEAM, PRESS, target=target)
    wording = replace(WORDING, support_short="Ask IT", support_long='Ask IT.\nThey "know".')
    return plan, replace(policy, wording=wording), None


CASES: tuple[Callable[[], Case], ...] = (
    supervised,
    byod,
    manual,
    google,
    certificates,
    app_configuration,
    android_work_profile,
    android_company_owned,
    android_fully_managed,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_files_are_as_they_were_read_and_approved(case: Callable[[], Case], golden: Golden) -> None:
    plan, policy, user = case()
    for artifact in render(plan, policy, user=user):
        golden.check(f"{case.__name__}/{artifact.path.name}", artifact.content)


def test_an_exception_for_contacts_is_not_undone_by_outlook() -> None:
    target = iphone("staff")
    staff = replace(STAFF, channels={"contacts-read": Intent.ALLOW})
    plan = plan_of(target, configured("staff", OUTLOOK_IOS))
    configuration = render(plan, policy_of(staff, target=target))[-1]
    assert b"Contacts" not in configuration.content
