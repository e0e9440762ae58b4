"""The flows of one file or device for people: in short by state, or each with what decides it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from profilegen.audit.model import EVERY_ACCOUNT, Control, Flow, PayloadControl
from profilegen.catalogue.terms import Basis, State
from profilegen.report.lines import WIDTH, printable, wrapped

_ORDER = (State.OPEN, State.UNKNOWN, State.NARROWED, State.CLOSED, State.ABSENT)
_BASES = {Basis.DEFAULT: "the platform's default", Basis.NONE: "no control"}
_EXPLAINED = frozenset({State.UNKNOWN, State.NARROWED})
_LABEL = 12
_LONGEST_VALUE = 200

_Channels = Mapping[str, Flow]


def decides(flows: Iterable[Flow]) -> bool:
    """Say whether the files have a say in these flows: an account, a control or a blind spot."""
    return any(
        flow.controls or flow.account != EVERY_ACCOUNT or flow.state is State.UNKNOWN
        for flow in flows
    )


def flow_lines(flows: Sequence[Flow]) -> Iterator[str]:
    """Yield the flows in short: account by account the channels of each state, open ones first.

    What is the same for all accounts stands once.
    """
    accounts = _by_account(flows)
    shared = _shared(accounts) if len(accounts) > 1 else {}
    if shared:
        every = "both" if len(accounts) == 2 else f"all {len(accounts)}"  # noqa: PLR2004  (two)
        yield from _block(f"{every} accounts", shared)
    for account, channels in accounts.items():
        own = {name: flow for name, flow in channels.items() if name not in shared}
        if own:
            yield from _block(_called(account), own)


def flow_rows(flows: Sequence[Flow]) -> Iterator[str]:
    """Yield the flows one by one, with the settings that decide each and the reason."""
    for account, channels in _by_account(flows).items():
        rows = sorted(channels.values(), key=lambda flow: _ORDER.index(flow.state))
        yield from wrapped(f"{_called(account)}: {_counts(rows)}", first="  ", rest="    ")
        for row in rows:
            yield from _row(row)


def _by_account(flows: Sequence[Flow]) -> dict[str, _Channels]:
    accounts: dict[str, dict[str, Flow]] = {}
    for flow in flows:
        accounts.setdefault(flow.account, {})[flow.channel] = flow
    return dict(accounts)


def _shared(accounts: Mapping[str, _Channels]) -> _Channels:
    """Return the channels that all accounts have in the same state for the same reason."""
    first, *others = accounts.values()
    return {
        name: flow
        for name, flow in first.items()
        if all(name in other and _group(other[name]) == _group(flow) for other in others)
    }


def _block(title: str, channels: _Channels) -> Iterator[str]:
    yield from wrapped(f"{title}: {_counts(channels.values())}", first="  ", rest="    ")
    groups: dict[tuple[int, str, str], list[str]] = {}
    for name, flow in channels.items():
        groups.setdefault(_group(flow), []).append(name)
    for (_, label, reason), names in sorted(groups.items(), key=lambda item: item[0][0]):
        said = f"{', '.join(names)}: {reason}" if reason else ", ".join(names)
        yield from wrapped(said, first=f"    {label:<{_LABEL}}", rest=" " * (4 + _LABEL))


def _group(flow: Flow) -> tuple[int, str, str]:
    """Return what a flow is listed under: the place of its state, the word for it, the reason."""
    place = 2 * _ORDER.index(flow.state)
    reason = flow.reason if flow.state in _EXPLAINED else ""
    if flow.state is State.OPEN and flow.controls:
        return place, "open (set)", reason
    return place + 1, flow.state, reason


def _called(account: str) -> str:
    return "every account" if account == EVERY_ACCOUNT else account


def _counts(flows: Iterable[Flow]) -> str:
    states = [flow.state for flow in flows]
    return ", ".join(f"{states.count(state)} {state}" for state in _ORDER if state in states)


def _row(flow: Flow) -> Iterator[str]:
    start = f"    {flow.state:<9} {flow.channel:<28} {flow.direction:<4} "
    for number, line in enumerate(textwrap.wrap(_detail(flow), WIDTH - len(start)) or [""]):
        yield f"{start if number == 0 else ' ' * len(start)}{line}".rstrip()


def _detail(flow: Flow) -> str:
    said = printable("; ".join(_said(control) for control in flow.controls))
    if not said:
        return printable(flow.reason) or _BASES.get(flow.basis, "")
    return f"{said}. {printable(flow.reason)}" if flow.reason else said


def _said(control: Control) -> str:
    name = control.key if isinstance(control, PayloadControl) else control.path.rpartition(".")[2]
    value = _value(control.value)
    return f"{name} = {value if len(value) <= _LONGEST_VALUE else f'{value[:_LONGEST_VALUE]}...'}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return str(value)
