"""Compare two sets of documents: files matched, then flows, accounts, identity and settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from profilegen.audit.diff.accounts import account_changes, appearing, declared_account_changes
from profilegen.audit.diff.identity import (
    DECLARATION_KEYS,
    PAYLOAD_KEYS,
    PROFILE_KEYS,
    declaration_changes,
    payload_changes,
    profile_changes,
    signer_changes,
    split_references,
)
from profilegen.audit.diff.matching import identifier_of, match_files
from profilegen.audit.diff.model import (
    AccountChange,
    Change,
    Difference,
    Fate,
    FileDifference,
    IdentityChange,
    Kind,
    Part,
)
from profilegen.audit.diff.movements import movements, movements_alone
from profilegen.audit.diff.payloads import Matched, match_payloads, payloads, text_of
from profilegen.audit.diff.settings import Spot, changes, leaves, values
from profilegen.audit.diff.versions import Pair, Version
from profilegen.audit.document import SEALED, Declaration, Document, Profile, kind_of
from profilegen.audit.flows import Context

_CONTENT = "PayloadContent"


def compare(old: Sequence[Version], new: Sequence[Version], context: Context) -> Difference:
    """Return what changes when the files of `new` take the place of those of `old`.

    Flows are those of each file by itself, on devices as its version in NEW says, else as `context`
    says. An only file on each side is compared with the other, whatever it is called.
    """
    matched = match_files(old, new)
    compared = [compare_pair(pair, context) for pair in matched.pairs]
    files = [
        *(item for item in compared if not item.is_empty),
        *(gone(version, context) for version in matched.removed),
        *(came(version, context) for version in matched.added),
    ]
    return Difference(tuple(files), sum(item.is_empty for item in compared))


def compare_as_device(
    old: Sequence[Version], new: Sequence[Version], context: Context
) -> Difference:
    """Return the same, with the flows of all files taken together as one device gets them."""
    found = compare(old, new, context)
    names = {
        account.before: account.name
        for file in found.files
        for account in file.accounts
        if account.fate is Fate.RECREATED
    }
    before, after = ([version.document for version in side] for side in (old, new))
    files = tuple(replace(file, movements=()) for file in found.files)
    return Difference(files, found.same, movements(before, after, context, names))


def gone(version: Version, context: Context | None) -> FileDifference:
    """Return what it means for a device that NEW has no such file.

    Without `context` no flows are judged.
    """
    document = version.document
    return FileDifference(
        version.path,
        "",
        identifier_of(document),
        "",
        kind_of(document),
        None,
        () if context is None else movements_alone(document, None, version.context or context),
        tuple(appearing(document, None)),
    )


def came(version: Version, context: Context | None) -> FileDifference:
    """Return what it means for a device that OLD had no such file.

    Without `context` no flows are judged.
    """
    document = version.document
    return FileDifference(
        "",
        version.path,
        "",
        identifier_of(document),
        kind_of(document),
        None,
        () if context is None else movements_alone(None, document, version.context or context),
        tuple(appearing(None, document)),
    )


def compare_pair(pair: Pair, context: Context) -> FileDifference:
    """Return what differs between two versions of one file, flows as in `compare`."""
    old, new = pair.old.document, pair.new.document
    found = _compared(old, new)
    names = {
        account.before: account.name for account in found.accounts if account.fate is Fate.RECREATED
    }
    return FileDifference(
        pair.old.path,
        pair.new.path,
        identifier_of(old),
        identifier_of(new),
        kind_of(new),
        pair.by,
        movements([old], [new], pair.new.context or context, names),
        found.accounts,
        (*signer_changes(pair), *found.identity),
        found.settings,
        (pair.old.signer, pair.new.signer),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    accounts: tuple[AccountChange, ...]
    identity: tuple[IdentityChange, ...]
    settings: tuple[Change, ...]


def _compared(old: Document, new: Document) -> _Found:
    if isinstance(old, Profile) and isinstance(new, Profile):
        return _profiles(old, new)
    if isinstance(old, Declaration) and isinstance(new, Declaration):
        return _declarations(old, new)
    return _Found(
        tuple(appearing(old, new)), (), tuple(changes(old.content, new.content, Spot(Part())))
    )


def _profiles(old: Profile, new: Profile) -> _Found:
    matched = match_payloads(payloads(old), payloads(new))
    settings, references = split_references(
        [*_envelope(old, new), *_payload_settings(matched)], matched
    )
    identity = tuple(profile_changes(old.content, new.content))
    return _Found(
        tuple(account_changes(matched, settings, identity)),
        (*identity, *payload_changes(matched), *references),
        settings,
    )


def _envelope(old: Profile, new: Profile) -> Iterator[Change]:
    """Yield what differs around the payloads, and what stands among them and is none."""
    aside = {*PROFILE_KEYS, _CONTENT}
    if old.opened and new.opened:
        # Opened payloads are compared themselves; encrypting them gives other bytes each time.
        aside.add(SEALED)
    yield from changes(old.content, new.content, Spot(Part()), without=aside)
    before, after = _strays(old), _strays(new)
    if _CONTENT in old.content and _CONTENT in new.content:
        yield from values(before, after, Spot(Part()).inside(_CONTENT, secret=False))
    elif _CONTENT in old.content or _CONTENT in new.content:
        yield from changes(
            {_CONTENT: before} if _CONTENT in old.content else {},
            {_CONTENT: after} if _CONTENT in new.content else {},
            Spot(Part()),
        )


def _strays(profile: Profile) -> object:
    """Return what stands in a profile in the place of payloads and is no payload."""
    content = profile.content.get(_CONTENT)
    if isinstance(content, list):
        return [item for item in content if not isinstance(item, dict)]
    return content


def _payload_settings(matched: Matched) -> Iterator[Change]:
    for old, new in matched.pairs:
        spot = Spot(new.part, old.place, new.place)
        yield from changes(old.content, new.content, spot, without=PAYLOAD_KEYS)
    for payload, kind in (
        *((payload, Kind.REMOVED) for payload in matched.removed),
        *((payload, Kind.ADDED) for payload in matched.added),
    ):
        left = {key: value for key, value in payload.content.items() if key not in PAYLOAD_KEYS}
        if left:
            yield from leaves(left, Spot(payload.part, payload.place, payload.place), kind)


def _declarations(old: Declaration, new: Declaration) -> _Found:
    part = Part(text_of(new.content, "Type"), text_of(new.content, "Identifier"))
    settings = tuple(changes(old.content, new.content, Spot(part), without=DECLARATION_KEYS))
    return _Found(
        tuple(declared_account_changes(old, new, touched=bool(settings))),
        tuple(declaration_changes(old, new)),
        settings,
    )
