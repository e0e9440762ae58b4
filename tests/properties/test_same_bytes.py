"""The same policy gives the same plan and bytes, however it is written and wherever it runs."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.plan.decide import make_plan
from profilegen.report.plan_json import plan_document
from tests.properties.pipeline import TODAY, Table, built, loaded
from tests.strategies import policies, strictest

EXAMPLES = 100
SCRIPT = """
import json, sys
from tests.properties.test_same_bytes import digests
print(json.dumps([digests(table) for table in json.load(sys.stdin)]))
"""


def digests(table: Table) -> dict[str, str]:
    """Return a digest of the plan and of each file of the policy in `table`, read as a file."""
    plan = make_plan(loaded(table), today=TODAY)
    document = json.dumps(plan_document(plan)).encode()
    files = {str(item.path): item.content for target in built(plan) for item in target.artifacts}
    return {
        name: hashlib.sha256(content).hexdigest()
        for name, content in {"plan": document, **files}.items()
    }


@settings(max_examples=EXAMPLES)
@given(policies(), st.randoms(use_true_random=False))
def test_the_order_of_keys_means_nothing(table: Table, order: random.Random) -> None:
    assert digests(_shuffled(strictest(table), order)) == digests(strictest(table))


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_writes_the_same(hash_seed: str, checkout: Path) -> None:
    drawn: list[Table] = []

    @settings(max_examples=25, database=None, derandomize=True)
    @given(policies())
    def draw(table: Table) -> None:
        drawn.append(strictest(table))

    draw()
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Kolkata", "LC_ALL": "C"}
    outcome = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(drawn),
        capture_output=True,
        check=True,
        cwd=checkout,
        env=environment,
        text=True,
    )

    assert json.loads(outcome.stdout) == [digests(table) for table in drawn]


def _shuffled(value: object, order: random.Random) -> Table:
    shuffled = _rearranged(value, order)
    assert isinstance(shuffled, dict)
    return shuffled


def _rearranged(value: object, order: random.Random) -> object:
    if isinstance(value, Mapping):
        items = list(value.items())
        order.shuffle(items)
        return {key: _rearranged(item, order) for key, item in items}
    if isinstance(value, list):
        return [_rearranged(item, order) for item in value]
    return value
