"""Keep what was found in many files in little memory: what is the same in all is kept once.

Files of a hundred thousand people differ in a few texts, so that their flows are the same but for
the names of accounts, and most findings, signatures and lines are the same altogether.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast, overload

from profilegen.audit.model import EVERY_ACCOUNT, Flow
from profilegen.inspection.model import Inspected

_H = TypeVar("_H", bound=Hashable)


class SharedFlows(Sequence[Flow]):
    """The flows of a file: those of every file of its `shape`, with the accounts of this one.

    In a shape the accounts are numbers, in the order in which they come.
    """

    __slots__ = ("accounts", "shape")

    def __init__(self, shape: tuple[Flow, ...], accounts: tuple[str, ...]) -> None:
        """Take a shape whose accounts are all in `accounts`."""
        self.shape = shape
        self.accounts = accounts

    def __len__(self) -> int:
        """Return the number of flows."""
        return len(self.shape)

    @overload
    def __getitem__(self, index: int) -> Flow: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Flow]: ...

    def __getitem__(self, index: int | slice) -> Flow | Sequence[Flow]:
        """Return a flow, or some of them, with its account."""
        if isinstance(index, slice):
            return SharedFlows(self.shape[index], self.accounts)
        flow = self.shape[index]
        return replace(flow, account=self.accounts[int(flow.account)])


@dataclass(slots=True)
class Keeper:
    """What was kept so far; one for all files that are kept together."""

    _values: dict[Hashable, Hashable] = field(default_factory=dict)
    _lines: dict[tuple[tuple[str, int], ...], Mapping[str, int]] = field(default_factory=dict)
    _shapes: dict[tuple[object, ...], tuple[Flow, ...]] = field(default_factory=dict)

    def kept(self, file: Inspected) -> Inspected:
        """Return a file that says the same and shares with the others what it can."""
        return replace(
            file,
            signature=self._same(file.signature),
            findings=self._same(tuple(map(self._same, file.findings))),
            suppressed=self._same(tuple(map(self._same, file.suppressed))),
            flows=self._flows(file.flows),
            lines=self.kept_lines(file.lines),
            origin=self._same(file.origin),
        )

    def kept_lines(self, lines: Mapping[str, int]) -> Mapping[str, int]:
        """Return lines by place, the same value for the same lines."""
        return self._lines.setdefault(tuple(lines.items()), lines)

    def _same(self, value: _H) -> _H:
        return cast("_H", self._values.setdefault(value, value))

    def _flows(self, flows: Sequence[Flow]) -> Sequence[Flow]:
        if not flows:
            return ()
        accounts = tuple(dict.fromkeys(flow.account for flow in flows))
        numbers = {account: str(number) for number, account in enumerate(accounts)}
        shape = tuple(_shape_of(flow, numbers[flow.account]) for flow in flows)
        found = self._shapes.get(shape)
        if found is None:
            found = tuple(replace(flow, account=numbers[flow.account]) for flow in flows)
            self._shapes[shape] = found
        return SharedFlows(found, self._same(accounts))


def _shape_of(flow: Flow, number: str) -> tuple[object, ...]:
    # Values of property lists have no hash, and True would equal 1.
    controls = repr(flow.controls) if flow.controls else ""
    every = flow.account == EVERY_ACCOUNT
    return (
        number,
        every,
        flow.channel,
        flow.direction,
        flow.state,
        flow.basis,
        flow.reason,
        controls,
    )
