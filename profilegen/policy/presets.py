"""What `sharing` and its exceptions want of a channel."""

from __future__ import annotations

from typing import assert_never

from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Preset
from profilegen.policy.accounts import Account, Intent, Sharing

# Android opens these app by app, never for an account, so `open` has nothing to ask for.
NEVER_OPENED = frozenset({"connected-apps", "notification-listeners"})


def intent_of(account: Account, channel: Channel) -> Intent:
    """Return what `account` wants of `channel`; an exception of its own comes first.

    The channel must be one that `sharing` decides.
    """
    exception = account.channels.get(channel.id)
    if exception is not None:
        return exception
    boundary = channel.preset is Preset.BOUNDARY
    match account.sharing:
        case Sharing.OPEN:
            opened = boundary and channel.id not in NEVER_OPENED
            return Intent.ALLOW if opened else Intent.LEAVE
        case Sharing.CONTAINED:
            return Intent.DENY if boundary else Intent.LEAVE
        case Sharing.SEALED:
            return Intent.DENY
        case _:
            assert_never(account.sharing)
