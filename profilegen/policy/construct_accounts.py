"""Builds accounts from valid members, with what they take from each other and the organization."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, assert_never

from profilegen.catalogue.apps import DEFAULT_CLIENT
from profilegen.catalogue.terms import Platform
from profilegen.policy.accounts import (
    Account,
    Authentication,
    ExchangeServer,
    ImapServers,
    Intent,
    MailServer,
    Server,
    Service,
    Sharing,
    Smime,
    Sync,
)
from profilegen.policy.model import Organization

_Table = Mapping[str, Any]

# IMAP over TLS (RFC 8314 section 3.2) and submission (RFC 6409 section 3.1).
_INCOMING_PORT, _OUTGOING_PORT = 993, 587


def account_from(row: _Table, organization: Organization) -> Account:
    """Return the account that `row` describes; its name defaults to the organization's."""
    service = Service(row["service"])
    username = row.get("username", row["address"])
    client = row.get("client", {})
    channels = row.get("channels", {})
    return Account(
        id=row["id"],
        name=row.get("name", organization.name),
        service=service,
        address=row["address"],
        username=username,
        server=_server(service, row, username),
        client=MappingProxyType({p: client.get(p, DEFAULT_CLIENT[p]) for p in Platform}),
        sharing=Sharing(row["sharing"]),
        channels=MappingProxyType({key: Intent(value) for key, value in channels.items()}),
        login=row.get("login", {}).get("certificate", ""),
        smime=_smime(row["smime"]) if "smime" in row else None,
        vpn=row.get("vpn", ""),
        sync=_sync(row["sync"]) if "sync" in row else None,
        call_app=row.get("call_app", ""),
    )


def _server(service: Service, row: _Table, username: str) -> Server:
    match service:
        case Service.EXCHANGE:
            return _exchange(row["server"])
        case Service.IMAP:
            incoming = _mail_server(row["server"]["incoming"], _INCOMING_PORT, username)
            outgoing = row["server"]["outgoing"]
            return ImapServers(incoming, _mail_server(outgoing, _OUTGOING_PORT, incoming.username))
        case Service.GOOGLE:
            return None
        case _:
            assert_never(service)


def _exchange(row: _Table) -> ExchangeServer:
    return ExchangeServer(
        host=row["host"],
        oauth=row.get("oauth", False),
        oauth_sign_in_url=row.get("oauth_sign_in_url", ""),
        oauth_token_url=row.get("oauth_token_url", ""),
        tls=row.get("tls", True),
    )


def _mail_server(row: _Table, port: int, username: str) -> MailServer:
    tls = row.get("tls", True)
    # The default ports are those of TLS; without TLS the device tries its own.
    default = port if tls else None
    return MailServer(
        host=row["host"],
        port=int(row["port"]) if "port" in row else default,
        tls=tls,
        authentication=Authentication(row.get("authentication", Authentication.PASSWORD)),
        username=row.get("username", username),
    )


def _smime(row: _Table) -> Smime:
    return Smime(
        sign=row.get("sign", ""),
        encrypt=row.get("encrypt", ""),
        user_may_override=row.get("user_may_override", False),
    )


def _sync(row: _Table) -> Sync:
    return Sync(
        mail=row.get("mail", True),
        contacts=row.get("contacts", True),
        calendars=row.get("calendars", True),
        reminders=row.get("reminders", True),
        notes=row.get("notes", True),
        days=int(row.get("days", 7)),
        user_may_change=row.get("user_may_change", False),
    )
