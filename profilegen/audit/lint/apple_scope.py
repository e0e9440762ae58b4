"""What every check of an Apple document needs to know of what it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from profilegen.audit.model import Context
from profilegen.catalogue.apple_model import Section, Support, System
from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Finding
from profilegen.versions import Version

# Comparing names is the one slow step, and a hostile file could ask for it in every key.
_SUGGESTIONS = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """The judged document or payload: its types, its system, and how devices are managed.

    `kinds` are the types whose keys it holds, its own first: for a declaration what stands around
    its Payload is one of them. `given` are the rules of availability that what stands above already
    broke. Each item of `suggestions` allows one search for a similar name.
    """

    section: Section
    kinds: tuple[str, ...]
    system: System
    context: Context
    given: frozenset[str] = frozenset()
    suggestions: Iterator[int] = field(default_factory=lambda: iter(range(_SUGGESTIONS)))

    def below(self, broken: Iterable[Finding]) -> Scope:
        """Return the scope inside what broke the rules of `broken`."""
        new = self.given.union(item.rule for item in broken)
        return self if new == self.given else replace(self, given=new)

    @property
    def version(self) -> Version:
        """Return the oldest version in use of the judged system."""
        return self.context.ios if self.system is System.IOS else self.context.macos

    @property
    def enrollment(self) -> Enrollment:
        """Return how devices came under management."""
        return self.context.enrollment


def system_with(on: Mapping[System, Support]) -> System:
    """Return the system to judge by what exists as `on` says: iOS where it can be."""
    return System.IOS if System.IOS in on else System.MACOS
