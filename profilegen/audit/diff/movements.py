"""Flows that open or close between two sets of documents, account by account.

An account that only one side has opens nothing by itself; what closed the device for all others
is compared without it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from profilegen.audit.diff.model import Motion, Movement
from profilegen.audit.diff.payloads import ACCOUNTS, text_of
from profilegen.audit.diff.values import frozen
from profilegen.audit.document import (
    SEALED,
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
)
from profilegen.audit.flows import flows
from profilegen.audit.model import EVERY_ACCOUNT, Context, Flow
from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.terms import Platform, State

# How far a state may be open, at least and at most. A state that is not here is unknown.
_RANGES = {
    State.ABSENT: (0, 0),
    State.CLOSED: (0, 0),
    State.NARROWED: (1, 1),
    State.OPEN: (2, 2),
}
_UNKNOWN = (0, 2)
_ALONE = "Only one side has this file; other files of the device may say the same."
_MAYBE = {
    Motion.OPENS: Motion.MAY_OPEN,
    Motion.MAY_OPEN: Motion.MAY_OPEN,
    Motion.CLOSES: Motion.MAY_CLOSE,
    Motion.MAY_CLOSE: Motion.MAY_CLOSE,
}
_NOTHING = Profile("", {"PayloadType": "Configuration", "PayloadContent": []})
_Flows = Mapping[tuple[str, str], Flow]


def motion(old: State, new: State) -> Motion | None:
    """Return which way a flow moves from `old` to `new`, None when it stays.

    From or to a state that cannot be known it may open, unless that is impossible.
    """
    before, after = _RANGES.get(old, _UNKNOWN), _RANGES.get(new, _UNKNOWN)
    if before == after:
        return None
    if _UNKNOWN not in {before, after}:
        return Motion.OPENS if after > before else Motion.CLOSES
    return Motion.MAY_OPEN if after[1] > before[0] else Motion.MAY_CLOSE


def movements(
    old: Sequence[Document],
    new: Sequence[Document],
    context: Context,
    names: Mapping[str, str],
) -> tuple[Movement, ...]:
    """Return the flows that move on a device which gets `new` where it had `old`, iOS first.

    `names` has the accounts that are called otherwise in NEW, by their name in OLD. Android is
    compared where both sides have a policy: a device without one is not managed.
    """
    apple = _of_apple(old), _of_apple(new)
    android = _of_android(old), _of_android(new)
    found: list[Movement] = []
    if any(apple):
        hidden = _sealed(old) != _sealed(new)
        found += _moved(Platform.IOS, _apple_pairs(*apple, context, names), hidden=hidden)
    if all(android):
        before, after = (_table(flows(side, context)) for side in android)
        found += _moved(Platform.ANDROID, _paired_android(before, after))
    return tuple(found)


def movements_alone(
    old: Document | None, new: Document | None, context: Context
) -> tuple[Movement, ...]:
    """Return the flows that may move since only one side has a file: either `old` or `new`.

    Files for Apple devices add up: what one of them closed may be open without it, if no other
    closes it. An Android device has one policy, and without any it is not managed: nothing.
    """
    sides = tuple(() if document is None else _of_apple((document,)) for document in (old, new))
    if not any(sides):
        return ()
    before, after = (_device_wide(side, context) for side in sides)
    return tuple(
        replace(item, motion=_MAYBE[item.motion], reason=_ALONE)
        for item in _moved(Platform.IOS, _paired(before, after))
    )


def _of_apple(documents: Sequence[Document]) -> tuple[Document, ...]:
    kinds = Profile | Declaration | AppConfiguration
    return tuple(document for document in documents if isinstance(document, kinds))


def _of_android(documents: Sequence[Document]) -> tuple[Document, ...]:
    return tuple(document for document in documents if isinstance(document, AndroidPolicy))


def _sealed(documents: Sequence[Document]) -> frozenset[Hashable]:
    """Return the payloads that are encrypted and that nobody opened."""
    return frozenset(
        frozen(document.content[SEALED])
        for document in documents
        if isinstance(document, Profile) and SEALED in document.content and not document.opened
    )


def _apple_pairs(
    old: Sequence[Document], new: Sequence[Document], context: Context, names: Mapping[str, str]
) -> Iterator[tuple[Flow, Flow]]:
    before = _table(
        replace(flow, account=names.get(flow.account, flow.account)) for flow in flows(old, context)
    )
    after = _table(flows(new, context))
    if {account for account, _ in before}.isdisjoint(account for account, _ in after):
        before, after = _device_wide(old, context), _device_wide(new, context)
    return _paired(before, after)


def _device_wide(documents: Sequence[Document], context: Context) -> _Flows:
    """Return the flows that `documents` give to any account, their own accounts left aside."""
    bare = tuple(left for document in documents for left in _without_accounts(document))
    return _table(flows(bare or (_NOTHING,), context))


def _without_accounts(document: Document) -> Iterator[Document]:
    match document:
        case Profile(content={"PayloadContent": list(payloads), **others}):
            kept = [
                item
                for item in payloads
                if not isinstance(item, dict) or text_of(item, "PayloadType") not in ACCOUNTS
            ]
            yield replace(document, content={**others, "PayloadContent": kept})
        case Declaration(content=content) if text_of(content, "Type") in ACCOUNTS:
            pass
        case AppConfiguration(app=app) if mail_app_of(app, Platform.IOS) is not None:
            pass
        case _:
            yield document


def _table(found: Iterable[Flow]) -> _Flows:
    return {(flow.account, flow.channel): flow for flow in found}


def _paired(before: _Flows, after: _Flows) -> Iterator[tuple[Flow, Flow]]:
    for place, flow in after.items():
        if place in before:
            yield before[place], flow


def _paired_android(before: _Flows, after: _Flows) -> Iterator[tuple[Flow, Flow]]:
    """Pair flows; an app that only one policy lists is one of all the others in the other policy.

    A mail app that only one policy lists is an account that comes or goes.
    """
    apps_before, apps_after = ({account for account, _ in side} for side in (before, after))
    for account, channel in dict.fromkeys((*before, *after)):
        one_sided = (account in apps_before) is not (account in apps_after)
        if one_sided and mail_app_of(account, Platform.ANDROID) is not None:
            continue
        old = before.get((account, channel)) or before[EVERY_ACCOUNT, channel]
        new = after.get((account, channel)) or after[EVERY_ACCOUNT, channel]
        yield replace(old, account=account), replace(new, account=account)


def _moved(
    platform: Platform, pairs: Iterable[tuple[Flow, Flow]], *, hidden: bool = False
) -> Iterator[Movement]:
    """Yield the pairs that move; `hidden` says that what cannot be read differs.

    What cannot be known on either side may open when what hides it is not the same.
    """
    for old, new in pairs:
        moves = motion(old.state, new.state)
        unknown = old.state is new.state is State.UNKNOWN
        if unknown and (hidden or old.controls != new.controls):
            moves = Motion.MAY_OPEN
        if moves is not None:
            yield Movement(
                platform=platform,
                account=new.account,
                channel=new.channel,
                direction=new.direction,
                old=old.state,
                new=new.state,
                motion=moves,
                old_controls=old.controls,
                new_controls=new.controls,
                reason=new.reason,
            )
