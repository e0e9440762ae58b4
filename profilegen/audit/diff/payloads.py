"""Which payloads of two profiles, and which declarations, are versions of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.diff.model import Part
from profilegen.audit.diff.values import frozen
from profilegen.audit.document import Profile

# Payloads and declarations that put an account onto the device: Apple's device-management schema.
ACCOUNTS = frozenset(
    {
        "com.apple.AIM.account",
        "com.apple.caldav.account",
        "com.apple.carddav.account",
        "com.apple.eas.account",
        "com.apple.ews.account",
        "com.apple.google-oauth",
        "com.apple.jabber.account",
        "com.apple.ldap.account",
        "com.apple.mail.managed",
        "com.apple.osxserver.account",
        "com.apple.subscribedcalendar.account",
        "com.apple.configuration.account.caldav",
        "com.apple.configuration.account.carddav",
        "com.apple.configuration.account.exchange",
        "com.apple.configuration.account.google",
        "com.apple.configuration.account.ldap",
        "com.apple.configuration.account.mail",
        "com.apple.configuration.account.subscribed-calendar",
    }
)
_BOTH = 2
_ADDRESSES = (
    "EmailAddress",
    "CalDAVUsername",
    "CardDAVUsername",
    "LDAPAccountUserName",
)


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload of a profile; `index` is its place in it, texts are "" where it has none."""

    index: int
    content: Mapping[str, object]
    type: str
    identifier: str
    uuid: str

    @property
    def part(self) -> Part:
        """Return how a change names this payload."""
        return Part(self.type, self.identifier)

    @property
    def place(self) -> str:
        """Return the place of the payload in its file."""
        return f"PayloadContent[{self.index}]"

    @property
    def account(self) -> str:
        """Return how flows name the account that this payload brings."""
        return self.identifier or self.type

    @property
    def is_account(self) -> bool:
        """Whether this payload brings an account."""
        return self.type in ACCOUNTS


@dataclass(frozen=True, slots=True)
class Matched:
    """Payloads of OLD with those of NEW that take their place, and those that only one has."""

    pairs: tuple[tuple[Payload, Payload], ...]
    removed: tuple[Payload, ...]
    added: tuple[Payload, ...]


def text_of(content: Mapping[str, object], key: str) -> str:
    """Return the text of `key`, "" where it has none or something else."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def payloads(profile: Profile) -> tuple[Payload, ...]:
    """Return the payloads of `profile`; what is no dictionary is none."""
    content = profile.content.get("PayloadContent")
    return tuple(
        Payload(
            index,
            item,
            text_of(item, "PayloadType"),
            text_of(item, "PayloadIdentifier"),
            text_of(item, "PayloadUUID"),
        )
        for index, item in enumerate(content if isinstance(content, list) else ())
        if isinstance(item, dict)
    )


def match_payloads(old: Sequence[Payload], new: Sequence[Payload]) -> Matched:
    """Match by identifier, then UUID, then among those of one type by what else tells them apart.

    Devices go by identifier and UUID; the rest finds what a person would call the same payload,
    whose identifier somebody changed. Two accounts of one type are the same only where the end of
    their identifiers or their address is.
    """
    pairs: list[tuple[Payload, Payload]] = []
    left, right = list(old), list(new)
    for key in (_by_identifier, _by_uuid, _by_last_part, _by_address, _by_type, _by_content):
        pairs += _take(left, right, key)
    pairs += _take_lone_accounts(left, right)
    pairs.sort(key=lambda pair: pair[0].index)
    return Matched(tuple(pairs), tuple(left), tuple(right))


def _take(
    left: list[Payload], right: list[Payload], key: Callable[[Payload], Hashable]
) -> list[tuple[Payload, Payload]]:
    """Take out of both lists the payloads of one key, in their order, and return them paired."""
    by_key: dict[Hashable, list[Payload]] = {}
    for payload in reversed(right):
        by_key.setdefault(key(payload), []).append(payload)
    by_key.pop(None, None)
    pairs = [(p, found.pop()) for p in left if (found := by_key.get(key(p)))]
    gone = {id(payload) for pair in pairs for payload in pair}
    left[:] = [payload for payload in left if id(payload) not in gone]
    right[:] = [payload for payload in right if id(payload) not in gone]
    return pairs


def _take_lone_accounts(left: list[Payload], right: list[Payload]) -> list[tuple[Payload, Payload]]:
    """Take the accounts that are the last of their type on both sides, unless addresses differ."""
    counts = Counter(payload.type for payload in left) + Counter(p.type for p in right)
    addressed = {p.type for p in left if _addresses(p)} & {p.type for p in right if _addresses(p)}
    alone = {kind for kind in counts if counts[kind] == _BOTH} & ACCOUNTS - addressed
    return _take(left, right, lambda payload: payload.type if payload.type in alone else None)


def _by_identifier(payload: Payload) -> Hashable:
    return payload.identifier or None


def _by_uuid(payload: Payload) -> Hashable:
    return payload.uuid.upper() or None


def _by_last_part(payload: Payload) -> Hashable:
    last = payload.identifier.rpartition(".")[2]
    return (payload.type, last) if last else None


def _by_address(payload: Payload) -> Hashable:
    addresses = _addresses(payload)
    return (payload.type, addresses) if addresses else None


def _addresses(payload: Payload) -> tuple[str, ...]:
    found = (text_of(payload.content, key) for key in _ADDRESSES)
    return tuple(address for address in found if address)


def _by_type(payload: Payload) -> Hashable:
    return None if payload.is_account else payload.type or None


def _by_content(payload: Payload) -> Hashable:
    return frozen(payload.content)
