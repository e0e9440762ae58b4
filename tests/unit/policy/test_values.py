"""What a policy file means: every field, every default."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.policy.accounts import (
    Authentication,
    ExchangeServer,
    ImapServers,
    Intent,
    MailServer,
    Sharing,
    Smime,
    Sync,
)
from profilegen.policy.certificates import (
    AcmeEnrolment,
    CaCertificate,
    Pkcs12Certificate,
    ScepEnrolment,
)
from profilegen.policy.load import load_policy
from profilegen.policy.model import (
    Accept,
    BlockedApp,
    Domains,
    FieldKind,
    ManagedApp,
    Organization,
    Policy,
    Removal,
    UserField,
)
from profilegen.policy.targets import AndroidTarget, IosTarget
from profilegen.versions import Version
from tests.strategies import as_file

GOOD = Path(__file__).resolve().parents[2] / "policies" / "good"


@pytest.fixture(scope="module")
def everything() -> Policy:
    return load_policy("everything.yaml", (GOOD / "everything.yaml").read_bytes())


@pytest.fixture(scope="module")
def minimal() -> Policy:
    return load_policy("minimal.yaml", (GOOD / "minimal.yaml").read_bytes())


def test_accounts(everything: Policy) -> None:
    exchange, imap, google = everything.accounts
    assert exchange.name == "Exchange of {{ user.name }}"
    assert exchange.username == "{{user.email}}"
    assert exchange.server == ExchangeServer(
        "{{ user.region }}.mail.example.com",
        oauth=True,
        oauth_sign_in_url="https://login.example.com/authorize",
        oauth_token_url="https://login.example.com/token",  # noqa: S106  (a URL, no token)
        tls=True,
    )
    assert exchange.client == {Platform.IOS: "outlook", Platform.ANDROID: "samsung-email"}
    assert exchange.channels == {
        "paste": Intent.ALLOW,
        "widgets": Intent.LEAVE,
        "siri": Intent.DENY,
    }
    assert (exchange.login, exchange.sharing) == ("device", Sharing.SEALED)
    assert exchange.smime == Smime("mail", "person", user_may_override=True)
    assert exchange.sync == Sync(
        mail=True,
        contacts=False,
        calendars=True,
        reminders=False,
        notes=False,
        days=0,
        user_may_change=True,
    )
    assert exchange.call_app == google.call_app == "com.example.phone"
    assert imap.server == ImapServers(
        MailServer("imap.example.com", 143, False, Authentication.CRAM_MD5, "{{ user.id }}"),  # noqa: FBT003  (five fields in their order)
        MailServer("smtp.example.com", 587, True, Authentication.NONE, "{{ user.id }}"),  # noqa: FBT003  (as above)
    )
    assert (imap.vpn, imap.smime) == (
        "{{ user.vpn }}",
        Smime("", "person", user_may_override=False),
    )
    assert google.server is None


def test_defaults_of_an_account(minimal: Policy) -> None:
    (account,) = minimal.accounts
    assert (account.name, account.username) == ("Northwind", "staff@example.com")
    assert account.client == {Platform.IOS: "mail", Platform.ANDROID: ""}
    assert (account.channels, account.login, account.vpn, account.call_app) == ({}, "", "", "")
    assert (account.smime, account.sync) == (None, None)
    assert account.server == ExchangeServer(
        "mail.example.com", oauth=False, oauth_sign_in_url="", oauth_token_url="", tls=True
    )


def test_defaults_of_mail_servers() -> None:
    policy = load_policy("numbers.yaml", (GOOD / "numbers.yaml").read_bytes())
    server = policy.accounts[0].server
    assert isinstance(server, ImapServers)
    assert (server.incoming.port, server.outgoing.port) == (993, 587)
    assert server.incoming.username == server.outgoing.username == "staff@example.com"
    assert server.incoming.authentication is Authentication.PASSWORD
    assert server.incoming.tls
    assert server.outgoing.tls


def test_certificates(everything: Policy) -> None:
    assert everything.certificates == (
        CaCertificate("root", "certificates/root.pem"),
        Pkcs12Certificate("person", "person.p12", "PERSON_PASSPHRASE"),
        ScepEnrolment(
            id="mail",
            url="http://scep.example.com/scep",
            subject=(
                ("CN", "{{ user.name }}"),
                ("O", "Northwind"),
                ("1.2.840.113549.1.9.1", "{{ user.email }}"),
            ),
            name="MAIL",
            challenge_env="SCEP_CHALLENGE",
            key_size=4096,
            key_usage=5,
            fingerprint="00112233445566778899aabbccddeeff00112233",
        ),
        AcmeEnrolment(
            id="device",
            directory_url="https://acme.example.com/directory",
            client_identifier="{{ user.serial }}",
            key_type="RSA",
            key_size=3072,
            hardware_bound=False,
            attest=False,
            subject=(("CN", "Device"),),
        ),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({}, ("ECSECPrimeRandom", 256, True, True)),
        ({"attest": False}, ("ECSECPrimeRandom", 256, True, False)),
        ({"key_size": 384}, ("ECSECPrimeRandom", 384, True, True)),
        ({"hardware_bound": False}, ("ECSECPrimeRandom", 256, False, False)),
        (
            {"hardware_bound": False, "key_size": 521},
            ("ECSECPrimeRandom", 521, False, False),
        ),
        ({"key_type": "rsa"}, ("RSA", 2048, False, False)),
    ],
)
def test_defaults_of_acme(
    minimal_table: dict[str, Any], written: dict[str, Any], meant: tuple[object, ...]
) -> None:
    row = {
        "id": "a",
        "kind": "acme",
        "directory_url": "https://acme.example.com",
        "client_identifier": "a",
        "subject": [{"CN": "a"}],
    }
    policy = load_policy("x", as_file(minimal_table | {"certificates": [row | written]}))
    (acme,) = policy.certificates
    assert isinstance(acme, AcmeEnrolment)
    assert (acme.key_type, acme.key_size, acme.hardware_bound, acme.attest) == meant


def test_defaults_of_scep(minimal_table: dict[str, Any]) -> None:
    row = {"id": "a", "kind": "scep", "url": "https://scep.example.com"}
    policy = load_policy("x", as_file(minimal_table | {"certificates": [row]}))
    assert policy.certificates == (
        ScepEnrolment("a", "https://scep.example.com", (), "", "", 2048, 5, ""),
    )


def test_apps_and_domains(everything: Policy, minimal: Policy) -> None:
    assert everything.managed_apps == (
        ManagedApp("Outlook", "com.microsoft.Office.Outlook", "com.microsoft.office.outlook"),
    )
    assert everything.blocked_apps == (
        BlockedApp(
            "TikTok",
            ("com.zhiliaoapp.musically",),
            ("com.zhiliaoapp.musically", "com.ss.android.ugc.trill"),
            date(2026, 12, 10),
            "It read the clipboard.",
        ),
    )
    assert everything.domains == Domains(
        ("example.com",), ("*.example.com", "example.org:8443/intranet")
    )
    assert (minimal.managed_apps, minimal.blocked_apps) == ((), ())
    assert minimal.domains == Domains((), ())


def test_targets(everything: Policy, minimal: Policy) -> None:
    assert everything.targets == (
        IosTarget(
            id="iphone",
            enrollment=Enrollment.SUPERVISED,
            minimum_os=Version(26),
            accounts=("exchange", "imap", "google"),
            strictest=True,
            declarations=True,
        ),
        AndroidTarget(
            id="phone",
            mode=Mode.COMPANY_OWNED,
            minimum_os=Version(15),
            accounts=("google", "exchange"),
            strictest=True,
        ),
    )
    assert [target.platform for target in everything.targets] == list(Platform)
    assert [account.id for account in everything.accounts_of(everything.targets[1])] == [
        "google",
        "exchange",
    ]
    (target,) = minimal.targets
    assert isinstance(target, IosTarget)
    assert (target.strictest, target.declarations) == (False, False)


def test_accepted_gaps(everything: Policy) -> None:
    assert everything.accepted == (
        Accept("phone", channel="handoff", app="", account="google", because="Known."),
        Accept("iphone", channel="", app="TikTok", account="", because="Known."),
    )


def test_fields_of_users(everything: Policy) -> None:
    assert everything.users == (
        UserField("name", FieldKind.TEXT, required=True, pattern="[^<>]+"),
        UserField("local", FieldKind.TEXT, required=True, pattern=""),
        UserField("email", FieldKind.EMAIL, required=True, pattern=""),
        UserField("region", FieldKind.TEXT, required=True, pattern="eu|us"),
        UserField("vpn", FieldKind.UUID, required=False, pattern=""),
        UserField("serial", FieldKind.TEXT, required=True, pattern=""),
    )


def test_wording(everything: Policy, minimal: Policy) -> None:
    wording = everything.wording
    assert wording.description == "Mail of Northwind.\nTwo lines."
    assert wording.consent == {"default": "May we?", "de": "Dürfen wir?", "pt-BR": "Podemos?"}
    assert (wording.support_short, wording.support_long) == ("Ask us.", "Ask us at length.")
    assert wording.removal == Removal(allowed=False, on=date(2028, 2, 29), after_days=365)
    assert (wording.expires, wording.device_type) == (date(2027, 12, 31), 0)
    default = minimal.wording
    assert default.description == "Mail accounts of Northwind and what they may share."
    assert (default.consent, default.expires, default.device_type) == ({}, None, 1)
    assert default.removal == Removal(allowed=True, on=None, after_days=None)
    assert "Northwind" in default.support_short
    assert "Help Desk" in default.support_long


def test_default_messages_fit_android(minimal_table: dict[str, Any]) -> None:
    organization = {"name": "N" * 5000, "identifier": "com.example", "contact": "c"}
    policy = load_policy("x", as_file(minimal_table | {"organization": organization}))
    assert policy.organization == Organization("N" * 5000, "com.example", "c")
    assert (len(policy.wording.support_short), len(policy.wording.support_long)) == (200, 4096)


def test_a_whole_number_may_have_a_point(minimal_table: dict[str, Any]) -> None:
    removal = {"profile": {"removal": {"after_days": 7.0}}}
    after_days = load_policy("x", as_file(minimal_table | removal)).wording.removal.after_days
    assert (after_days, type(after_days)) == (7, int)


def test_yaml_1_1_words_are_text() -> None:
    policy = load_policy("strings.yaml", (GOOD / "strings.yaml").read_bytes())
    assert policy.organization.name == "Yes"
    assert policy.organization.contact == "2026-11-30"
    assert (policy.accounts[0].name, policy.accounts[0].username) == ("no", "on")
