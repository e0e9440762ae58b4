"""Compare what the written files do with what the plan promised, before anything is signed.

The states on the one side come from the plan, on the other from the bytes alone. They must be
equal; an engineer's own template may close what the policy left alone, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from profilegen.audit.document import Document
from profilegen.audit.flows import Context, Flow, flows
from profilegen.catalogue.load import decided_channels, newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform, Scope, State
from profilegen.errors import InputError
from profilegen.plan.model import Decision, Delivery, Placement, TargetPlan
from profilegen.policy.accounts import Intent
from profilegen.policy.targets import AndroidTarget, IosTarget, Target

ALL_ACCOUNTS = "*"
# What the files do not tell counts as weaker than any promise.
_OPENNESS = {
    State.ABSENT: 0,
    State.CLOSED: 0,
    State.NARROWED: 1,
    State.OPEN: 2,
    State.UNKNOWN: 3,
}


class ProofError(InputError):
    """The rendered files do not do what the plan promised."""

    slug = "proof"


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision that the files do not bear out; `found` is None when no flow covers it."""

    decision: Decision
    found: State | None

    @property
    def weaker(self) -> bool:
        """Whether the files leave the channel more open than promised."""
        found = State.OPEN if self.found is None else self.found
        return _OPENNESS[found] > _OPENNESS[self.decision.state]


def context_of(target: Target) -> Context:
    """Return how devices of `target` are managed and the oldest system they run."""
    enrollment = target.enrollment if isinstance(target, IosTarget) else Enrollment.DEVICE
    mode = target.mode if isinstance(target, AndroidTarget) else Mode.WORK_PROFILE
    versions = {platform: newest_version(platform) for platform in Platform}
    versions[target.platform] = target.minimum_os
    return Context(enrollment, mode, versions[Platform.IOS], versions[Platform.ANDROID])


def differences(plan: TargetPlan, documents: Iterable[Document]) -> tuple[Difference, ...]:
    """Return every decision of `plan` whose state is not what the files of one device give."""
    found = {
        (flow.account, flow.channel): flow
        for flow in flows(tuple(documents), context_of(plan.target))
    }
    names = {placement.account: placement for placement in plan.placements}
    compared = (
        Difference(decision, _state(decision, names[decision.account], found))
        for decision in plan.decisions
    )
    return tuple(item for item in compared if item.found is not item.decision.state)


def refuse_differences(
    plan: TargetPlan, documents: Iterable[Document], *, own_templates: bool
) -> None:
    """Raise ProofError, naming the channels, when the files do something else than planned."""
    read = tuple(documents)
    found = differences(plan, read)
    parts = [
        f"{item.decision.channel} of account {item.decision.account} is "
        f"{item.found or 'not covered'} instead of {item.decision.state}"
        for item in found
        if not (own_templates and _harmless(item))
    ]
    if own_templates:
        parts += _opened_by_others(plan, read)
    if not parts:
        return
    message = (
        f"target {plan.target.id}: the rendered files do not keep the plan: {'; '.join(parts)}"
    )
    hint = (
        "A template may add payloads; take out what changes these channels."
        if own_templates
        else "This is a bug in profilegen: please report it with the policy."
    )
    raise ProofError(message, hint=hint)


def _opened_by_others(plan: TargetPlan, documents: tuple[Document, ...]) -> Iterator[str]:
    """Say which denied channels an app opens that no account of the plan lives in.

    What one work app gets from the mail app may leave through another.
    """
    own = {placement.app for placement in plan.placements} | {ALL_ACCOUNTS}
    suffixes = tuple(f".account.{placement.account}" for placement in plan.placements)
    denied = {
        decision.channel: decision.state
        for decision in plan.decisions
        if decision.intent is Intent.DENY
    }
    for flow in flows(documents, context_of(plan.target)):
        if flow.account in own or flow.account.endswith(suffixes) or flow.channel not in denied:
            continue
        promised = denied[flow.channel]
        if _OPENNESS[flow.state] > _OPENNESS[promised]:
            yield f"{flow.channel} of {flow.account} is {flow.state} instead of {promised}"


def _harmless(item: Difference) -> bool:
    return item.decision.intent is Intent.LEAVE and not item.weaker


def _state(
    decision: Decision, placement: Placement, found: Mapping[tuple[str, str], Flow]
) -> State | None:
    """Return the state of the flow that covers `decision`, None when there is none.

    An account that no file carries, being set up by hand, shares the device-wide flows of any
    other account, and has no flow of its own for what only its payload could control.
    """
    accounts = [name for name, channel in found if channel == decision.channel]
    suffix = f".account.{placement.account}"
    own = [name for name in accounts if name == placement.app or name.endswith(suffix)]
    covering = own or [name for name in accounts if name == ALL_ACCOUNTS]
    if not covering and placement.by == Delivery.BY_HAND:
        return _by_hand_state(decision, [found[name, decision.channel] for name in accounts])
    return found[covering[0], decision.channel].state if covering else None


def _by_hand_state(decision: Decision, neighbours: list[Flow]) -> State | None:
    channel = decided_channels(Platform.IOS).get(decision.channel)
    if channel is None or any(key.scope is Scope.ACCOUNT for key in channel.keys):
        return decision.state
    return neighbours[0].state if neighbours else None
