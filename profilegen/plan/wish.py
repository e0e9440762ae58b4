"""What the accounts of one target want of a channel, together.

One device has one value for a device-wide setting: where accounts differ, `deny` wins over
`allow` and `allow` over `leave`. Whether they may differ at all is asked in `conflicts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform
from profilegen.policy.accounts import Account, Intent, Sharing
from profilegen.policy.presets import intent_of


@dataclass(frozen=True, slots=True)
class Wish:
    """The merged intent; `strongest` when a sealed account denies, so the strongest control."""

    intent: Intent
    strongest: bool = False

    @property
    def denied(self) -> bool:
        """Whether the channel shall be closed."""
        return self.intent is Intent.DENY


Wishes = Mapping[str, Wish]


def merged(accounts: Iterable[Account], channel: Channel) -> Wish:
    """Return what `accounts`, sharing one device, want of `channel` when the strictest wins."""
    intents = [(account, intent_of(account, channel)) for account in accounts]
    deniers = [account for account, intent in intents if intent is Intent.DENY]
    if deniers:
        sealed = any(account.sharing is Sharing.SEALED for account in deniers)
        return Wish(Intent.DENY, strongest=sealed)
    if any(intent is Intent.ALLOW for _, intent in intents):
        return Wish(Intent.ALLOW)
    return Wish(Intent.LEAVE)


def wishes_of(accounts: Iterable[Account], platform: Platform) -> dict[str, Wish]:
    """Return the merged wish for every decided channel of `platform`."""
    together = tuple(accounts)
    return {key: merged(together, value) for key, value in decided_channels(platform).items()}
