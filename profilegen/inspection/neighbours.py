"""Files beside each other: of each only the labels are kept, by which it may be taken for another.

`lint_beside` wants all documents at once, which those of a hundred thousand people are too many
for. So it gets documents with the labels of those that share one, and nothing of the others.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from profilegen.audit.document import Declaration, Document, Profile
from profilegen.audit.lint.content import Content
from profilegen.audit.lint.lint import lint_beside
from profilegen.findings import Finding
from profilegen.places import item_at, key_at

_OWN = ("PayloadUUID", "PayloadIdentifier", "Identifier")
_PAYLOADS = "PayloadContent"
_UUID = "PayloadUUID"
_CONTENT = "Content"


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The labels of a document; `text` is the JSON of a content that has nothing else."""

    number: int
    name: str
    declaration: bool
    text: str


@dataclass(slots=True)
class Neighbours:
    """The labels of all documents so far."""

    _documents: list[_Labelled] = field(default_factory=list)
    _labels: array[int] = field(default_factory=lambda: array("q"))

    def add(self, number: int, document: Document) -> tuple[str, ...]:
        """Remember the labels of `document`, that of the file `number`; return their places."""
        if not isinstance(document, Profile | Declaration):
            return ()
        content = _labels_of(document)
        self._labels.extend({_hashed(label) for _, label in _labels_in(content)})
        places = tuple(place for place, _ in _labels_in(content))
        content[_CONTENT] = Content(document.content).digest
        declaration = isinstance(document, Declaration)
        text = json.dumps(content, separators=(",", ":"))
        self._documents.append(_Labelled(number, document.name, declaration, text))
        return places

    def findings(self) -> Iterator[tuple[int, Finding]]:
        """Yield what is wrong with files beside each other, each with the number of its file."""
        repeated = {one for one, other in pairwise(sorted(self._labels)) if one == other}
        shared = list(self._sharing(repeated)) if repeated else []
        for index, finding in lint_beside([document for _, document in shared]):
            yield shared[index][0], finding

    def _sharing(self, repeated: set[int]) -> Iterator[tuple[int, Document]]:
        for kept in self._documents:
            content = json.loads(kept.text)
            if not repeated.isdisjoint(_hashed(label) for _, label in _labels_in(content)):
                made = Declaration if kept.declaration else Profile
                yield kept.number, made(kept.name, content)


def _labels_of(document: Profile | Declaration) -> dict[str, object]:
    content: dict[str, object] = {
        key: document.content[key] for key in _OWN if isinstance(document.content.get(key), str)
    }
    if isinstance(document, Profile):
        # What is no payload keeps its place, for places count them.
        items = document.content.get(_PAYLOADS)
        content[_PAYLOADS] = [
            _label_of(item) for item in (items if isinstance(items, list) else ())
        ]
    return content


def _label_of(item: object) -> dict[str, str] | None:
    if not isinstance(item, dict):
        return None
    uuid = item.get(_UUID)
    return {_UUID: uuid} if isinstance(uuid, str) else {}


def _labels_in(content: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each label."""
    yield from ((key, str(content[key])) for key in _OWN if key in content)
    items = content.get(_PAYLOADS)
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and _UUID in item:
            yield key_at(item_at(_PAYLOADS, number), _UUID), item[_UUID]


def _hashed(label: str) -> int:
    return hash(label.casefold())
