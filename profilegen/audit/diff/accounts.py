"""Accounts that a device adds, removes, makes anew or updates when NEW takes the place of OLD."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from profilegen.audit.diff.identity import recreated
from profilegen.audit.diff.model import (
    AccountChange,
    Change,
    Fate,
    IdentityChange,
    Reason,
)
from profilegen.audit.diff.payloads import ACCOUNTS, Matched, Payload, payloads, text_of
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
)
from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.terms import Platform

APP = "app"
"""The word for an account that lives in a mail app's managed configuration."""
_EXCHANGE = "com.apple.eas.account"
# Apple's schema of the payload, and its facts on updates.
_RESETS = "The update resets what the person chose to sync: the services, and days of past mail."
_BESIDE = (
    "the profile's PayloadIdentifier changed: NEW brings a second account, and the first goes when "
    "OLD is removed"
)
_OTHER_DECLARATION = "the declaration's Identifier changed"
_OTHER_TYPE = "the declaration's Type changed"


def accounts_of(document: Document) -> tuple[tuple[str, str], ...]:
    """Return the accounts that `document` brings: their names and types, each name once."""
    return tuple(dict(_accounts(document)).items())


def account_changes(
    matched: Matched, changed: Collection[Change], moved: Sequence[IdentityChange]
) -> Iterator[AccountChange]:
    """Yield what happens to the accounts of a profile whose payloads are `matched`.

    `changed` are the settings that differ, `moved` the changes of the profile's own identity.
    """
    beside = tuple(
        Reason(item.code, _BESIDE, item.old, item.new)
        for item in moved
        if item.code == "profile-identifier"
    )
    touched = {change.part for change in changed}
    for old, new in matched.pairs:
        if old.is_account or new.is_account:
            yield from _pair(old, new, beside, touched=new.part in touched)
    for payload in matched.removed:
        if payload.is_account:
            yield AccountChange(payload.account, payload.account, payload.type, Fate.REMOVED)
    for payload in matched.added:
        if payload.is_account:
            yield AccountChange(payload.account, "", payload.type, Fate.ADDED)


def _pair(
    old: Payload, new: Payload, beside: tuple[Reason, ...], *, touched: bool
) -> Iterator[AccountChange]:
    reasons = (*beside, *recreated(old, new))
    if reasons:
        yield AccountChange(new.account, old.account, new.type, Fate.RECREATED, reasons)
    elif touched:
        notes = (_RESETS,) if new.type == _EXCHANGE else ()
        yield AccountChange(new.account, old.account, new.type, Fate.UPDATED, (), notes)


def declared_account_changes(
    old: Declaration, new: Declaration, *, touched: bool
) -> Iterator[AccountChange]:
    """Yield what happens to the account of a declaration, if it is one."""
    (kind, name), (old_kind, old_name) = _declared(new), _declared(old)
    if kind not in ACCOUNTS and old_kind not in ACCOUNTS:
        return
    reasons: list[Reason] = []
    if name != old_name:
        reasons.append(Reason("declaration-identifier", _OTHER_DECLARATION, old_name, name))
    if kind != old_kind:
        reasons.append(Reason("declaration-type", _OTHER_TYPE, old_kind, kind))
    if reasons:
        yield AccountChange(name or kind, old_name or old_kind, kind, Fate.RECREATED, (*reasons,))
    elif touched:
        yield AccountChange(name or kind, name or kind, kind, Fate.UPDATED)


def appearing(old: Document | None, new: Document | None) -> Iterator[AccountChange]:
    """Yield the accounts that only one of two documents brings; None stands for no document."""
    before = {} if old is None else dict(accounts_of(old))
    after = {} if new is None else dict(accounts_of(new))
    for name, kind in before.items():
        if name not in after:
            yield AccountChange(name, name, kind, Fate.REMOVED)
    for name, kind in after.items():
        if name not in before:
            yield AccountChange(name, "", kind, Fate.ADDED)


def _declared(document: Declaration) -> tuple[str, str]:
    return text_of(document.content, "Type"), text_of(document.content, "Identifier")


def _accounts(document: Document) -> Iterator[tuple[str, str]]:
    match document:
        case Profile():
            for payload in payloads(document):
                if payload.is_account:
                    yield payload.account, payload.type
        case Declaration():
            kind, name = _declared(document)
            if kind in ACCOUNTS:
                yield name or kind, kind
        case AppConfiguration(app=app):
            if mail_app_of(app, Platform.IOS) is not None:
                yield app, APP
        case AndroidPolicy(content=content):
            yield from _work_apps(content.get("applications"))
        case _:
            pass


def _work_apps(applications: object) -> Iterator[tuple[str, str]]:
    for item in applications if isinstance(applications, list) else ():
        if not isinstance(item, dict) or item.get("installType") == "BLOCKED":
            continue
        package = text_of(item, "packageName")
        if mail_app_of(package, Platform.ANDROID) is not None:
            yield package, APP
