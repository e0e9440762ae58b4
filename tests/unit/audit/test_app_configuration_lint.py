"""Managed configurations of mail apps on both platforms: keys, values, secrets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import AndroidPolicy, AppConfiguration
from profilegen.audit.lint.android_rules import findings as android_findings
from profilegen.audit.lint.app_configuration import findings, findings_of
from profilegen.audit.placeholders import Placeholder
from profilegen.catalogue.apps import keys_of, keys_of_every_app, mail_apps
from profilegen.catalogue.terms import Platform
from profilegen.findings import Finding
from tests.unit.audit.samples import OUTLOOK, context

Keys = dict[str, Any]

GMAIL = "com.google.android.gm"
OUTLOOK_ANDROID = "com.microsoft.office.outlook"
PREFIX = "com.microsoft.outlook."
ALLOWED = "com.microsoft.intune.mam.AllowedAccountUPNs"


def android(app: str, keys: Keys) -> list[Finding]:
    return list(findings_of(keys, app=app, platform=Platform.ANDROID, where=""))


def ios(app: str, keys: Keys) -> list[Finding]:
    return list(findings(AppConfiguration("test.plist", app, keys)))


def codes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.where) for finding in found]


def test_a_policy_s_apps_are_judged_where_they_stand() -> None:
    policy: Keys = {
        "applications": [{"packageName": GMAIL, "managedConfiguration": {"email_adress": "x"}}]
    }
    (finding,) = android_findings(AndroidPolicy("test.json", policy), context())
    assert (finding.rule, finding.severity) == ("unknown-app-key", "warning")
    assert finding.where == "applications[0].managedConfiguration.email_adress"
    assert finding.fix == "Write email_address."
    assert "Google support 7065453" in finding.message


def test_known_keys_have_no_finding() -> None:
    keys = {
        "email_address": "anna@example.org",
        "exchange_host": "mail.example.org",
        "exchange_ssl_required": True,
        "default_exchange_sync_window": 3,
        "allow_unmanaged_accounts": False,
    }
    assert android(GMAIL, keys) == []
    outlook = {
        f"{PREFIX}EmailProfile.AccountType": "ModernAuth",
        f"{PREFIX}Contacts.LocalSyncEnabled": False,
    }
    assert android(OUTLOOK_ANDROID, outlook | {ALLOWED: "anna@example.org"}) == []
    assert ios(OUTLOOK, outlook | {"IntuneMAMUPN": "anna@example.org"}) == []


def test_a_slip_in_a_key_of_every_app() -> None:
    (finding,) = android(OUTLOOK_ANDROID, {"com.microsoft.intune.mam.AllowedAccountUPN": "x"})
    assert (finding.rule, finding.fix) == ("unknown-app-key", f"Write {ALLOWED}.")


def test_an_unknown_key_like_no_other_gets_no_guess() -> None:
    (finding,) = android(GMAIL, {"x" * 300: 1})
    assert finding.rule == "unknown-app-key"
    assert finding.fix == "Compare the spelling with the app maker's list."
    assert len(finding.message) < 200


@pytest.mark.parametrize(
    "app", ["com.ninefolders.hd3.work", "com.samsung.android.email.provider", "org.example.app", ""]
)
def test_apps_without_a_checked_list_are_not_judged(app: str) -> None:
    assert android(app, {"AnyKey": 1, "email_adress": "x"}) == []


def test_gmail_for_ios_has_no_checked_list() -> None:
    assert ios("com.google.Gmail", {"email_adress": "x"}) == []


def test_keys_of_the_other_platform() -> None:
    upn = {"IntuneMAMUPN": "anna@example.org"}
    (finding,) = android(OUTLOOK_ANDROID, upn)
    assert (finding.rule, finding.severity) == ("other-platform-app-key", "warning")
    assert finding.fix == f"Use {ALLOWED}."
    assert codes(android("org.example.app", upn)) == [("other-platform-app-key", "IntuneMAMUPN")]
    (finding,) = ios(OUTLOOK, {ALLOWED: "anna@example.org"})
    assert finding.rule == "other-platform-app-key"
    assert finding.fix == "Use IntuneMAMUPN and IntuneMAMAllowedAccountsOnly."
    (finding,) = ios(OUTLOOK, {f"{PREFIX}Calendar.NativeSyncEnabled": False})
    assert finding.rule == "other-platform-app-key"
    assert finding.fix == "Use the key of this platform."


@pytest.mark.parametrize("platform", Platform)
def test_keys_of_app_protection_alone(platform: Platform) -> None:
    app = mail_apps()["outlook"].id_on(platform)
    keys = {f"{PREFIX}Mail.NotificationsEnabled": False}
    (finding,) = findings_of(keys, app=app, platform=platform, where="")
    assert finding.rule == "unknown-app-key"
    assert "app protection only" in finding.message


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("exchange_ssl_required", "true", "true or false, without quotes"),
        ("exchange_ssl_required", 1, "true or false, without quotes"),
        ("email_address", True, "a text"),
        ("default_exchange_sync_window", "3", "an integer"),
        ("default_exchange_sync_window", True, "an integer"),
        ("default_exchange_sync_window", 6, "an integer from 0 to 5"),
    ],
)
def test_values_that_gmail_does_not_take(key: str, value: object, takes: str) -> None:
    (finding,) = android(GMAIL, {key: value})
    assert (finding.rule, finding.severity) == ("app-value", "warning")
    assert finding.message == f"{key} takes {takes}."


def test_values_that_outlook_does_not_take() -> None:
    key = f"{PREFIX}EmailProfile.AccountType"
    (finding,) = ios(OUTLOOK, {key: "OAuth"})
    assert finding.message == f"{key} takes one of ModernAuth, BasicAuth."


@pytest.mark.parametrize("value", ["{{ssl}}", "$ssl$", "%ssl%", "$(ssl)", Placeholder("x{{y}}")])
def test_variables_are_left_alone(value: str) -> None:
    assert android(GMAIL, {"exchange_ssl_required": value}) == []


def test_tls_off_in_gmail() -> None:
    (finding,) = android(GMAIL, {"exchange_ssl_required": False, "exchange_host": "a.example.org"})
    assert (finding.rule, finding.severity) == ("tls-off", "error")
    assert codes(android(GMAIL, {"exchange_ssl_required": False, "exchange_host": 1})) == [
        ("app-value", "exchange_host"),
        ("tls-off", "exchange_ssl_required"),
    ]
    secured = {"exchange_ssl_required": False, "exchange_host": "mail.example.org:443"}
    assert android(GMAIL, secured) == []
    assert android("org.example.app", {"exchange_ssl_required": False}) == []


def test_gmail_trusts_everybody() -> None:
    key = "exchange_trust_all_certificates"
    (finding,) = android(GMAIL, {key: True})
    assert (finding.rule, finding.severity) == ("trusts-all-certificates", "error")
    assert android(GMAIL, {key: False}) == []
    assert codes(android(GMAIL, {key: "true"})) == [("app-value", key)]


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "Password",
        "mailPassword",
        "exchange_password",
        "com.example.EmailPwd",
        "clientSecret",
        "API_KEY",
        "wifi-passphrase",
        "private.key",
        "SMTPPassword",
    ],
)
def test_passwords_in_the_clear(key: str) -> None:
    found = android("org.example.app", {"accounts": [{"inner": {key: "hunter-2-secret"}}]})
    (finding,) = found
    assert (finding.rule, finding.severity) == ("password-in-clear", "error")
    assert finding.where.startswith("accounts[0].inner")
    assert "hunter" not in f"{finding}"
    (finding,) = ios("org.example.app", {key: "hunter-2-secret"})
    assert finding.rule == "password-in-clear"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("passwordLength", "12"),
        ("password_required", "always"),
        ("ServerAuthentication", "Username and Password"),
        ("password", ""),
        ("password", "true"),
        ("password", "Prompt"),
        ("password", "{{ user.password }}"),
        ("password", "$PASSWORD"),
        ("password", "%password%"),
        ("password", "********"),
        ("password", "<password>"),
        ("password", 4711),
        ("password", None),
        ("1", "x"),
        ("", "x"),
        ("keyboard", "x"),
    ],
)
def test_what_is_no_password(key: str, value: object) -> None:
    assert android("org.example.app", {key: value}) == []


def test_items_of_lists_are_named_by_their_list() -> None:
    found = android("org.example.app", {"passwords": ["a", "b"], "password": ["a1", "b2"]})
    assert [finding.where for finding in found] == ["password[0]", "password[1]"]


def test_lists_name_their_sources_and_every_platform() -> None:
    for app in mail_apps():
        for platform in Platform:
            for key in keys_of(app, platform).values():
                assert key.source
                assert key.about
                assert key.values == () or key.type == "text"
                assert key.least is None or key.type == "integer"
    assert keys_of("outlook", Platform.IOS).keys() != keys_of("outlook", Platform.ANDROID).keys()
    assert len(keys_of("gmail", Platform.ANDROID)) == 11
    assert keys_of("nine", Platform.ANDROID) == {}
    assert keys_of_every_app(Platform.IOS).keys() == {
        "IntuneMAMUPN",
        "IntuneMAMAllowedAccountsOnly",
    }


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(
    st.sampled_from([GMAIL, OUTLOOK_ANDROID, OUTLOOK, "x"]),
    st.dictionaries(
        st.text(max_size=9)
        | st.sampled_from([*keys_of("gmail", Platform.ANDROID), ALLOWED, "password"])
        | st.integers().map(lambda number: f"{number}"),
        VALUES,
        max_size=5,
    ),
)
def test_any_configuration_is_judged_without_an_exception(app: str, keys: Keys) -> None:
    for finding in (*android(app, keys), *ios(app, keys)):
        assert finding.message.isprintable()


def test_keys_that_are_no_texts_are_judged_too() -> None:
    # Binary property lists may have them.
    keys: Any = {7: "x"}
    assert codes(ios(OUTLOOK, keys)) == [("unknown-app-key", '["7"]')]
