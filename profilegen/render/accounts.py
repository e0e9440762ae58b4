"""The keys of an account payload that follow from the account itself, service by service.

Sources: Apple's schema of com.apple.eas.account, com.apple.mail.managed and com.apple.google-oauth
as Apple publishes it. Keys that channels decide on (PreventMove ...) come from the plan instead.
No password is ever written: the device asks, or OAuth or a certificate takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import assert_never

from profilegen.errors import InputError
from profilegen.plist import PlistValue
from profilegen.policy.accounts import (
    Account,
    Authentication,
    ExchangeServer,
    ImapServers,
    MailServer,
    Smime,
    Sync,
)

EXCHANGE_PAYLOAD = "com.apple.eas.account"
IMAP_PAYLOAD = "com.apple.mail.managed"
GOOGLE_PAYLOAD = "com.apple.google-oauth"

Keys = dict[str, PlistValue]
CertificateUuid = Callable[[str], str]

_AUTHENTICATION: Mapping[Authentication, str] = MappingProxyType(
    {
        Authentication.NONE: "EmailAuthNone",
        Authentication.PASSWORD: "EmailAuthPassword",
        Authentication.CRAM_MD5: "EmailAuthCRAMMD5",
        Authentication.NTLM: "EmailAuthNTLM",
        Authentication.HTTP_MD5: "EmailAuthHTTPMD5",
    }
)


def account_keys(account: Account, payload: str, certificate_uuid: CertificateUuid) -> Keys:
    """Return the keys of the account's payload of type `payload`.

    `certificate_uuid` gives the PayloadUUID of a certificate of the same profile by its id.
    Raises InputError where the payload has no key for something the account asks for.
    """
    keys = _server_keys(account) | _login(account, payload, certificate_uuid)
    if account.smime is not None:
        keys |= _smime(account, account.smime, payload, certificate_uuid)
    if account.vpn:
        keys["VPNUUID"] = account.vpn
    if account.call_app:
        keys |= _call_app(account, payload)
    return keys


def _server_keys(account: Account) -> Keys:
    match account.server:
        case ExchangeServer():
            return _exchange(account, account.server)
        case ImapServers():
            return _imap(account, account.server)
        case None:
            return {"EmailAddress": account.address}
        case _:
            assert_never(account.server)


def _exchange(account: Account, server: ExchangeServer) -> Keys:
    keys: Keys = {
        "EmailAddress": account.address,
        # Required where no person is there to be asked, as in an MDM install.
        "UserName": account.username or account.address,
        "Host": server.host,
        "SSL": server.tls,  # the default is false
        "OAuth": server.oauth,
    }
    # Both URLs are ignored unless OAuth is true.
    if server.oauth and server.oauth_sign_in_url:
        keys["OAuthSignInURL"] = server.oauth_sign_in_url
    if server.oauth and server.oauth_token_url:
        keys["OAuthTokenRequestURL"] = server.oauth_token_url
    return keys if account.sync is None else keys | _sync(account.sync)


def _sync(sync: Sync) -> Keys:
    services = {
        "EnableMail": sync.mail,
        "EnableContacts": sync.contacts,
        "EnableCalendars": sync.calendars,
        "EnableReminders": sync.reminders,
        "EnableNotes": sync.notes,
    }
    # Spelled without the second "e" that the S/MIME keys have.
    overridable = {f"{key}UserOverridable": sync.user_may_change for key in services}
    return {**services, **overridable, "MailNumberOfPastDaysToSync": sync.days}


def _imap(account: Account, servers: ImapServers) -> Keys:
    username = account.username or account.address
    return {
        "EmailAddress": account.address,
        "EmailAccountType": "EmailTypeIMAP",
        **_leg("IncomingMailServer", servers.incoming, username),
        **_leg("OutgoingMailServer", servers.outgoing, servers.incoming.username or username),
    }


def _leg(prefix: str, leg: MailServer, username: str) -> Keys:
    keys: Keys = {
        f"{prefix}HostName": leg.host,
        f"{prefix}UseSSL": leg.tls,  # the default is false
        f"{prefix}Authentication": _AUTHENTICATION[leg.authentication],  # required in any case
    }
    if leg.port is not None:
        keys[f"{prefix}PortNumber"] = leg.port
    if leg.username or leg.authentication is not Authentication.NONE:
        keys[f"{prefix}Username"] = leg.username or username
    return keys


def _login(account: Account, payload: str, certificate_uuid: CertificateUuid) -> Keys:
    if not account.login:
        return {}
    if payload != EXCHANGE_PAYLOAD:
        raise _no_key(account, payload, "login.certificate", "a client certificate")
    return {"PayloadCertificateUUID": certificate_uuid(account.login)}


def _smime(account: Account, smime: Smime, payload: str, certificate_uuid: CertificateUuid) -> Keys:
    """Return the S/MIME keys, which two payloads spell alike and mean differently.

    SMIMEEnabled is ignored since iOS 10. SMIMEEncryptionEnabled is deprecated in the Exchange
    payload since 12.0, and is not in the mail payload. SMIMEEncryptByDefaultUserOverrideable is
    described with opposite meanings; true is taken as "the user may override".
    """
    if payload not in {EXCHANGE_PAYLOAD, IMAP_PAYLOAD}:
        raise _no_key(account, payload, "smime", "S/MIME")
    keys: Keys = {}
    if smime.sign:
        keys |= {
            "SMIMESigningEnabled": True,
            "SMIMESigningCertificateUUID": certificate_uuid(smime.sign),
            "SMIMESigningUserOverrideable": smime.user_may_override,
            "SMIMESigningCertificateUUIDUserOverrideable": smime.user_may_override,
        }
    if smime.encrypt:
        keys |= {
            "SMIMEEncryptByDefault": True,
            "SMIMEEncryptionCertificateUUID": certificate_uuid(smime.encrypt),
            "SMIMEEncryptByDefaultUserOverrideable": smime.user_may_override,
            "SMIMEEncryptionCertificateUUIDUserOverrideable": smime.user_may_override,
            "SMIMEEnableEncryptionPerMessageSwitch": smime.user_may_override,
        }
        if payload == IMAP_PAYLOAD:
            keys["SMIMEEncryptionEnabled"] = True
    return keys


def _call_app(account: Account, payload: str) -> Keys:
    if payload == IMAP_PAYLOAD:
        raise _no_key(account, payload, "call_app", "a calling app")
    return {
        "CommunicationServiceRules": {"DefaultServiceHandlers": {"AudioCall": account.call_app}}
    }


def _no_key(account: Account, payload: str, field: str, thing: str) -> InputError:
    return InputError(
        f"account {account.id}: {payload} has no key for {thing} (`{field}`)",
        hint=f"Remove `{field}` from the account, or use a service whose payload has it.",
    )
