"""Mail accounts side by side: which one leaves a channel more open than another does.

Only keys in the accounts' own payloads differ from account to account, so only those are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from profilegen.audit.document import Profile
from profilegen.audit.lint.payloads import Payload, payloads
from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import PayloadKey
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Platform, Scope, State
from profilegen.findings import Finding


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A mail account with its place, its name for people, and whether its channels are closed.

    `file` is the name of its file, "" where only one file is looked at. A channel whose key is a
    placeholder is left out of `closed`.
    """

    file: str
    place: str
    name: str
    closed: Mapping[str, bool]

    @property
    def opened(self) -> Sequence[str]:
        """Return the channels that the account leaves open, in the catalogue's order."""
        return [channel for channel, closed in self.closed.items() if not closed]


def neighbours(profile: Profile, *, file: str = "") -> Iterator[Neighbour]:
    """Yield the mail accounts of `profile` that have keys of their own."""
    for payload in payloads(profile):
        keys = _own_keys().get(payload.kind)
        if keys:
            closed = dict(_states(payload, keys))
            yield Neighbour(file, payload.place, _name(payload), closed)


def compare(accounts: Sequence[Neighbour]) -> Iterator[Finding]:
    """Yield a finding for every account that leaves open what another one of its file closes."""
    strict = _strict(accounts)
    for account in accounts:
        opened = [channel for channel in account.opened if (account.file, channel) in strict]
        if opened:
            yield _more_open(account, opened, strict[account.file, opened[0]])


def compare_across(accounts: Sequence[Neighbour]) -> Iterator[Finding]:
    """Yield a finding for every account that leaves open what only another file's one closes."""
    strict = _strict(accounts)
    anywhere: dict[str, Neighbour] = {}
    for (_, channel), account in strict.items():
        anywhere.setdefault(channel, account)
    for account in accounts:
        opened = [
            channel
            for channel in account.opened
            if channel in anywhere and (account.file, channel) not in strict
        ]
        if opened:
            yield _more_open(account, opened, anywhere[opened[0]])


def _strict(accounts: Iterable[Neighbour]) -> dict[tuple[str, str], Neighbour]:
    """Return by file and channel the first account that closes it."""
    strict: dict[tuple[str, str], Neighbour] = {}
    for account in accounts:
        for channel, closed in account.closed.items():
            if closed:
                strict.setdefault((account.file, channel), account)
    return strict


def _more_open(account: Neighbour, channels: Sequence[str], other: Neighbour) -> Finding:
    where = f"{account.file}: {account.place}" if account.file else account.place
    there = f" in {shown(other.file)}" if other.file != account.file else ""
    return found(
        "account-more-open",
        where,
        f"Account {shown(account.name)} leaves open {', '.join(channels)}; "
        f"account {shown(other.name)}{there} does not.",
    )


def _states(payload: Payload, keys: Mapping[str, PayloadKey]) -> Iterator[tuple[str, bool]]:
    for channel, key in keys.items():
        value = payload.value(key.key)
        if is_placeholder(value):
            continue
        if type(value) is not bool:
            yield channel, key.silent is State.CLOSED
        else:
            yield channel, value == key.close


def _name(payload: Payload) -> str:
    names = (payload.content.get("PayloadIdentifier"), payload.content.get("EmailAddress"))
    return next((name for name in names if isinstance(name, str) and name), payload.kind)


@cache
def _own_keys() -> Mapping[str, Mapping[str, PayloadKey]]:
    """Return by payload type, and by channel, the keys that stand in an account's own payload."""
    keys: dict[str, dict[str, PayloadKey]] = {}
    for channel in decided_channels(Platform.IOS).values():
        for key in channel.keys:
            for payload in key.payloads if key.scope is Scope.ACCOUNT else ():
                keys.setdefault(payload, {})[channel.id] = key
    return keys
