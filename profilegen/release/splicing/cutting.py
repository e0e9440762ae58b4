"""Cut the files of a marker user, and find what stands in the way of that.

A slot must lie inside a text value: numbers, keys and identifiers of payloads are not for slots,
since their value decides on more than the octets that stand there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.lint.names import clauses
from profilegen.catalogue.vocabulary import verbs
from profilegen.plist import load_plist
from profilegen.release.splicing.markers import Marked
from profilegen.release.splicing.slots import CutFile, Pieces, Slot, Source, cut, pattern_of
from profilegen.render.artifact import Artifact, ArtifactKind

_PLISTS = frozenset({ArtifactKind.PROFILE, ArtifactKind.APP_CONFIGURATION})
# What must be unlike in every payload or app, or names another one.
_IDENTITIES = frozenset(
    {"PayloadIdentifier", "PayloadUUID", "PayloadType", "Type", "Identifier", "packageName"}
)
_FREE = frozenset({Source.FIELD, Source.ID})
_JUDGING = ("deny", "denied", "allow", "allowed", "need", "needed")


class Uncuttable(Exception):  # noqa: N818  (nothing failed: the files are made in another way)
    """The files of a target cannot be cut; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class CutTarget:
    """The files of a target; `spoken` are the fields that stand in names of profiles."""

    files: tuple[CutFile, ...]
    spoken: tuple[str, ...]


def cut_artifacts(artifacts: Sequence[Artifact], one: Marked) -> CutTarget:
    """Return the files rendered for the marker user `one`, cut. Raises Uncuttable."""
    documents = [parsed(item) for item in artifacts]
    for artifact, document in zip(artifacts, documents, strict=True):
        _refuse_places(artifact, document, one)
    spoken = dict.fromkeys(
        field
        for artifact, document in zip(artifacts, documents, strict=True)
        if artifact.kind is ArtifactKind.PROFILE
        for field in _spoken(document, one)
    )
    return CutTarget(tuple(_cut(item, one) for item in artifacts), tuple(spoken))


def parsed(artifact: Artifact) -> object:
    """Return the value that the content of an artifact is."""
    if artifact.kind in _PLISTS:
        return load_plist(artifact.content)
    value: object = json.loads(artifact.content)
    return value


def judging_words() -> frozenset[str]:
    """Return a word of each phrase without which no name says what a setting does."""
    phrases = (phrase for kind in _JUDGING for phrase in verbs()[kind])
    return frozenset(max(phrase.split(), key=len) for phrase in phrases)


def _cut(artifact: Artifact, one: Marked) -> CutFile:
    marks = one.marks.slots
    content = cut(artifact.content, marks)
    before, _, after = str(artifact.path).partition(one.names.user_file())
    return CutFile(artifact.kind, (before, after), content, _token(content, one))


def _token(content: Pieces, one: Marked) -> Pieces | None:
    numbers = [int(slot.role[0]) for slot in content.slots if slot.source is Source.TOKEN]
    return cut(one.marks.preimages[numbers[0]], one.marks.slots) if numbers else None


def _refuse_places(artifact: Artifact, document: object, one: Marked) -> None:
    """Raise Uncuttable unless every slot of a file lies in a text that is no identity."""
    pattern = pattern_of(one.marks.slots)
    found = 0
    for key, text in _texts(document, ""):
        if key is None and pattern.search(text):
            message = f"a user's value is a key in the {artifact.kind}"
            raise Uncuttable(message)
        slots = [one.marks.slots[mark] for mark in pattern.findall(text)]
        free = [slot for slot in slots if slot.source in _FREE]
        if key in _IDENTITIES and free:
            message = f"{key} in the {artifact.kind} holds {_named(free[0])}"
            raise Uncuttable(message)
        found += len(slots)
    if found != len(cut(artifact.content, one.marks.slots).slots):
        message = f"a user's value is no text in the {artifact.kind}"
        raise Uncuttable(message)


def _named(slot: Slot) -> str:
    return f"user.{slot.role[0]}" if slot.role else "the user's id"


def _texts(node: object, key: str) -> Iterator[tuple[str | None, str]]:
    """Yield every text with the key that it stands at, and every key with None."""
    match node:
        case str():
            yield key, node
        case Mapping():
            for name, value in node.items():
                yield None, str(name)
                yield from _texts(value, str(name))
        case list():
            for item in node:
                yield from _texts(item, key)
        case _:
            pass


def _spoken(document: object, one: Marked) -> Iterator[str]:
    """Yield the fields in names and descriptions, which the audit reads for what they say.

    Raises Uncuttable where constant words beside a field could say it with any value.
    """
    marks = {text.lower(): slot for text, slot in one.marks.slots.items()}
    pattern = pattern_of(marks)
    glued = re.compile(rf"[^\W_]{pattern.pattern}|{pattern.pattern}[^\W_]")
    for level in _levels(document):
        for clause in clauses(level):
            shown = clause.shown.lower()
            slots = [marks[mark] for mark in pattern.findall(shown)]
            free = [slot for slot in slots if slot.source in _FREE]
            if free and glued.search(shown):
                message = f"{_named(free[0])} stands in a name without a space or mark beside it"
                raise Uncuttable(message)
            if free and not judging_words().isdisjoint((*clause.words, *clause.beside)):
                message = f"{_named(free[0])} stands in a name that speaks of settings"
                raise Uncuttable(message)
            yield from ("" if slot.source is Source.ID else slot.role[0] for slot in free)


def _levels(document: object) -> Iterable[Mapping[str, object]]:
    """Return the dictionaries of a profile that have names: its own and its payloads'."""
    if not isinstance(document, Mapping):
        return ()
    content = document.get("PayloadContent")
    payloads = content if isinstance(content, list) else []
    return (document, *(item for item in payloads if isinstance(item, Mapping)))
