"""Identifiers and UUIDs: inside one profile, and of files beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from profilegen.audit.document import Declaration, Document, Profile
from profilegen.audit.lint.content import Content
from profilegen.audit.lint.payloads import payloads
from profilegen.audit.lint.shown import shown
from profilegen.audit.lint.stand_ins import (
    is_made_up_identifier,
    is_made_up_uuid,
    is_stand_in,
)
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import ROOT, key_at

_IDENTIFIER = "PayloadIdentifier"
_UUID = "PayloadUUID"
_WHOLE = "the profile"
_CANONICAL = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_REVERSE_DNS = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Label:
    """A text by which a profile or payload is known, with its place and its owner for people."""

    place: str
    owner: str
    text: str


def findings(document: Profile) -> Iterator[Finding]:
    """Yield what is wrong with the identifiers of one profile."""
    uuids = tuple(_labels(document, _UUID))
    identifiers = tuple(_labels(document, _IDENTIFIER))
    yield from _repeated_uuids(uuids)
    yield from _repeated_identifiers(identifiers)
    for label in uuids:
        yield from _odd_uuid(label)
    for label in identifiers:
        if is_made_up_identifier(label.text) or is_stand_in(label.text):
            message = f"The identifier {shown(label.text)} was never chosen for anyone."
            yield found("placeholder-identifier", label.place, message)
            # The identifiers of payloads begin with the profile's: one is enough.
            break
    for label in identifiers[:1]:
        if label.owner == _WHOLE and not _is_fine(label.text):
            message = f"The identifier {shown(label.text)} is no reverse domain name."
            yield found("not-reverse-dns", label.place, message)


def findings_beside(documents: Sequence[Document]) -> Iterator[tuple[int, Finding]]:
    """Yield what files beside each other share by mistake, with the index of the document.

    Files with the same content are no mistake, however they are encoded or signed.
    """
    contents = [Content(document.content) for document in documents]
    yield from _shared(documents, contents, _UUID, "shared-uuid", "UUID")
    yield from _shared(documents, contents, _IDENTIFIER, "shared-identifier", "identifier")
    yield from _shared_inside(documents, contents)


def _repeated_uuids(labels: Iterable[Label]) -> Iterator[Finding]:
    seen: dict[str, Label] = {}
    for label in labels:
        first = seen.setdefault(label.text.casefold(), label)
        if first is not label and not _is_open(label.text):
            message = f"The UUID {shown(label.text)} is also that of {first.owner}."
            yield found("duplicate-uuid", label.place, message)


def _repeated_identifiers(labels: Iterable[Label]) -> Iterator[Finding]:
    # One placeholder gives one value, wherever it stands: templates have identifiers of their own.
    seen: dict[str, Label] = {}
    for label in labels:
        first = seen.setdefault(label.text, label)
        if first is label:
            continue
        message = f"The identifier {shown(label.text)} is also that of {first.owner}."
        code = "identifier-of-profile" if first.owner == _WHOLE else "duplicate-identifier"
        yield found(code, label.place, message)


def _odd_uuid(label: Label) -> Iterator[Finding]:
    if is_placeholder(label.text):
        return
    if is_made_up_uuid(label.text) or is_stand_in(label.text):
        message = f"The UUID {shown(label.text)} was typed, not generated."
        yield found("placeholder-uuid", label.place, message)
    elif not _CANONICAL.fullmatch(label.text):
        message = f"{shown(label.text)} is no UUID."
        yield found("not-a-uuid", label.place, message)


def _is_open(text: str) -> bool:
    """Say whether the text is still to be replaced, so that it says nothing yet."""
    return not text.strip() or is_placeholder(text) or is_made_up_uuid(text) or is_stand_in(text)


def _is_fine(identifier: str) -> bool:
    return is_placeholder(identifier) or _REVERSE_DNS.fullmatch(identifier) is not None


def _labels(document: Profile, key: str) -> Iterator[Label]:
    """Yield the labels of the profile itself and of its payloads, in the order of the file."""
    own = document.content.get(key)
    if isinstance(own, str):
        yield Label(key_at(ROOT, key), _WHOLE, own)
    for payload in payloads(document):
        text = payload.content.get(key)
        if isinstance(text, str):
            yield Label(payload.at(key), payload.place, text)


def _shared(
    documents: Sequence[Document],
    contents: Sequence[Content],
    key: str,
    code: str,
    what: str,
) -> Iterator[tuple[int, Finding]]:
    """Yield the documents whose own label another one has that does something else."""
    holders: dict[str, list[int]] = {}
    for index, document in enumerate(documents):
        text = _own_label(document, key)
        if text and not _is_open(text):
            holders.setdefault(text.casefold(), []).append(index)
    for text, indexes in holders.items():
        for index, other in _differing(indexes, contents):
            place = "Identifier" if isinstance(documents[index], Declaration) else key
            named = f"{shown(documents[other].name)} has the same {what}, {shown(text)}"
            yield index, found(code, place, f"{named}, and other content.")


def _differing(indexes: Sequence[int], contents: Sequence[Content]) -> Iterator[tuple[int, int]]:
    """Yield each index with another one whose content differs, where there is one."""
    if len(indexes) < 2:  # noqa: PLR2004  (a lone file shares with nobody)
        return
    first = indexes[0]
    other = next((i for i in indexes if contents[i].digest != contents[first].digest), None)
    if other is not None:
        for index in indexes:
            same = contents[index].digest == contents[first].digest
            yield index, other if same else first


def _shared_inside(
    documents: Sequence[Document], contents: Sequence[Content]
) -> Iterator[tuple[int, Finding]]:
    """Yield, once a file, UUIDs of its payloads that stand in unrelated files as well.

    Files with the same UUID of their own are versions of one profile, and said to be.
    """
    holders: dict[str, list[tuple[int, str]]] = {}
    for index, document in enumerate(documents):
        for payload in payloads(document) if isinstance(document, Profile) else ():
            uuid = payload.content.get(_UUID)
            if isinstance(uuid, str) and not _is_open(uuid):
                holders.setdefault(uuid.casefold(), []).append((index, payload.at(_UUID)))
    said: set[int] = set()
    for uuid, places in holders.items():
        where = dict(reversed(places))
        for index, other in _differing(sorted(where), contents):
            one, two = (_own_label(documents[i], _UUID).casefold() for i in (index, other))
            if one != two and index not in said:
                said.add(index)
                named = f"A payload of {shown(documents[other].name)} has the same UUID"
                yield index, found("shared-uuid", where[index], f"{named}, {shown(uuid)}.")


def _own_label(document: Document, key: str) -> str:
    if isinstance(document, Declaration):
        key = "Identifier" if key == _IDENTIFIER else ""
    elif not isinstance(document, Profile):
        return ""
    text = document.content.get(key)
    return text if isinstance(text, str) else ""
