"""Which apps can be blocked beside which: one id, one intention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profilegen.catalogue.apps import APPLE_MAIL, DEFAULT_CLIENT, mail_apps
from profilegen.catalogue.terms import Platform
from profilegen.policy.compose import Plain
from profilegen.policy.lenient import mapping, rows, text, texts
from profilegen.policy.problems import Fault, Path, clip

_APPLE_MAIL_ID = "com.apple.mobilemail"

_Ids = dict[str, Path]


def app_faults(root: Plain) -> Iterator[Fault]:
    """Yield every app id that two entries claim, or that is blocked and yet needed."""
    for platform in Platform:
        managed, blocked = _Ids(), _Ids()
        yield from _claims(root, "managed", platform, managed)
        yield from _claims(root, "blocked", platform, blocked)
        for app_id in blocked:
            if app_id in managed:
                message = f"{clip(app_id)} is blocked and managed"
                yield Fault(blocked[app_id], message, "Remove it from one of the two lists.")
        yield from _blocked_clients(root, platform, blocked)


def _claims(root: Plain, group: str, platform: Platform, seen: _Ids) -> Iterator[Fault]:
    """Note each id of `group` in `seen`; yield those that another app of it has too."""
    owner: dict[str, int] = {}
    for index, row in enumerate(rows(root, "apps", group)):
        for path, app_id in texts(row, platform):
            if owner.setdefault(app_id, index) != index:
                message = f"another {group} app has the id {clip(app_id)} too"
                yield Fault(path, message, "Keep it in one of them.")
            seen.setdefault(app_id, path)


def _blocked_clients(root: Plain, platform: Platform, blocked: _Ids) -> Iterator[Fault]:
    accounts = {text(account, "id"): account for _, account in rows(root, "accounts")}
    reported: set[str] = set()
    for path, target in rows(root, "targets"):
        if target.get("platform") != platform:
            continue
        for _, name in texts((path, target), "accounts"):
            app_id = _client_id(accounts.get(name, {}), platform)
            if app_id in blocked and app_id not in reported:
                reported.add(app_id)
                message = (
                    f"{clip(app_id)} is blocked, but on target {clip(text(target, 'id'))} it is"
                    f" the mail app of account {clip(name)}"
                )
                hint = "Block another app, or give the account another client."
                yield Fault(blocked[app_id], message, hint)


def _client_id(account: Mapping[str, Plain], platform: Platform) -> str:
    name = text(mapping(account.get("client")), platform) or DEFAULT_CLIENT[platform]
    if name == APPLE_MAIL:
        return _APPLE_MAIL_ID
    app = mail_apps().get(name)
    return app.id_on(platform) if app else ""
