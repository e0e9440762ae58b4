from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from profilegen.errors import SigningError
from profilegen.release.manifest import SignerRecord
from profilegen.release.recipe import (
    ChangedInputError,
    KeyName,
    Recipe,
    open_job,
    open_signer_of,
)
from tests.support.releases import PERSONAL, write_identity

_AT = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return Recipe(tmp_path / "policy.yaml", PERSONAL.encode(), ("work",), _AT)


def test_a_job_is_made_of_the_policy_that_was_read_first(recipe: Recipe) -> None:
    job = open_job(recipe, {})  # there is no file of that name
    assert [plan.target.id for plan in job.plans] == ["work"]
    assert (job.source.content, job.at) == (recipe.content, _AT)


def test_a_template_that_changes_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    template = tmp_path / "own" / "android" / "policy.json.j2"
    template.parent.mkdir(parents=True)
    template.write_text('{% extends "builtin/android/policy.json.j2" %}', "utf-8")
    first = open_job(replace(recipe, inputs=()), {}).source.inputs
    assert first == ()
    with pytest.raises(ChangedInputError) as raised:
        open_job(replace(recipe, templates=tmp_path / "own"), {})
    assert (raised.value.message, raised.value.exit_code) == (
        "template android/policy.json.j2: changed since the build began",
        3,
    )


def test_another_identity_under_the_same_name_is_refused(tmp_path: Path) -> None:
    signing = write_identity(tmp_path / "certs")
    record = SignerRecord("CN=somebody", "0" * 64, _AT, ())
    with pytest.raises(SigningError, match="another identity under the same name") as raised:
        open_signer_of(KeyName(signing.uri, None, None, None, record), {}, at=_AT)
    assert raised.value.exit_code == 4


def test_what_travels_has_names_and_no_secret(recipe: Recipe) -> None:
    record = SignerRecord("CN=somebody", "0" * 64, _AT, ())
    key = KeyName("pem:/keys/secret.pem", None, Path("/run/pin"), "PIN", record)
    whole = replace(recipe, key=key)
    assert pickle.loads(pickle.dumps(whole)) == whole  # noqa: S301 (our own)
    assert "secret.pem" not in repr(whole)
