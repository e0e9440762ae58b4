"""Names that say of a setting what its value contradicts: "Block AirDrop" over allowAirDrop true.

Strict on purpose: every word of the name must be understood, the setting must be written out, and
no other setting may do what the name says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from profilegen.audit.document import Profile
from profilegen.audit.lint.names import Clause, clauses, file_clauses
from profilegen.audit.lint.payloads import Payload
from profilegen.audit.lint.shown import shown
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Effect, Platform
from profilegen.catalogue.vocabulary import SpokenKey, spoken_keys, verbs
from profilegen.findings import Finding

_MOST_WORDS = 16
_LINKS = frozenset({"are", "be", "is", "must", "should", "will"})


@dataclass(frozen=True, slots=True)
class _Statement:
    """A key, and the value that a name says it has."""

    key: SpokenKey
    value: bool


def findings(profile: Profile, payloads: Sequence[Payload]) -> Iterator[Finding]:
    """Yield the settings that do the opposite of what a name of theirs says, each once."""
    seen: set[str] = set()
    closing = frozenset(_closing_keys(payloads))
    scopes: list[tuple[Iterable[Clause], Sequence[Payload]]] = [
        ((*clauses(profile.content), *file_clauses(profile.name)), payloads)
    ]
    scopes += [(clauses(payload.content), (payload,)) for payload in payloads]
    for spoken, meant in scopes:
        for statement, text in _statements(spoken).items():
            # Another key may close the same channel, and be what the name means.
            if closing.isdisjoint(_other_keys().get(statement.key.key, ())):
                for place in _contradicting(statement, meant):
                    if place not in seen:
                        seen.add(place)
                        yield _contradiction(place, statement, text)


def _contradiction(place: str, statement: _Statement, text: str) -> Finding:
    said, real = ("true", "false") if statement.value else ("false", "true")
    return found(
        "name-contradicts-setting",
        place,
        f"The name {shown(text)} says that {statement.key.key} is {said}, but it is {real}.",
    )


def _statements(spoken: Iterable[Clause]) -> dict[_Statement, str]:
    """Return what clauses say, each with the first text that says it."""
    said: dict[_Statement, str] = {}
    for clause in spoken:
        for statement in _said(clause):
            said.setdefault(statement, clause.shown)
    return said


def _contradicting(statement: _Statement, meant: Sequence[Payload]) -> Sequence[str]:
    """Return the places of the key; none where one of them has the value that the name says."""
    key = statement.key
    values = [
        (payload.at(key.key), payload.content[key.key])
        for payload in meant
        if payload.kind in key.payloads and isinstance(payload.content.get(key.key), bool)
    ]
    if any(value is statement.value for _, value in values):
        return ()
    return [place for place, _ in values]


def _closing_keys(payloads: Sequence[Payload]) -> Iterator[str]:
    closers = _closers()
    for payload in payloads:
        for key, close in closers.get(payload.kind, ()):
            if payload.value(key) is close:
                yield key


@cache
def _closers() -> Mapping[str, Sequence[tuple[str, bool]]]:
    """Return the keys that close a channel, with the value that does, by type of payload."""
    closers: dict[str, list[tuple[str, bool]]] = {}
    for channel in decided_channels(Platform.IOS).values():
        for key in channel.keys:
            for payload in key.payloads if key.effect is Effect.CLOSES else ():
                if isinstance(key.close, bool):
                    closers.setdefault(payload, []).append((key.key, key.close))
    return closers


@cache
def _other_keys() -> Mapping[str, Collection[str]]:
    """Return for each key the others that act on a channel of its own."""
    others: dict[str, set[str]] = {}
    for channel in decided_channels(Platform.IOS).values():
        names = {key.key for key in channel.keys}
        for key in channel.keys:
            others.setdefault(key.key, set()).update(names - {key.key})
    return others


def _said(clause: Clause) -> Iterator[_Statement]:
    """Yield what a clause says of keys, of which it must be about nothing else."""
    tokens = clause.words
    if len(tokens) > _MOST_WORDS or not verbs()["turning"].isdisjoint(clause.beside):
        return
    for start in range(len(tokens)):
        for end in range(start + 1, len(tokens) + 1):
            for key in _objects().get("".join(tokens[start:end]), ()):
                is_on = _in_front(key, tokens[:start], tokens[end:])
                if is_on is None:
                    is_on = _behind(key, tokens[:start], tokens[end:])
                if is_on is not None and _opposites(is_on=is_on).isdisjoint(clause.beside):
                    yield _Statement(key, key.on is is_on)


def _in_front(key: SpokenKey, before: Sequence[str], after: Sequence[str]) -> bool | None:
    """Return whether a verb before the object says that it is on; None when none says anything."""
    if not verbs()["around"].issuperset(after):
        return None
    end = len(before)
    while end and before[end - 1] in verbs()["between"]:
        end -= 1
    for length in (3, 2, 1):
        verb = " ".join(before[end - length : end]) if length <= end else ""
        is_on = _meaning(key, verb, deny="deny", allow="allow", need="need")
        if is_on is not None:
            return is_on if verbs()["around"].issuperset(before[: end - length]) else None
    return None


def _behind(key: SpokenKey, before: Sequence[str], after: Sequence[str]) -> bool | None:
    """Return whether a verb behind the object says that it is on; None when none says anything."""
    if not verbs()["around"].issuperset(before):
        return None
    start = 0
    while start < len(after) and after[start] in _LINKS:
        start += 1
    for length in (2, 1):
        verb = " ".join(after[start : start + length])
        is_on = _meaning(key, verb, deny="denied", allow="allowed", need="needed")
        if is_on is not None:
            return is_on if verbs()["around"].issuperset(after[start + length :]) else None
    return None


@cache
def _opposites(*, is_on: bool) -> frozenset[str]:
    """Return the verbs that say the opposite: beside a statement they leave it in doubt."""
    names = ("deny", "denied") if is_on else ("allow", "allowed", "need", "needed")
    return frozenset[str]().union(*(verbs()[name] for name in names))


def _meaning(key: SpokenKey, verb: str, *, deny: str, allow: str, need: str) -> bool | None:
    if verb in verbs()[deny]:
        return False
    if verb in verbs()[allow] or (key.forced and verb in verbs()[need]):
        return True
    return None


@cache
def _objects() -> Mapping[str, Sequence[SpokenKey]]:
    """Return the keys by the phrases for them, without blanks: names write them as they like."""
    objects: dict[str, list[SpokenKey]] = {}
    for key in spoken_keys():
        for phrase in key.words:
            objects.setdefault(phrase.replace(" ", ""), []).append(key)
    return objects
