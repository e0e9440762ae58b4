"""A policy as it was written, with every default filled in.

Only loading builds these values. They hold intent: no payload key and no Android field occurs
here. Text of an account may hold `{{ user.FIELD }}`; nothing has been put in its place yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.policy.certificates import Certificate
from profilegen.versions import Version


class Service(StrEnum):
    """What kind of mail service an account belongs to."""

    EXCHANGE = "exchange"
    IMAP = "imap"
    GOOGLE = "google"


class Sharing(StrEnum):
    """The answer to the question whether an account may share data with unmanaged apps."""

    OPEN = "open"
    CONTAINED = "contained"
    SEALED = "sealed"


class Intent(StrEnum):
    """What a policy wants of one channel: close it, open it, or write nothing."""

    DENY = "deny"
    ALLOW = "allow"
    LEAVE = "leave"


class Authentication(StrEnum):
    """How an IMAP or SMTP server asks for proof (com.apple.mail.managed)."""

    PASSWORD = "password"  # noqa: S105  (a scheme's name)
    NONE = "none"
    CRAM_MD5 = "cram-md5"
    NTLM = "ntlm"
    HTTP_MD5 = "http-md5"


class FieldKind(StrEnum):
    """What a user's field may hold."""

    TEXT = "text"
    EMAIL = "email"
    UUID = "uuid"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class Organization:
    """Who issues the policy; `identifier` is the reverse DNS that all identifiers start with."""

    name: str
    identifier: str
    contact: str


@dataclass(frozen=True, slots=True)
class ExchangeServer:
    """An Exchange ActiveSync server; the URLs are "" unless the policy names them."""

    host: str
    oauth: bool
    oauth_sign_in_url: str
    oauth_token_url: str
    tls: bool


@dataclass(frozen=True, slots=True)
class MailServer:
    """One leg of an IMAP account; `port` is None where the device shall try its defaults."""

    host: str
    port: int | None
    tls: bool
    authentication: Authentication
    username: str


@dataclass(frozen=True, slots=True)
class ImapServers:
    """The incoming (IMAP) and outgoing (SMTP) server of an account."""

    incoming: MailServer
    outgoing: MailServer


Server = ExchangeServer | ImapServers | None


@dataclass(frozen=True, slots=True)
class Smime:
    """S/MIME identities by certificate id; "" where none is set."""

    sign: str
    encrypt: str
    user_may_override: bool


@dataclass(frozen=True, slots=True)
class Sync:
    """Which Exchange services reach the device, and how many past days of mail (0 = all)."""

    mail: bool
    contacts: bool
    calendars: bool
    reminders: bool
    notes: bool
    days: int
    user_may_change: bool


@dataclass(frozen=True, slots=True)
class Account:
    """One managed mail account.

    `client` gives the mail app per platform. `login` is the id of the certificate used instead
    of a password, "" for none. `sync` is None where the policy says nothing of it.
    """

    id: str
    name: str
    service: Service
    address: str
    username: str
    server: Server
    client: Mapping[Platform, str]
    sharing: Sharing
    channels: Mapping[str, Intent]
    login: str
    smime: Smime | None
    vpn: str
    sync: Sync | None
    call_app: str


@dataclass(frozen=True, slots=True)
class ManagedApp:
    """An app that the organization manages, with its id on each platform ("" for none)."""

    name: str
    ios: str
    android: str


@dataclass(frozen=True, slots=True)
class BlockedApp:
    """An app to block from a date on (None: at once); `because` is for the staff to read."""

    name: str
    ios: tuple[str, ...]
    android: tuple[str, ...]
    starts: date | None
    because: str

    def ids_on(self, platform: Platform) -> tuple[str, ...]:
        """Return the app's bundle ids or package names on `platform`."""
        return self.ios if platform is Platform.IOS else self.android


@dataclass(frozen=True, slots=True)
class Domains:
    """The organization's own mail domains and web address patterns."""

    mail: tuple[str, ...]
    web: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variables:
    """The MDM service (its id) that fills in users' fields, and the placeholder of each of them.

    `placeholders` has every field that the policy uses or declares and the service can fill in.
    """

    service: str
    placeholders: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IosTarget:
    """A group of iPhones and iPads that get the same files.

    `variables` is None where profilegen itself puts in the values of users.
    """

    id: str
    enrollment: Enrollment
    minimum_os: Version
    accounts: tuple[str, ...]
    strictest: bool
    declarations: bool
    variables: Variables | None = None

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return Platform.IOS


@dataclass(frozen=True, slots=True)
class AndroidTarget:
    """A group of Android devices that get the same policy."""

    id: str
    mode: Mode
    minimum_os: Version
    accounts: tuple[str, ...]
    strictest: bool

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return Platform.ANDROID


Target = IosTarget | AndroidTarget


@dataclass(frozen=True, slots=True)
class Accept:
    """A gap accepted on purpose: of a channel or of a blocked app (the other one is "")."""

    target: str
    channel: str
    app: str
    account: str
    because: str


@dataclass(frozen=True, slots=True)
class UserField:
    """A field that a list of users supplies; `pattern` is a regular expression or ""."""

    name: str
    kind: FieldKind
    required: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Removal:
    """When an iOS profile goes away: never by the user, on a date, or after days; None: unset."""

    allowed: bool
    on: date | None
    after_days: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    """What people read on the device, and how long the profile is meant to live.

    `consent` maps language codes and "default" to the text shown before a profile is installed
    by hand; `support_short` and `support_long` are Android's messages where a setting is
    blocked; `expires` makes iOS offer an update from that day on; `device_type` is Apple's
    TargetDeviceType number.
    """

    description: str
    consent: Mapping[str, str]
    support_short: str
    support_long: str
    removal: Removal
    expires: date | None
    device_type: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy file."""

    organization: Organization
    accounts: tuple[Account, ...]
    managed_apps: tuple[ManagedApp, ...]
    blocked_apps: tuple[BlockedApp, ...]
    domains: Domains
    certificates: tuple[Certificate, ...]
    targets: tuple[Target, ...]
    accepted: tuple[Accept, ...]
    users: tuple[UserField, ...]
    wording: Wording

    def account(self, account_id: str) -> Account:
        """Return the account with this id; KeyError when loading let a dangling id through."""
        return _by_id(self.accounts, account_id)

    def accounts_of(self, target: Target) -> tuple[Account, ...]:
        """Return the accounts of `target`, in its own order."""
        return tuple(self.account(account_id) for account_id in target.accounts)


def _by_id(accounts: tuple[Account, ...], account_id: str) -> Account:
    for account in accounts:
        if account.id == account_id:
            return account
    raise KeyError(account_id)
