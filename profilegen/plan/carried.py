"""Which fields of an account its way onto the device cannot carry.

Apple's account payloads carry all of them. What the mail apps' configurations have keys for is in
Microsoft's and Google's key lists (catalogue, apps.toml).
"""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.catalogue.apps import mail_app_of
from profilegen.plan.ios import ACCOUNT_PAYLOAD
from profilegen.plan.model import Delivery, Placement
from profilegen.policy.accounts import Account, ExchangeServer
from profilegen.policy.model import Policy
from profilegen.policy.targets import Target

_SERVICES = ("mail", "contacts", "calendars", "reminders", "notes")


def left_behind(policy: Policy, target: Target, placement: Placement) -> Iterator[str]:
    """Yield a sentence that names the fields of the account which are not written, if any."""
    if placement.by in ACCOUNT_PAYLOAD.values():
        return
    account = policy.account(placement.account)
    app = mail_app_of(placement.app, target.platform)
    name = "" if app is None else app.name
    fields = [*_never(account), *_of_sync(account), *_of_server(account, placement, name)]
    if not fields:
        return
    listed = ", ".join(f"`{field}`" for field in fields)
    verb = "is" if len(fields) == 1 else "are"
    why = (
        f"profilegen has no keys of {name} for that"
        if placement.by == Delivery.MANAGED_CONFIGURATION
        else "a person sets the account up"
    )
    yield f"{listed} of account {account.id} {verb} not written on target {target.id}: {why}."


def _never(account: Account) -> Iterator[str]:
    given = (
        ("login", account.login),
        ("smime", account.smime),
        ("vpn", account.vpn),
        ("call_app", account.call_app),
    )
    yield from (name for name, value in given if value)


def _of_sync(account: Account) -> Iterator[str]:
    """Yield the services that are switched off: no app can be told to leave one out."""
    if account.sync is not None:
        off = (service for service in _SERVICES if not getattr(account.sync, service))
        yield from (f"sync.{service}" for service in off)


def _of_server(account: Account, placement: Placement, app: str) -> Iterator[str]:
    if placement.by != Delivery.MANAGED_CONFIGURATION:
        return
    server = account.server
    if account.sync is not None and app != "Gmail":
        yield "sync.days"
    if not isinstance(server, ExchangeServer):
        return
    if server.oauth and app == "Gmail":
        yield "server.oauth"
    if not server.tls and app != "Gmail":
        yield "server.tls"
    if server.oauth_sign_in_url:
        yield "server.oauth_sign_in_url"
    if server.oauth_token_url:
        yield "server.oauth_token_url"
