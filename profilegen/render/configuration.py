"""Managed configuration of mail apps: the account as the app's own keys.

Sources: Microsoft, "Deploying Outlook for iOS and Android app configuration settings"; Google
support 7065453 (Gmail). Gmail's keys are documented for Android only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.terms import Platform
from profilegen.plan.model import Placement, TargetPlan
from profilegen.plist import PlistValue
from profilegen.policy.accounts import Account, ExchangeServer, Intent, Service, Sharing

Accounts = tuple[Account, ...]
Configuration = dict[str, PlistValue]

_PROFILE = "com.microsoft.outlook.EmailProfile."
_CONTACTS = "com.microsoft.outlook.Contacts.LocalSyncEnabled"
_CALENDAR = "com.microsoft.outlook.Calendar.NativeSyncEnabled"
_USER_MAY_CHANGE = ".UserChangeAllowed"
# Gmail numbers its windows; Exchange and Apple count days, 0 for all.
_GMAIL_WINDOW: Mapping[int, int] = MappingProxyType({0: 0, 1: 1, 3: 2, 7: 3, 14: 4, 31: 5})


def managed_configuration(
    placement: Placement, plan: TargetPlan, accounts: Mapping[str, Account]
) -> Configuration:
    """Return the keys that set up one account in its mail app, and keep strangers out of the app.

    Accounts that a person adds to the same app by hand are no strangers: no key may refuse them.
    Raises KeyError for an app whose keys are not known; the plan places no account there.
    """
    neighbours = tuple(
        accounts[other.account]
        for other in plan.placements
        if other.app == placement.app and other.account != placement.account
    )
    known = mail_app_of(placement.app, plan.platform)
    configure = _CONFIGURE["" if known is None else known.id]
    return configure(accounts[placement.account], neighbours, plan.platform)


def _outlook(account: Account, neighbours: Accounts, platform: Platform) -> Configuration:
    keys: Configuration = {
        f"{_PROFILE}EmailAddress": account.address,
        f"{_PROFILE}EmailUPN": account.username or account.address,
    }
    keys |= _outlook_login(account)
    if platform is Platform.ANDROID:
        allowed = dict.fromkeys(map(_principal, (account, *neighbours)))
        keys["com.microsoft.intune.mam.AllowedAccountUPNs"] = ";".join(allowed)
    elif not neighbours:
        # On iOS the keys have room for one account and would refuse the others.
        keys |= {"IntuneMAMAllowedAccountsOnly": "Enabled", "IntuneMAMUPN": _principal(account)}
    return keys | _outlook_sync(account, platform)


def _principal(account: Account) -> str:
    """Return the user principal name of an account, which a domain and a name are not."""
    username = account.username or account.address
    return username if "@" in username else account.address


def _outlook_login(account: Account) -> Configuration:
    """Return how the account signs in: with OAuth Outlook finds the server by itself."""
    server = account.server
    if not isinstance(server, ExchangeServer) or server.oauth:
        return {f"{_PROFILE}AccountType": "ModernAuth"}
    return {
        f"{_PROFILE}AccountType": "BasicAuth",
        f"{_PROFILE}EmailAccountName": account.name or account.address,
        f"{_PROFILE}ServerAuthentication": "Username and Password",
        f"{_PROFILE}ServerHostName": server.host,
    }


def _outlook_sync(account: Account, platform: Platform) -> Configuration:
    """Return the keys that keep contacts and calendars inside Outlook, unless sharing is open.

    Nothing is said of contacts where the policy allows reading them: copies in the device's own
    address book are what other apps read.
    """
    if account.sharing is Sharing.OPEN:
        return {}
    keys: Configuration = {}
    if account.channels.get("contacts-read") is not Intent.ALLOW:
        keys |= {_CONTACTS: False, _CONTACTS + _USER_MAY_CHANGE: False}
    if platform is Platform.ANDROID:  # Outlook for iOS has no such key
        keys |= {_CALENDAR: False, _CALENDAR + _USER_MAY_CHANGE: False}
    return keys


def _gmail(account: Account, neighbours: Accounts, _platform: Platform) -> Configuration:
    keys: Configuration = {
        "email_address": account.address,
        "exchange_username": account.username or account.address,  # empty is an error in the app
        "exchange_trust_all_certificates": False,
    }
    if not any(neighbour.service is Service.EXCHANGE for neighbour in neighbours):
        # Present and false: the app removes other Exchange accounts, but not IMAP or Google ones.
        keys["allow_unmanaged_accounts"] = False
    if isinstance(account.server, ExchangeServer):
        keys |= {
            "exchange_host": account.server.host,
            "exchange_ssl_required": account.server.tls,
        }
    if account.sync is not None:
        keys["default_exchange_sync_window"] = _GMAIL_WINDOW[account.sync.days]
    return keys


_CONFIGURE: Mapping[str, Callable[[Account, Accounts, Platform], Configuration]] = MappingProxyType(
    {"outlook": _outlook, "gmail": _gmail}
)
