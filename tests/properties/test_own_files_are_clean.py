"""What profilegen writes has no finding of severity error, whatever the policy."""

from __future__ import annotations

import pytest
from hypothesis import given, seed, settings

from profilegen.release.cleanness import SecretRule, refuse_findings
from tests.properties.pipeline import Table, built, planned
from tests.strategies import policies, strictest

PARTS = 4
EXAMPLES = 50
ALLOWED = SecretRule(allowed=True)


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_policies_give_clean_files(part: int) -> None:
    @seed(1000 + part)
    @settings(max_examples=EXAMPLES)
    @given(policies())
    def is_clean(table: Table) -> None:
        plan = planned(table) or planned(strictest(table))
        assert plan is not None
        for target in built(plan):
            refuse_findings(target.plan, target.documents(), own_templates=False, secrets=ALLOWED)

    is_clean()
