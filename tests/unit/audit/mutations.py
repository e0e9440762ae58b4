"""One setting removed from a document or flipped, and what may follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from profilegen.audit.document import Document
from profilegen.audit.flows import Context, flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform, State

REMOVE = object()
States = dict[tuple[str, str], State]


def states(documents: Sequence[Document], where: Context) -> States:
    return {(f.account, f.channel): f.state for f in flows(documents, where)}


@dataclass(frozen=True)
class Mutation:
    """A setting with the channels it controls, and the value it gets."""

    kind: str
    path: str
    channels: frozenset[str]
    value: object

    def __str__(self) -> str:
        return f"{self.kind} {self.path}={'removed' if self.value is REMOVE else self.value}"


def put(tree: dict[str, Any], path: list[str], value: object) -> None:
    *parents, leaf = path
    for part in parents:
        tree = tree[part]
    if value is REMOVE:
        del tree[leaf]
    else:
        tree[leaf] = value


def has(tree: object, path: list[str]) -> bool:
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True


def check(
    before: States, after: States, mutation: Mutation, *, platform: Platform, held: bool
) -> None:
    """Assert that the channels of the mutation changed, or did not if `held`, and no strangers."""
    changed = {key[1] for key in before.keys() & after.keys() if before[key] is not after[key]}
    resting = (_resting_on(platform, channel) for channel in mutation.channels)
    assert changed <= mutation.channels.union(*resting)
    assert changed & mutation.channels == (set() if held else mutation.channels)


def _resting_on(platform: Platform, channel: str) -> set[str]:
    return {
        other.id
        for other in decided_channels(platform).values()
        if other.follows == channel or any(channel in key.needs for key in other.keys)
    }
