"""A plan for people: a matrix of channels and accounts per target, at most 100 columns wide."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import FieldValue
from profilegen.catalogue.terms import Enrollment, Mode, State
from profilegen.plan.gaps import Gap, gaps_of
from profilegen.plan.model import (
    AppDecision,
    Decision,
    Delivery,
    PayloadSetting,
    Placement,
    Plan,
    Setting,
    TargetPlan,
    Verdict,
)
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target

_WIDTH = 100
_CHANNEL = 28
_CELL = 23
_ACCOUNTS_PER_TABLE = 3
_MANAGEMENT = {
    Enrollment.USER: "User Enrollment",
    Enrollment.DEVICE: "Device Enrollment",
    Enrollment.SUPERVISED: "supervised",
    Enrollment.MANUAL: "installed by hand, no MDM",
    Mode.WORK_PROFILE: "personally-owned work profile",
    Mode.COMPANY_OWNED: "company-owned work profile",
    Mode.FULLY_MANAGED: "fully managed",
}
_GAPS = (Verdict.UNENFORCEABLE, Verdict.PARTIAL, Verdict.OVERBLOCKED)


def plan_text(plan: Plan, *, only: str = "") -> str:
    """Return `plan` as text, all targets or the one named by `only`."""
    chosen = [item for item in plan.targets if only in {"", item.target.id}]
    gaps = gaps_of(plan.policy, chosen)
    parts = ["\n".join(_target(plan.policy, item, gaps)) for item in chosen]
    return "\n\n\n".join(parts)


def gap_line(gap: Gap) -> str:
    """Return one line that names a gap: target, account and channel or app, verdict and why."""
    return f"{gap.target}: {_what(gap)}: {_why(gap)}"


def _what(gap: Gap) -> str:
    decision = gap.decision
    if isinstance(decision, AppDecision):
        return f"app {decision.app}"
    return f"{decision.channel} of {decision.account}"


def _why(gap: Gap) -> str:
    decision = gap.decision
    reason = f" ({decision.reason})" if decision.reason else ""
    return f"{decision.verdict}{reason}: {decision.detail}"


def _target(policy: Policy, plan: TargetPlan, gaps: Sequence[Gap]) -> Iterator[str]:
    heading = _wrapped(_heading(plan.target), indent="")
    yield from heading
    yield "=" * max(map(len, heading))
    yield from _placements(policy, plan.placements)
    yield ""
    yield from _matrix(policy, plan)
    yield from _left(plan)
    yield from _apps(plan.apps)
    yield from _explanations([gap for gap in gaps if gap.target == plan.target.id])
    yield from _settings(plan.settings)
    yield from _unknown(plan)
    yield from _notes(plan.notes)
    yield ""
    yield from _wrapped(_summary(plan, gaps), indent="")


def _heading(target: Target) -> str:
    if isinstance(target, IosTarget):
        return f"{target.id}: iOS {target.minimum_os} or later, {_MANAGEMENT[target.enrollment]}"
    return f"{target.id}: Android {target.minimum_os} or later, {_MANAGEMENT[target.mode]}"


def _placements(policy: Policy, placements: Iterable[Placement]) -> Iterator[str]:
    for placement in placements:
        account = policy.account(placement.account)
        sentence = f"{account.id} ({account.service}, {account.sharing}) {_way(placement)}."
        yield from _wrapped(f"{sentence} {placement.detail}".rstrip(), indent="")
        for number, step in enumerate(placement.steps, start=1):
            yield from _wrapped(f"{number}. {step}", indent="  ")


def _way(placement: Placement) -> str:
    place = f", in {placement.app}" if placement.app else ""
    match placement.by:
        case Delivery.MANAGED_CONFIGURATION:
            return f"comes by managed configuration of {placement.app}"
        case Delivery.ENROLMENT:
            return "comes with the enrolment"
        case Delivery.BY_HAND:
            return f"is added by hand{place}"
        case payload:
            return f"comes by {payload}"


def _matrix(policy: Policy, plan: TargetPlan) -> Iterator[str]:
    accounts = [placement.account for placement in plan.placements]
    for start in range(0, len(accounts), _ACCOUNTS_PER_TABLE):
        group = accounts[start : start + _ACCOUNTS_PER_TABLE]
        if start:
            yield ""
        rows = _rows(plan, group)
        heads = [_clipped(name) for name in group]
        sharing = [f"({policy.account(name).sharing})" for name in group]
        yield _row("channel", [f"  {name}" for name in heads])
        yield _row("", [f"  {answer}" for answer in sharing])
        widths = [max(map(len, pair)) for pair in zip(heads, sharing, strict=True)]
        yield _row("-------", [f"  {'-' * width}" for width in widths])
        for channel, decisions in rows.items():
            yield _row(channel, [_cell(decisions.get(name)) for name in group])


def _rows(plan: TargetPlan, accounts: Sequence[str]) -> dict[str, dict[str, Decision]]:
    """Return the channels that any of `accounts` denies or allows, each with its decisions."""
    rows: dict[str, dict[str, Decision]] = {}
    for decision in plan.decisions:
        if decision.account in accounts:
            rows.setdefault(decision.channel, {})[decision.account] = decision
    return {
        channel: decisions
        for channel, decisions in rows.items()
        if any(item.verdict is not Verdict.LEFT for item in decisions.values())
    }


def _row(first: str, cells: Sequence[str]) -> str:
    return f"{first:<{_CHANNEL}}{''.join(f'{cell:<{_CELL}}' for cell in cells)}".rstrip()


def _cell(decision: Decision | None) -> str:
    if decision is None:
        return ""
    if decision.verdict is Verdict.NOT_APPLICABLE:
        return "  absent"
    mark = "! " if decision.verdict in _GAPS else "  "
    return f"{mark}{decision.state} {decision.verdict}"


def _clipped(text: str) -> str:
    room = _CELL - 3
    return text if len(text) <= room else f"{text[: room - 12]}...{text[-9:]}"


def _left(plan: TargetPlan) -> Iterator[str]:
    """Yield the channels that are left to the platform for every account, by state."""
    shown = set(_rows(plan, [placement.account for placement in plan.placements]))
    left: dict[State, dict[str, None]] = {}
    for decision in plan.decisions:
        if decision.channel not in shown:
            left.setdefault(decision.state, {})[decision.channel] = None
    for state in State:
        if state in left:
            yield ""
            yield f"Left to the platform, {state}:"
            yield from _wrapped(", ".join(left[state]), indent="  ")


def _apps(apps: Iterable[AppDecision]) -> Iterator[str]:
    for position, app in enumerate(apps):
        if not position:
            yield ""
            yield "Blocked apps:"
        since = f" from {app.starts.isoformat()}" if app.starts else ""
        yield from _wrapped(f"{app.app}{since}: {app.verdict}. {app.detail}".rstrip(), indent="  ")
        if app.because:
            yield from _wrapped(f"Because: {app.because}", indent="    ")


def _explanations(gaps: Sequence[Gap]) -> Iterator[str]:
    """Yield each gap with its reason; gaps that share one sentence are named together."""
    if not gaps:
        return
    yield ""
    yield "Gaps:"
    together: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        together.setdefault((_why(gap), gap.accepted), []).append(_what(gap))
    for (why, accepted), names in together.items():
        yield from _wrapped(f"! {', '.join(names)}: {why}", indent="  ")
        if accepted:
            yield from _wrapped(f"Accepted: {accepted}", indent="    ")


def _settings(settings: Iterable[Setting]) -> Iterator[str]:
    """Yield what is written, key by key, payload by payload."""
    places: dict[str, list[str]] = {}
    for setting in settings:
        if isinstance(setting, PayloadSetting):
            owner = f" of {setting.account}" if setting.account else ""
            where, name = f"{setting.payload}{owner}", setting.key
        else:
            where = f"policy, {setting.app}" if setting.app else "policy"
            name = setting.path
        places.setdefault(where, []).append(f"{name} = {_shown(setting.value)}")
    if places:
        yield ""
        yield "Settings written:"
    for where, lines in places.items():
        yield f"  {where}"
        for line in lines:
            yield from _wrapped(line, indent="    ")


def _shown(value: FieldValue) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _unknown(plan: TargetPlan) -> Iterator[str]:
    """Yield what no source confirms of the channels that the plan claims to close or narrow."""
    channels = decided_channels(plan.platform)
    claimed = dict.fromkeys(
        decision.channel
        for decision in plan.decisions
        if decision.verdict in {Verdict.ENFORCED, Verdict.PARTIAL}
    )
    found = [channels[name] for name in claimed if channels[name].unknown]
    if found:
        yield ""
        yield "Not confirmed by any source:"
    for channel in found:
        yield from _wrapped(f"? {channel.id}: {channel.unknown}", indent="  ")


def _notes(notes: Sequence[str]) -> Iterator[str]:
    if notes:
        yield ""
        yield "Notes:"
    for note in notes:
        yield from _wrapped(f"- {note}", indent="  ")


def _summary(plan: TargetPlan, gaps: Sequence[Gap]) -> str:
    counts = Counter(decision.verdict for decision in plan.decisions)
    counted = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    own = [gap for gap in gaps if gap.target == plan.target.id]
    if not own:
        return f"{counted}; no gaps"
    accepted = sum(1 for gap in own if gap.accepted)
    return f"{counted}; gaps: {len(own)}, accepted: {accepted}"


def _wrapped(text: str, *, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
