"""The linter beside an oracle made from Google's discovery document: both refuse the same."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from profilegen.audit.document import AndroidPolicy
from profilegen.audit.lint.android_schema import schema_findings
from profilegen.audit.lint.lint import lint
from profilegen.audit.model import Context
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.findings import Severity
from profilegen.versions import Version
from tests.support.android_oracle import MUTATIONS, discovery, mutated, oracle, random_policy
from tests.support.command import RunProfilegen

_ROOT = Path(__file__).resolve().parents[2]
SHARED = _ROOT.parent / "shared"
EXAMPLES = sorted((_ROOT / "examples").glob("*.yaml"))
REFUSED = {"two-accounts.yaml"}  # that is what it shows
USERS = "id,email,name,serial\nanna,anna@northwindtraders.example,Anna,X1234567\n"
GOLDEN = sorted((_ROOT / "tests" / "golden").glob("android_*/*.json"))
MODES = {
    "byod": Mode.WORK_PROFILE,
    "cope": Mode.COMPANY_OWNED,
    "fully_managed": Mode.FULLY_MANAGED,
    "android_work_profile": Mode.WORK_PROFILE,
    "android_company_owned": Mode.COMPANY_OWNED,
    "android_fully_managed": Mode.FULLY_MANAGED,
}
POLICIES = 5_000

Policy = dict[str, Any]


@pytest.fixture(scope="module")
def schemas() -> Mapping[str, Any]:
    return discovery()


@pytest.fixture(scope="module")
def validator(schemas: Mapping[str, Any]) -> Draft202012Validator:
    return oracle(schemas)


def shared_policies(*folders: str) -> list[Path]:
    if not SHARED.is_dir():
        pytest.skip("the facts and the corpus are not beside this checkout")
    return [path for folder in folders for path in sorted((SHARED / folder).glob("*.json"))]


def read(path: Path) -> Policy:
    policy: Policy = json.loads(path.read_bytes())
    return policy


def errors_in(policy: Policy) -> list[str]:
    found = schema_findings(AndroidPolicy("test.json", policy))
    return [f"{f.rule} at {f.where}" for f in found if f.severity is Severity.ERROR]


def disagreements(
    policies: Iterable[tuple[str, Policy]], validator: Draft202012Validator
) -> list[tuple[str, list[str], str]]:
    return [
        (name, errors, json.dumps(policy))
        for name, policy in policies
        if validator.is_valid(policy) == bool(errors := errors_in(policy))
    ]


def test_others_policies_are_judged_alike(validator: Draft202012Validator) -> None:
    paths = shared_policies("corpus/android", "facts/android/baselines")
    assert disagreements(((path.name, read(path)) for path in paths), validator) == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_our_own_files_are_taken(path: Path, validator: Draft202012Validator) -> None:
    policy = read(path)
    assert validator.is_valid(policy)
    assert list(schema_findings(AndroidPolicy(path.name, policy))) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_what_the_examples_build_is_taken(
    example: Path,
    validator: Draft202012Validator,
    tmp_path: Path,
    call_profilegen: RunProfilegen,
) -> None:
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    done = call_profilegen("build", example, "--unsigned", "--users", "users.csv")
    if example.name in REFUSED:
        assert done.exit_code == 3
        return
    assert done.exit_code == 0, done.stderr
    policies = [
        read(path) for path in tmp_path.glob("dist/*/**/*.json") if "declarations" not in path.parts
    ]
    for policy in policies:
        assert validator.is_valid(policy)
        assert list(schema_findings(AndroidPolicy("test.json", policy))) == []


def test_five_thousand_policies_with_one_mutation(
    schemas: Mapping[str, Any], validator: Draft202012Validator
) -> None:
    chance = random.Random(20261104)  # noqa: S311  (examples, no secrets)
    policies = [mutated(random_policy(schemas, chance), schemas, chance) for _ in range(POLICIES)]
    assert disagreements(policies, validator) == []
    refused = Counter(name for name, policy in policies if errors_in(policy))
    taken = Counter(name for name, policy in policies if not errors_in(policy))
    # Only in lists is null refused, and what is nested is taken only inside free objects.
    assert all(refused[name] > 5 for name in MUTATIONS), refused
    assert all(taken[name] > 5 for name in MUTATIONS), taken


def test_policies_without_a_mutation_have_no_finding_but_for_age(
    schemas: Mapping[str, Any], validator: Draft202012Validator
) -> None:
    chance = random.Random(1)  # noqa: S311  (examples, no secrets)
    seen: Counter[str] = Counter()
    for _ in range(500):
        policy = random_policy(schemas, chance)
        assert validator.is_valid(policy)
        seen.update(finding.rule for finding in schema_findings(AndroidPolicy("x", policy)))
    assert seen.keys() == {"deprecated-field", "output-only-field"}


@pytest.mark.parametrize("mode", Mode)
def test_reference_baselines_have_no_error_in_any_mode(mode: Mode) -> None:
    context = Context(Enrollment.DEVICE, mode, Version(15), Version(9))
    for path in (*shared_policies("facts/android/baselines"), *GOLDEN):
        found = lint(AndroidPolicy(path.name, read(path)), context)
        assert [f for f in found if f.severity is Severity.ERROR] == [], path.name


def test_reference_baselines_are_clean_in_their_own_mode() -> None:
    for path in (*shared_policies("facts/android/baselines"), *GOLDEN):
        mode = MODES.get(path.stem) or MODES[path.parent.name]
        context = Context(Enrollment.DEVICE, mode, Version(27), Version(17, quarterly=1))
        found = lint(AndroidPolicy(path.name, read(path)), context)
        assert [f for f in found if f.severity is not Severity.NOTE] == [], path.name
