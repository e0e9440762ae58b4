"""A short run of the fuzzer: the same inputs every time, from our own samples alone."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz.mutate import inputs
from tests.fuzz.run import run
from tests.fuzz.samples import own_jsons, own_plists
from tests.fuzz.target import inspect_bytes

COUNT = 5_000


def test_samples_as_they_are() -> None:
    for sample in [*own_plists(), *own_jsons()]:
        inspect_bytes(sample)


# Thousands of times the same lines; the tests of each module count them.
@pytest.mark.no_cover
def test_mutated_samples_raise_nothing(tmp_path: Path) -> None:
    data = inputs([own_plists(), own_jsons()], seed="short")
    report = run(data, count=COUNT, seconds=float("inf"), save=tmp_path)
    # Other tests run beside this one, so a slow input is no failure here; a hanging one is.
    faults = [fault for fault, _ in report.failures if not fault.endswith((" s", " MB in memory"))]
    assert (report.inputs, faults) == (COUNT, [])


def test_a_seed_gives_the_same_inputs_again() -> None:
    first, second, other = (
        [*islice(inputs([own_plists(), own_jsons()], seed=seed), 50)] for seed in ("a", "a", "b")
    )
    assert first == second
    assert first != other
