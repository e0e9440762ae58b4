"""Ids: each given once, and each mention of one leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profilegen.policy.compose import Plain
from profilegen.policy.lenient import Row, mapping, rows, text, texts
from profilegen.policy.problems import Fault, Path, clip, listing, path_text, suggestion

_CA = "ca"


def reference_faults(root: Plain) -> Iterator[Fault]:
    """Yield every id that stands twice and every mention of one that does not exist."""
    accounts, targets = list(rows(root, "accounts")), list(rows(root, "targets"))
    certificates = list(rows(root, "certificates"))
    blocked = list(rows(root, "apps", "blocked"))
    for group, key in ((accounts, "id"), (targets, "id"), (certificates, "id"), (blocked, "name")):
        yield from _repeated(group, key)
    account_ids, target_ids = _values(accounts, "id"), _values(targets, "id")
    for row in targets:
        for path, name in texts(row, "accounts"):
            yield from _dangling(path, name, "account", account_ids)
    for row in rows(root, "accept"):
        yield from _mention(row, "target", "target", target_ids)
        yield from _mention(row, "account", "account", account_ids)
        yield from _mention(row, "app", "blocked app", _values(blocked, "name"))
    kinds = {text(row, "id"): text(row, "kind") for _, row in certificates}
    for row in accounts:
        yield from _certificates(row, kinds)


def _repeated(group: list[Row], key: str) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for path, row in group:
        name = text(row, key)
        if name and name in first:
            hint = "Give each one a name of its own."
            message = f"{clip(name)} is also the {key} of {path_text(first[name])}"
            yield Fault((*path, key), message, hint)
        first.setdefault(name, path)


def _mention(row: Row, key: str, kind: str, known: list[str]) -> Iterator[Fault]:
    path, members = row
    name = text(members, key)
    if name:
        yield from _dangling((*path, key), name, kind, known)


def _dangling(path: Path, name: str, kind: str, known: list[str]) -> Iterator[Fault]:
    if name not in known:
        otherwise = f"The policy has {listing(known)}." if known else f"Add the {kind} first."
        hint = suggestion(name, known, otherwise=otherwise)
        yield Fault(path, f"there is no {kind} {clip(name)}", hint)


def _certificates(row: Row, kinds: Mapping[str, str]) -> Iterator[Fault]:
    path, account = row
    for member, key in (("login", "certificate"), ("smime", "sign"), ("smime", "encrypt")):
        name = text(mapping(account.get(member)), key)
        place = (*path, member, key)
        if name:
            yield from _dangling(place, name, "certificate", list(kinds))
        if kinds.get(name) == _CA:
            hint = "Name a certificate of kind pkcs12, scep or acme: it needs a key."
            yield Fault(place, f"{clip(name)} is a CA certificate, not an identity", hint)


def _values(group: list[Row], key: str) -> list[str]:
    return [name for _, row in group if (name := text(row, key))]
