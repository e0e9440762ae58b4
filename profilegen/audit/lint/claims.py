"""A profile that holds payloads of power which nothing in its names mentions.

What is a subject, and by which words names speak of it, is the catalogue's vocabulary. A name that
speaks of no subject, or of everything, claims nothing that could be exceeded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from profilegen.audit.document import Profile
from profilegen.audit.lint.names import texts, words
from profilegen.audit.lint.payloads import Payload
from profilegen.audit.lint.restrictions import RESTRICTIONS
from profilegen.catalogue.accounts import references
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Platform
from profilegen.catalogue.vocabulary import subjects, umbrella_words
from profilegen.findings import Finding


def findings(profile: Profile, payloads: Sequence[Payload]) -> Iterator[Finding]:
    """Yield the kinds of payloads that the names of `profile` leave out."""
    said = " ".join(("", *(word for text in texts(profile) for word in words(text)), ""))
    if _mentions(said, umbrella_words()):
        return
    claimed = [subject for subject in subjects() if _mentions(said, subject.words)]
    own = {kind for subject in claimed for kind in subject.payloads}
    if not any(payload.kind in own for payload in payloads):
        # What the names speak of is not in the profile: the words mean something else.
        return
    used = frozenset(_referenced(payloads))

    def is_used(payload: Payload) -> bool:
        uuid = payload.content.get("PayloadUUID")
        return isinstance(uuid, str) and uuid.casefold() in used

    for subject in subjects():
        if subject.power and subject not in claimed:
            beyond = [
                payload
                for payload in payloads
                if payload.kind in subject.payloads and not is_used(payload) and _reaches(payload)
            ]
            if beyond:
                about = " and ".join(item.id for item in claimed)
                yield found(
                    "claims-more",
                    beyond[0].place,
                    f"The profile's names speak of {about}; it also brings {subject.power} "
                    f"({beyond[0].kind}), which they do not mention.",
                )


def _reaches(payload: Payload) -> bool:
    """Say whether the payload reaches beyond the data of managed accounts and apps.

    Restrictions that only draw the boundary around managed data belong to an account.
    """
    if payload.kind != RESTRICTIONS:
        return True
    return any(
        not key.startswith("Payload") and key not in _boundary_keys() for key in payload.content
    )


@cache
def _boundary_keys() -> frozenset[str]:
    channels = decided_channels(Platform.IOS).values()
    return frozenset(key.key for item in channels if not item.whole_device for key in item.keys)


def _mentions(said: str, phrases: Sequence[str]) -> bool:
    return any(
        f" {phrase[:-1]}" in said if phrase.endswith("*") else f" {phrase} " in said
        for phrase in phrases
    )


def _referenced(payloads: Sequence[Payload]) -> Iterator[str]:
    """Yield the UUIDs of certificates that another payload uses: they belong to it."""
    for payload in payloads:
        for path in references().get(payload.kind, ()):
            for _, value in payload.values(path):
                if isinstance(value, str):
                    yield value.casefold()
