"""Settings without effect, channels opened, neighbours, servers, TLS and secrets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import Declaration, Profile
from profilegen.audit.lint import containment
from profilegen.audit.placeholders import Placeholder
from profilegen.catalogue.accounts import moot_settings, references, secrets, servers, tls_keys
from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Finding
from tests.unit.audit.samples import (
    EXCHANGE,
    GOOGLE,
    MAIL,
    RESTRICTIONS,
    context,
    declaration,
    payload,
    profile,
)
from tests.unit.audit.test_arbitrary_input import VALUES

DEVICE = context(Enrollment.DEVICE)
CLOSED = {"allowOpenFromManagedToUnmanaged": False}
MAIL_SERVERS = {
    "IncomingMailServerHostName": "imap.example.org",
    "OutgoingMailServerHostName": "smtp.example.org",
    "IncomingMailServerUseSSL": True,
    "OutgoingMailServerUseSSL": True,
}
EXCHANGE_SERVER = {"Host": "eas.example.org", "SSL": True}
DDM_MAIL = "com.apple.configuration.account.mail"
DDM_EXCHANGE = "com.apple.configuration.account.exchange"


def found(document: Profile | Declaration, rule: str, where: Any = DEVICE) -> list[Finding]:  # noqa: ANN401
    return [item for item in containment.findings(document, where) if item.rule == rule]


def places(document: Profile | Declaration, rule: str) -> list[str]:
    return [item.where.removeprefix("PayloadContent[0].") for item in found(document, rule)]


def mail(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(MAIL, "org.example.mail", **{**MAIL_SERVERS, **keys})


def exchange(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(EXCHANGE, "org.example.eas", **{**EXCHANGE_SERVER, **keys})


def restrictions(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(RESTRICTIONS, "org.example.restrictions", **keys)


def test_a_good_profile_has_no_finding() -> None:
    good = profile(
        mail(PreventMove=True),
        restrictions(**CLOSED, requireManagedPasteboard=True, forceAirDropUnmanaged=True),
    )
    assert list(containment.findings(good, DEVICE)) == []


@pytest.mark.parametrize(
    "key",
    [
        {"requireManagedPasteboard": True},
        {"forceAirDropUnmanaged": True},
        {"allowUnmanagedToReadManagedContacts": True},
        {"allowManagedToWriteUnmanagedContacts": False},
    ],
)
def test_keys_that_rest_on_open_in(key: dict[str, bool]) -> None:
    (name,) = key
    assert places(profile(restrictions(**key)), "no-effect") == [name]
    open_in = {"allowOpenFromManagedToUnmanaged": True}
    assert places(profile(restrictions(**key, **open_in)), "no-effect") == [name]
    assert places(profile(restrictions(**key, **CLOSED)), "no-effect") == []
    elsewhere = profile(restrictions(**key), restrictions(**CLOSED))
    assert places(elsewhere, "no-effect") == []
    filled = {"allowOpenFromManagedToUnmanaged": "{{ open_in }}"}
    assert places(profile(restrictions(**key, **filled)), "no-effect") == []


def test_the_pasteboard_needs_one_direction_only() -> None:
    inward = restrictions(requireManagedPasteboard=True, allowOpenFromUnmanagedToManaged=False)
    assert places(profile(inward), "no-effect") == []
    (finding,) = found(profile(restrictions(requireManagedPasteboard=True)), "no-effect")
    assert finding.message == (
        "requireManagedPasteboard has no effect: nothing in this file closes open-in "
        "(allowOpenFromManagedToUnmanaged false) or open-in-from "
        "(allowOpenFromUnmanagedToManaged false)."
    )


@pytest.mark.parametrize(
    "keys",
    [{"requireManagedPasteboard": False}, {"forceAirDropUnmanaged": 1}, {"requireManaged": True}],
)
def test_values_that_ask_for_nothing_are_no_finding(keys: dict[str, Any]) -> None:
    assert places(profile(restrictions(**keys)), "no-effect") == []


def test_web_domains_rest_on_open_in() -> None:
    domains = payload("com.apple.domains", WebDomains=["*.example.org"], EmailDomains=["a.org"])
    assert places(profile(domains), "no-effect") == ["WebDomains"]
    assert places(profile(domains, restrictions(**CLOSED)), "no-effect") == []
    assert places(profile({**domains, "WebDomains": []}), "no-effect") == []


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (restrictions(allowScreenShot=False, allowRemoteScreenObservation=True), "allowRemote"),
        (restrictions(allowAirDrop=False, forceAirDropUnmanaged=True, **CLOSED), "forceAirDrop"),
        (restrictions(allowAirPrint=False, allowAirPrintCredentialsStorage=False), "allowAirPrint"),
        (restrictions(allowAirPrint=False, forceAirPrintTrustedTLSRequirement=True), "forceAirP"),
        (exchange(OAuthSignInURL="https://example.org"), "OAuthSignInURL"),
        (exchange(OAuth=False, OAuthTokenRequestURL="https://example.org"), "OAuthTokenRequest"),
        (exchange(OAuth=True, Host="", OAuthSignInURL="https://example.org"), "OAuthSignInURL"),
        ({**exchange(OAuth=True), "Password": "{{ password }}"}, "Password"),
        (exchange(Certificate=b"1", PayloadCertificateUUID="{{ uuid }}"), "Certificate"),
        (exchange(EnableMailUserOverridable=False), "EnableMailUserOverridable"),
        (exchange(EnableNotesUserOverridable=True), "EnableNotesUserOverridable"),
        (mail(SMIMEEnabled=True), "SMIMEEnabled"),
        (mail(OutgoingPasswordSameAsIncomingPassword=True), "OutgoingPasswordSameAsIncoming"),
    ],
)
def test_settings_that_another_one_makes_moot(content: dict[str, Any], where: str) -> None:
    (place,) = places(profile(content), "no-effect")
    assert place.startswith(where)


@pytest.mark.parametrize(
    "content",
    [
        restrictions(allowScreenShot=True, allowRemoteScreenObservation=True),
        restrictions(allowAirDrop="{{ airdrop }}", forceAirDropUnmanaged=True, **CLOSED),
        restrictions(allowAirPrint=False, forceAirPrintTrustedTLSRequirement=False),
        exchange(OAuth=True, OAuthSignInURL="https://example.org"),
        exchange(EnableMail=True, EnableMailUserOverridable=False),
        exchange(Certificate=b"1"),
        mail(OutgoingPasswordSameAsIncomingPassword=False),
    ],
)
def test_settings_that_are_not_moot(content: dict[str, Any]) -> None:
    assert places(profile(content), "no-effect") == []


def test_one_password_for_both_servers_works_where_a_person_installs() -> None:
    once = profile(mail(OutgoingPasswordSameAsIncomingPassword=True))
    assert found(once, "no-effect", context(Enrollment.MANUAL)) == []


def test_an_exchange_account_with_all_services_off() -> None:
    services = ("Mail", "Contacts", "Calendars", "Reminders", "Notes")
    off = {f"Enable{service}": False for service in services}
    (finding,) = found(profile(exchange(**off)), "no-effect")
    assert (finding.where, "At least one" in finding.message) == ("PayloadContent[0]", True)
    assert places(profile(exchange(**{**off, "EnableNotes": True})), "no-effect") == []


def test_oauth_of_a_declaration() -> None:
    document = declaration(DDM_EXCHANGE, HostName="a.example.org", OAuth={"SignInURL": "https://b"})
    assert places(document, "no-effect") == ["Payload.OAuth.SignInURL"]


@pytest.mark.parametrize(
    ("content", "key", "channel"),
    [
        (mail(allowMailDrop=True), "allowMailDrop", "mail-drop"),
        (exchange(allowMailDrop=True), "allowMailDrop", "mail-drop"),
        (restrictions(allowUSBRestrictedMode=False), "allowUSBRestrictedMode", "usb-storage"),
        (
            restrictions(allowUnmanagedToReadManagedContacts=True, **CLOSED),
            "allowUnmanagedToReadManagedContacts",
            "contacts-read",
        ),
    ],
)
def test_values_that_open_what_is_closed(content: dict[str, Any], key: str, channel: str) -> None:
    (finding,) = found(profile(content), "opens-channel")
    assert finding.where == f"PayloadContent[0].{key}"
    assert f"opens {channel};" in finding.message


@pytest.mark.parametrize("value", [False, 1, "true", "{{ drop }}"])
def test_values_that_open_nothing(value: Any) -> None:  # noqa: ANN401
    assert places(profile(mail(allowMailDrop=value)), "opens-channel") == []


def test_a_key_that_the_author_knew_and_left_open() -> None:
    keys = ["PreventMove", "PreventAppSheet", "disableMailRecentsSyncing"]
    account = profile(mail(**dict.fromkeys(keys, False)))
    assert places(account, "left-open") == keys
    assert places(profile(mail(**dict.fromkeys(keys, True))), "left-open") == []
    assert places(profile(restrictions(allowAirDrop=True)), "left-open") == []


def test_an_account_that_is_more_open_than_its_neighbour() -> None:
    strict = exchange(PreventMove=True, PreventAppSheet=True)
    both = profile(strict, mail(PreventMove=False, allowMailDrop=True))
    (finding,) = found(both, "account-more-open")
    assert finding.where == "PayloadContent[1]"
    assert finding.message == (
        "Account 'org.example.mail' leaves open move-message, app-sheet, mail-drop; "
        "account 'org.example.eas' does not."
    )
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "other",
    [
        mail(PreventMove=True),
        mail(PreventMove="{{ move }}"),
        payload(GOOGLE, EmailAddress="a@example.org"),
    ],
)
def test_neighbours_that_are_not_more_open(other: dict[str, Any]) -> None:
    assert places(profile(exchange(PreventMove=True), other), "account-more-open") == []


def test_a_nameless_account_is_known_by_its_address_or_type() -> None:
    strict = mail(PreventMove=True)
    for keys, name in (({"EmailAddress": "b@example.org"}, "b@example.org"), ({}, EXCHANGE)):
        other = {"PayloadType": EXCHANGE, **EXCHANGE_SERVER, **keys}
        (finding,) = found(profile(strict, other), "account-more-open")
        assert finding.message.startswith(f"Account {name!r} leaves open")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            payload(MAIL, EmailAddress="a@example.org"),
            "IncomingMailServerHostName is missing and OutgoingMailServerHostName is missing",
        ),
        (mail(OutgoingMailServerHostName=" "), "OutgoingMailServerHostName is empty"),
        (payload(EXCHANGE, SSL=True), "Host is missing"),
        (payload(EXCHANGE, SSL=True, OAuth=False), "Host is missing"),
        (payload("com.apple.carddav.account", CardDAVHostName=""), "CardDAVHostName is empty"),
    ],
)
def test_an_account_without_server(content: dict[str, Any], message: str) -> None:
    (finding,) = found(profile(content), "account-without-server")
    assert finding.where == "PayloadContent[0]"
    assert finding.message == f"The account has no server: {message}."
    assert places(profile(content), "tls-off") == []


@pytest.mark.parametrize(
    "content",
    [
        mail(IncomingMailServerHostName="{{ imap }}"),
        payload(EXCHANGE, OAuth=True),
        payload(EXCHANGE, OAuth=Placeholder("{{ oauth }}")),
        payload(GOOGLE, EmailAddress="a@example.org"),
        exchange(Host=7),
    ],
)
def test_an_account_with_a_server_or_none_needed(content: dict[str, Any]) -> None:
    assert places(profile(content), "account-without-server") == []


def test_servers_of_declarations() -> None:
    incoming = {"HostName": "imap.example.org"}
    document = declaration(DDM_MAIL, IncomingServer=incoming, OutgoingServer={})
    (finding,) = found(document, "account-without-server")
    assert finding.message == "The account has no server: OutgoingServer.HostName is missing."
    assert places(declaration(DDM_EXCHANGE, OAuth={"Enabled": True}), finding.rule) == []
    assert places(declaration(DDM_EXCHANGE), finding.rule) == ["Payload"]
    assert places(Declaration("a", {"Type": DDM_EXCHANGE, "Payload": 1}), finding.rule) == []


@pytest.mark.parametrize(
    ("content", "where", "fix"),
    [
        (mail(IncomingMailServerUseSSL=False), ".IncomingMailServerUseSSL", "Set Incoming"),
        (payload(EXCHANGE, Host="eas.example.org"), "", "Add SSL"),
        (payload(EXCHANGE, Host="eas.example.org", ssl=True), "", "Add SSL"),
        (
            payload("com.apple.caldav.account", CalDAVHostName="a", CalDAVUseSSL=False),
            ".CalDAVUseSSL",
            "Set CalDAVUseSSL",
        ),
    ],
)
def test_tls_off(content: dict[str, Any], where: str, fix: str) -> None:
    (finding,) = found(profile(content), "tls-off")
    assert finding.where == f"PayloadContent[0]{where}"
    assert finding.fix.startswith(fix)


@pytest.mark.parametrize(
    "content",
    [
        mail(),
        mail(IncomingMailServerUseSSL="{{ tls }}"),
        payload("com.apple.caldav.account", CalDAVHostName="a"),
        payload("com.apple.subscribedcalendar.account", SubCalAccountHostName="https://a"),
    ],
)
def test_tls_on_or_unknown(content: dict[str, Any]) -> None:
    assert places(profile(content), "tls-off") == []


def test_secrets_in_the_clear_are_found_and_not_told() -> None:
    secret = "Correct-Horse-9"  # noqa: S105  (what a finding must not repeat)
    payloads = [
        mail(IncomingPassword=secret, OutgoingPassword=""),
        payload("com.apple.security.scep", PayloadContent={"Challenge": secret}),
        payload("com.apple.airplay", Passwords=[{"Password": ""}, {"Password": secret}, 1]),
        payload("com.apple.wifi.managed", Password=secret.encode(), EAPClientConfiguration=[]),
    ]
    everything = found(profile(*payloads), "password-in-clear")
    assert [item.where for item in everything] == [
        "PayloadContent[0].IncomingPassword",
        "PayloadContent[1].PayloadContent.Challenge",
        "PayloadContent[2].Passwords[1].Password",
        "PayloadContent[3].Password",
    ]
    assert not any(secret in f"{item}" for item in everything)


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "{{ password }}", "$PASSWORD", "password_here", "YOUR-PASSWORD", "CHANGEME"),
        *("<password>", "[secret]", "********", "xxxx", 7, "SCEP-CHALLENGE-HERE"),
    ],
)
def test_what_is_no_secret(value: Any) -> None:  # noqa: ANN401
    assert places(profile(mail(IncomingPassword=value)), "password-in-clear") == []


@pytest.mark.parametrize("value", ["password", "HereWeGo", "p<x>", "a" * 200, "Your1stCar"])
def test_what_may_be_a_secret(value: str) -> None:
    assert places(profile(mail(IncomingPassword=value)), "password-in-clear")


def test_secrets_of_a_profile_that_travels_encrypted() -> None:
    content = {**profile(mail(IncomingPassword="a")).content, "EncryptedPayloadContent": b"0"}
    assert places(Profile("a", content, opened=True), "password-in-clear") == []
    assert places(Profile("a", content), "password-in-clear") == ["IncomingPassword"]


def test_the_data_name_rules_and_keys_that_exist() -> None:
    named = {*servers(), *tls_keys(), *secrets(), *references(), *moot_settings()}
    assert all(kind.startswith("com.apple.") for kind in named)
    assert {"no-effect", "tls-off"} <= rules().keys()


KINDS = sorted({*servers(), *tls_keys(), *secrets(), *references(), *moot_settings()})
KEYS = sorted(
    {
        part.removesuffix("[]")
        for table in (secrets(), references())
        for paths in table.values()
        for path in paths
        for part in path.split(".")
    }
    | {key for item in servers().values() for key in item.keys}
)
CONTENTS = st.dictionaries(
    st.sampled_from([*KEYS, "PayloadUUID", "PayloadIdentifier", "PayloadDisplayName", "VPNUUID"]),
    VALUES,
    max_size=6,
)


@given(st.lists(st.tuples(st.sampled_from(KINDS), CONTENTS), max_size=4), VALUES, CONTENTS)
def test_arbitrary_values_end_in_findings(
    payloads: list[tuple[str, dict[str, Any]]],
    stranger: Any,  # noqa: ANN401
    top: dict[str, Any],
) -> None:
    content = [{**keys, "PayloadType": kind} for kind, keys in payloads]
    document = Profile("a", {**top, "PayloadContent": [*content, stranger]})
    assert all(item.rule in rules() for item in containment.findings(document, DEVICE))
    for kind, keys in payloads:
        declared = Declaration("b", {"Type": kind, "Payload": keys})
        assert all(item.rule in rules() for item in containment.findings(declared, DEVICE))
    broken = Profile("c", {"PayloadContent": stranger, "ConsentText": stranger})
    assert list(containment.findings(broken, DEVICE)) is not None
