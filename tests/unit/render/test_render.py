"""Targets through rendering: values, services, users, and what cannot be written."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import replace

import pytest

from profilegen.catalogue.terms import Mode
from profilegen.errors import InputError
from profilegen.plan.model import PayloadSetting, TargetPlan
from profilegen.policy.accounts import Account, Authentication, ExchangeServer, ImapServers, Sharing
from profilegen.policy.model import Policy, Removal
from profilegen.render.artifact import ArtifactKind
from profilegen.render.user import User
from tests.unit.render.plans import (
    ANNA,
    CA,
    DEVICE,
    EXCHANGE,
    GMAIL_ANDROID,
    GOOGLE,
    IMAP,
    MATERIAL,
    OUTLOOK_ANDROID,
    OUTLOOK_IOS,
    PRESS,
    SIGNING,
    SMIME,
    STAFF,
    TEAM,
    WORDING,
    android,
    configured,
    decide,
    iphone,
    json_in,
    payloads_in,
    place,
    plan_of,
    policy_of,
    profile_in,
    render,
    staff_plan,
    work_profile_plan,
)
from tests.unit.render.test_golden import CASES

ON_PREMISES = ExchangeServer(
    "mail.example",
    oauth=False,
    oauth_sign_in_url="https://a.example",
    oauth_token_url="https://b.example",  # noqa: S106  (an address)
    tls=False,
)


def staff_case(account: Account = STAFF) -> tuple[TargetPlan, Policy]:
    target = iphone("staff")
    return staff_plan(target), policy_of(account, target=target)


def exchange_payload(account: Account) -> Mapping[str, object]:
    (profile,) = render(*staff_case(account))
    return payloads_in(profile)["account"]


def configuration(account: Account, app: str) -> Mapping[str, object]:
    target = android("staff")
    plan = plan_of(target, configured("staff", app))
    (policy,) = render(plan, policy_of(account, target=target))
    (application, *_) = json.loads(policy.content)["applications"]
    found = application["managedConfiguration"]
    assert isinstance(found, dict)
    return found


def test_the_first_bytes_are_those_that_servers_look_for() -> None:
    (profile,) = render(*staff_case())
    assert profile.content.startswith(b"<?xml")
    assert profile.kind is ArtifactKind.PROFILE


def test_a_users_value_is_never_template_code() -> None:
    account = replace(STAFF, name="{{ user.name }}", username="{{ user.name }}")
    evil = '{{ 7 * 7 }}{% raw %}"<&>'
    (profile,) = render(*staff_case(account), user=User("a", {"name": evil}))
    assert payloads_in(profile)["account"]["UserName"] == evil
    assert profile_in(profile)["PayloadType"] == "Configuration"

    target = android("staff")
    (policy,) = render(
        work_profile_plan(target), policy_of(account, target=target), user=User("a", {"name": evil})
    )
    assert evil in json.loads(policy.content)["applications"][0]["managedConfiguration"].values()


def test_without_a_user_a_field_has_no_value() -> None:
    with pytest.raises(InputError, match=r"account staff: address needs a value for user\.email"):
        render(*staff_case(replace(STAFF, address="{{ user.email }}")))


@pytest.mark.parametrize(
    ("account", "place_named"),
    [
        (replace(STAFF, address="a\x07b"), "account staff: address"),
        (replace(STAFF, name="two\nlines"), "account staff: name"),
        (
            replace(STAFF, server=replace(ON_PREMISES, host="a\ud800")),
            "account staff: server.host",
        ),
    ],
)
def test_a_control_character_is_told_with_its_place(account: Account, place_named: str) -> None:
    with pytest.raises(InputError) as caught:
        render(*staff_case(account))
    assert caught.value.message.startswith(f"{place_named} holds the character U+")
    assert caught.value.exit_code == 3


def test_a_control_character_of_a_user_names_the_user() -> None:
    account = replace(STAFF, username="{{ user.name }}")
    with pytest.raises(InputError, match="account staff: username of user 'b' holds the character"):
        render(*staff_case(account), user=User("b", {"name": "\x00"}))


def test_control_characters_elsewhere_are_told_too() -> None:
    plan, policy = staff_case()
    wording = replace(WORDING, description="fine\nlines", consent={"de": "\x01"})
    with pytest.raises(InputError, match=r"wording: consent.de holds the character U\+0001"):
        render(plan, replace(policy, wording=wording))
    setting = PayloadSetting("com.apple.domains", "WebDomains", ("a\x02",))
    plan = plan_of(iphone("staff"), decisions=(decide("staff", "web-downloads", setting),))
    with pytest.raises(InputError, match=r"com\.apple\.domains\.WebDomains holds the character"):
        render(plan, policy)


def test_oauth_urls_are_written_only_with_oauth() -> None:
    plain = exchange_payload(replace(STAFF, server=ON_PREMISES))
    assert (plain["OAuth"], plain["SSL"]) == (False, False)
    assert "OAuthSignInURL" not in plain
    signed_in = exchange_payload(replace(STAFF, server=replace(ON_PREMISES, oauth=True)))
    assert signed_in["OAuthSignInURL"] == "https://a.example"
    assert signed_in["OAuthTokenRequestURL"] == "https://b.example"


def test_no_password_is_ever_written() -> None:
    for case in CASES:
        plan, policy, user = case()
        for artifact in render(plan, policy, user=user):
            if artifact.kind is ArtifactKind.PROFILE:
                for payload in payloads_in(artifact).values():
                    kind = str(payload["PayloadType"])
                    assert kind.endswith("pkcs12") or not any("assword" in k for k in payload)


def test_the_user_name_is_the_address_where_none_is_given() -> None:
    assert exchange_payload(replace(STAFF, username=""))["UserName"] == STAFF.address


def test_imap_without_sign_in_still_says_how() -> None:
    assert isinstance(PRESS.server, ImapServers)
    outgoing = replace(PRESS.server.outgoing, authentication=Authentication.NONE, port=None)
    press = replace(PRESS, server=replace(PRESS.server, outgoing=outgoing))
    target = iphone("press")
    plan = plan_of(target, place("press", IMAP))
    (profile,) = render(plan, policy_of(press, target=target))
    payload = payloads_in(profile)["managed"]
    assert payload["OutgoingMailServerAuthentication"] == "EmailAuthNone"
    assert "OutgoingMailServerUsername" not in payload
    assert "OutgoingMailServerPortNumber" not in payload


@pytest.mark.parametrize(
    ("account", "payload", "message"),
    [
        (
            replace(PRESS, login="signing"),
            IMAP,
            "account press: com.apple.mail.managed has no key for a client certificate",
        ),
        (replace(PRESS, call_app="a.b"), IMAP, "has no key for a calling app (`call_app`)"),
        (replace(TEAM, smime=SMIME), GOOGLE, "account team: com.apple.google-oauth has no key"),
    ],
)
def test_what_a_payload_cannot_carry_is_told(account: Account, payload: str, message: str) -> None:
    target = iphone(account.id)
    plan = plan_of(target, place(account.id, payload))
    with pytest.raises(InputError) as caught:
        render(plan, policy_of(account, target=target))
    assert message in caught.value.message
    assert caught.value.hint


def test_s_mime_may_only_sign_or_only_encrypt() -> None:
    target = iphone("staff")
    plan = plan_of(target, place("staff", EXCHANGE))
    for smime, there, missing in (
        (replace(SMIME, encrypt=""), "SMIMESigningEnabled", "SMIMEEncryptByDefault"),
        (replace(SMIME, sign=""), "SMIMEEncryptByDefault", "SMIMESigningEnabled"),
    ):
        policy = policy_of(replace(STAFF, smime=smime), target=target)
        (profile,) = render(plan, policy)
        payload = payloads_in(profile)["account"]
        assert payload[there] is True
        assert missing not in payload


def test_a_certificate_file_must_have_been_read() -> None:
    plan, policy = staff_case()
    with pytest.raises(KeyError, match="company-ca"):
        render(plan, replace(policy, certificates=(CA,)), certificates={})


def test_a_pkcs12_file_may_have_no_passphrase() -> None:
    plan, policy = staff_case(replace(STAFF, login="signing"))
    material = {"signing": replace(MATERIAL["signing"], secret=None)}
    (profile,) = render(plan, replace(policy, certificates=(SIGNING,)), certificates=material)
    assert "Password" not in payloads_in(profile)["pkcs12"]


def test_scep_keys_are_left_out_where_nothing_is_said() -> None:
    plan, policy = staff_case(replace(STAFF, login="device"))
    device = replace(DEVICE, subject=(), name="", fingerprint="")
    (profile,) = render(plan, replace(policy, certificates=(device,)), certificates={})
    assert payloads_in(profile)["scep"]["PayloadContent"] == {
        "URL": "https://scep.northwindtraders.example/scep",
        "Subject": [],
        "Keysize": 2048,
        "Key Type": "RSA",
        "Key Usage": 5,
    }


def test_removal_is_only_forbidden_on_supervised_devices() -> None:
    plan, policy = staff_case()
    wording = replace(WORDING, removal=Removal(allowed=False, on=None, after_days=None))
    (profile,) = render(plan, replace(policy, wording=wording))
    assert "PayloadRemovalDisallowed" not in profile_in(profile)


def test_consent_always_has_a_default() -> None:
    plan, policy = staff_case()
    wording = replace(WORDING, consent={"de": "Einverstanden?"})
    (profile,) = render(plan, replace(policy, wording=wording))
    assert profile_in(profile)["ConsentText"] == {
        "de": "Einverstanden?",
        "default": "Einverstanden?",
    }


def test_notifications_are_set_for_apple_mail_and_each_app_of_the_decisions() -> None:
    target = iphone("staff", "press")
    key = "NotificationSettings.NotificationSettingsItem.ShowInLockScreen"
    setting = PayloadSetting("com.apple.notificationsettings", key, value=False)
    placements = (configured("staff", OUTLOOK_IOS), place("press", IMAP))
    decisions = tuple(decide(name, "notification-preview", setting) for name in ("staff", "press"))
    plan = plan_of(target, *placements, decisions=decisions)
    profile, _ = render(plan, policy_of(STAFF, PRESS, target=target))
    assert payloads_in(profile)["notificationsettings"]["NotificationSettings"] == [
        {"BundleIdentifier": "com.apple.mobilemail", "ShowInLockScreen": False},
        {"BundleIdentifier": OUTLOOK_IOS, "ShowInLockScreen": False},
    ]


def test_a_payload_type_new_in_the_catalogue_is_written() -> None:
    target = iphone("staff")
    setting = PayloadSetting("com.apple.airplay", "Example", 1)
    plan = plan_of(target, decisions=(decide("staff", "screen-mirroring", setting),))
    (profile,) = render(plan, policy_of(STAFF, target=target))
    payload = payloads_in(profile)["airplay"]
    assert payload["Example"] == 1
    assert payload["PayloadIdentifier"] == "com.northwindtraders.mail.iphone-device.airplay"


def test_declarations_are_written_only_where_asked_for() -> None:
    setting = PayloadSetting("com.apple.configuration.siri.settings", "Enabled", value=False)
    decisions = (decide("staff", "siri", setting),)
    for asked, kinds in ((True, {"profile", "declaration"}), (False, {"profile"})):
        target = iphone("staff", declarations=asked)
        plan = plan_of(target, decisions=decisions)
        artifacts = render(plan, policy_of(STAFF, target=target))
        assert {artifact.kind.value for artifact in artifacts} == kinds


def test_a_token_changes_with_the_content_of_a_declaration() -> None:
    tokens = set()
    for value in (True, False):
        setting = PayloadSetting("com.apple.configuration.siri.settings", "Enabled", value=value)
        target = iphone("staff", declarations=True)
        plan = plan_of(target, decisions=(decide("staff", "siri", setting),))
        _, declaration, _ = render(plan, policy_of(STAFF, target=target))
        tokens.add(json_in(declaration)["ServerToken"])
    assert len(tokens) == 2


def test_outlook_on_premises() -> None:
    account = replace(STAFF, name="", server=ON_PREMISES, username="NORTHWIND\\staff")
    keys = configuration(account, OUTLOOK_ANDROID)
    assert keys["com.microsoft.outlook.EmailProfile.AccountType"] == "BasicAuth"
    assert keys["com.microsoft.outlook.EmailProfile.ServerHostName"] == "mail.example"
    assert keys["com.microsoft.outlook.EmailProfile.EmailUPN"] == "NORTHWIND\\staff"
    assert keys["com.microsoft.intune.mam.AllowedAccountUPNs"] == STAFF.address


def test_an_open_account_may_be_copied_to_other_apps() -> None:
    keys = configuration(replace(STAFF, sharing=Sharing.OPEN), OUTLOOK_ANDROID)
    assert not any("Sync" in key for key in keys)


def test_gmail_never_trusts_every_certificate() -> None:
    keys = configuration(replace(STAFF, server=ON_PREMISES), GMAIL_ANDROID)
    assert keys["exchange_trust_all_certificates"] is False
    assert keys["exchange_ssl_required"] is False
    assert "default_exchange_sync_window" not in keys


def test_an_app_with_unknown_keys_takes_no_account() -> None:
    with pytest.raises(KeyError):
        configuration(STAFF, "com.example.mail")


def test_a_company_owned_policy_of_another_user_differs_in_the_account_only() -> None:
    target = android("staff", mode=Mode.COMPANY_OWNED)
    policy = policy_of(replace(STAFF, address="{{ user.email }}", username=""), target=target)
    ben = User("ben", {"email": "ben@northwindtraders.example"})
    (one,) = render(work_profile_plan(target), policy, user=ANNA)
    (two,) = render(work_profile_plan(target), policy, user=ben)
    assert one.content.replace(b"anna@", b"ben@") == two.content


def test_artifacts_travel_between_processes() -> None:
    (profile,) = render(*staff_case())
    assert pickle.loads(pickle.dumps(profile)) == profile  # noqa: S301  (our own bytes)
