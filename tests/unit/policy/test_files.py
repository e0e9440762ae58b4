"""The good and the bad policies of tests/policies: discovered, loaded, compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from profilegen.policy.document import read_document
from profilegen.policy.load import load_policy
from profilegen.policy.problems import PolicyError
from profilegen.policy.schema import schema
from profilegen.policy.shape import shape_faults
from tests.support.command import RunProfilegen

POLICIES = Path(__file__).resolve().parents[2] / "policies"
GOOD = sorted((POLICIES / "good").glob("*.yaml"))
BAD = sorted((POLICIES / "bad").glob("*.yaml"))

# What no JSON Schema can say: which ids exist, which days, which apps are needed elsewhere.
BEYOND_THE_SCHEMA = {"dangling", "google-manual"}


def stem(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="session")
def printed_schema() -> Draft202012Validator:
    """Return a validator that shares nothing with the loader's but the text that is printed."""
    return Draft202012Validator(json.loads(json.dumps(schema())))


def test_there_are_enough_bad_policies() -> None:
    assert len(BAD) >= 25
    assert [path.with_suffix(".expected").is_file() for path in BAD] == [True] * len(BAD)


@pytest.mark.parametrize("path", GOOD, ids=stem)
def test_good_policies_check_clean(
    path: Path, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    shutil.copy(path, tmp_path)
    outcome = call_profilegen("check", path.name)
    assert outcome.exit_code == 0, outcome.stderr
    assert "error:" not in outcome.stderr
    assert outcome.stdout.startswith(f"{path.name}: fine: ")


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_bad_policies_print_exactly_this(
    path: Path, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    shutil.copy(path, tmp_path)
    outcome = call_profilegen("check", path.name)
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr == path.with_suffix(".expected").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOOD, ids=stem)
def test_the_printed_schema_accepts_good_policies(
    path: Path, printed_schema: Draft202012Validator
) -> None:
    document = read_document(path.name, path.read_bytes())
    assert [error.message for error in printed_schema.iter_errors(document.value)] == []


@pytest.mark.parametrize("path", BAD, ids=stem)
def test_the_printed_schema_refuses_what_loading_calls_misshapen(
    path: Path, printed_schema: Draft202012Validator
) -> None:
    try:
        document = read_document(path.name, path.read_bytes())
    except PolicyError:
        return  # not a document at all
    misshapen = list(shape_faults(document))
    assert printed_schema.is_valid(document.value) == (not misshapen)
    if not misshapen:
        assert document.faults or path.stem in BEYOND_THE_SCHEMA
    with pytest.raises(PolicyError):
        load_policy(path.name, path.read_bytes())
