"""What profiles and payloads are called, and the words of it.

A name is short and says one thing, a description is prose; only the beginning of a text counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from profilegen.audit.document import Profile
from profilegen.audit.placeholders import is_placeholder

NO_WORD = "\0"
"""Stands among words for a mark that may change what they mean, such as a bracket or a quote."""

_LONGEST = 2000
_SENTENCES = 20
_TITLES = ("PayloadDisplayName", "PayloadIdentifier")
_PROSE = "PayloadDescription"
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_HASH = re.compile(r"-[0-9a-f]{6,64}$")
_CAMEL = re.compile(r"(?<=[a-z0-9]{2})(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[^\W_]+|[^\w\s-]")
_SENTENCE = re.compile(r"[.;\n\r]+")
_SEGMENT = re.compile(r"\s+[-\u2013\u2014]\s+|[:|/\\()\[\]]|__")
_COMPONENT = re.compile(r"\.")
_APOSTROPHE = "\u2019"
_CONTRACTED = (("don't", "do not"), ("doesn't", "does not"))


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of one name or sentence in lower case; `beside` are those of the same text around it.

    `shown` is the text as it stands in the file.
    """

    words: tuple[str, ...]
    beside: tuple[str, ...]
    shown: str


def words(text: str) -> tuple[str, ...]:
    """Return the words of `text` in lower case, with NO_WORD for marks between them."""
    plain = text[:_LONGEST]
    lowered = _CAMEL.sub(" ", plain).lower().replace(_APOSTROPHE, "'")
    for short, long in _CONTRACTED:
        lowered = lowered.replace(short, long)
    tokens = _TOKEN.findall(lowered)
    return tuple(token if token[0].isalnum() else NO_WORD for token in tokens)


def texts(profile: Profile) -> Iterator[str]:
    """Yield the texts by which `profile` introduces itself, before its payloads."""
    for key in (*_TITLES, _PROSE):
        yield from _text(profile.content, key)
    consent = profile.content.get("ConsentText")
    for value in consent.values() if isinstance(consent, dict) else ():
        if isinstance(value, str):
            yield value


def clauses(content: Mapping[str, object]) -> Iterator[Clause]:
    """Yield what the names and the description of a profile or payload say."""
    for title in _text(content, "PayloadDisplayName"):
        yield from _of_title(title)
    for identifier in _text(content, "PayloadIdentifier"):
        parts = [_UUID.sub("", part) for part in _COMPONENT.split(identifier[:_LONGEST])]
        for part in parts:
            yield Clause(words(part), (), identifier)
    for prose in _text(content, _PROSE):
        sentences = [words(part) for part in _SENTENCE.split(prose[:_LONGEST])]
        for index, sentence in enumerate(sentences[:_SENTENCES]):
            others = (*sentences[:index], *sentences[index + 1 :])
            yield Clause(sentence, tuple(word for other in others for word in other), prose)


def file_clauses(name: str) -> Iterator[Clause]:
    """Yield what the name of a file says."""
    yield from _of_title(_HASH.sub("", PurePosixPath(name).stem))


def _of_title(title: str) -> Iterator[Clause]:
    """Yield the last part of a title: before it stands for whom or in which family it is."""
    parts = [words(part) for part in _SEGMENT.split(title[:_LONGEST]) if part.strip()]
    if parts:  # a title may be nothing but a bracket
        *others, last = parts
        yield Clause(last, tuple(word for other in others for word in other), title)


def _text(content: Mapping[str, object], key: str) -> Iterator[str]:
    value = content.get(key)
    if isinstance(value, str) and value.strip() and not is_placeholder(value):
        yield value
