"""What the written files do is what the plan promised, for thousands of generated policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, seed, settings

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.plan.model import Plan, Reason, Verdict
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target
from tests.properties.pipeline import Table, built, planned
from tests.strategies import policies, strictest

PARTS = 10
EXAMPLES = 200
CHANNELS = {platform: tuple(decided_channels(platform)) for platform in Platform}
EVERY_KIND = {
    "ios",
    "android",
    "user",
    "device",
    "supervised",
    "manual",
    "work-profile",
    "company-owned",
    "fully-managed",
    "exchange",
    "imap",
    "google",
    "open",
    "contained",
    "sealed",
    "1 account",
    "2 accounts",
    "3 accounts",
    "4 accounts",
}


@pytest.mark.no_cover  # thousands of times the same lines; the tests of each module count them
@pytest.mark.parametrize("part", range(PARTS))
def test_flows_of_the_files_are_the_states_of_the_plan(part: int) -> None:
    seen: set[str] = set()

    # A seed of its own for each part: parts would all draw the same policies otherwise.
    @seed(part)
    @settings(max_examples=EXAMPLES)
    @given(policies())
    def keeps_the_plan(table: Table) -> None:
        plan = _plan(table)
        seen.update(_kinds(plan.policy))
        for target in built(plan):
            assert target.differences() == ()
            decided = [(item.account, item.channel) for item in target.plan.decisions]
            assert decided == _every_decision(target.plan.target)

    keeps_the_plan()
    assert seen == EVERY_KIND


def _plan(table: Table) -> Plan:
    """Return the plan; where accounts conflict, the one in which the strictest wins."""
    plan = planned(table)
    if plan is None:
        assert any(len(target["accounts"]) > 1 for target in table["targets"])
        plan = planned(strictest(table))
        assert plan is not None
        return plan
    for target in plan.targets:
        if not target.target.strictest:
            assert not [
                item
                for item in target.decisions
                if (item.verdict, item.reason) == (Verdict.OVERBLOCKED, Reason.OTHER_ACCOUNT)
            ]
    return plan


def _kinds(policy: Policy) -> Iterator[str]:
    for target in policy.targets:
        yield str(target.platform)
        yield str(target.enrollment if isinstance(target, IosTarget) else target.mode)
        count = len(target.accounts)
        yield f"{count} account" if count == 1 else f"{count} accounts"
        for account in policy.accounts_of(target):
            yield str(account.service)
            yield str(account.sharing)


def _every_decision(target: Target) -> list[tuple[str, str]]:
    return [
        (account, channel) for account in target.accounts for channel in CHANNELS[target.platform]
    ]
