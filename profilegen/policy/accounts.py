"""The mail accounts of a policy, as written, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from profilegen.catalogue.terms import Platform


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
