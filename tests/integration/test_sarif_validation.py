"""Our SARIF beside the official schema and an independent validator, also with GitHub's rules."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from profilegen.report.sarif import sarif_document
from tests.support.command import RunProfilegen
from tests.support.sarif_validator import SarifValidator, require_sarif_validator
from tests.unit.report.inspections import SAMPLES

# That the tool has no page of its own on the web, which is true.
TOLERATED = {"SARIF2005"}


@pytest.fixture(scope="module")
def validator() -> SarifValidator:
    return require_sarif_validator()


def check(files: Iterable[Path], validator: SarifValidator, scratch: Path) -> None:
    files = list(files)
    broken = {path.name: validator.breaks_schema(json.loads(path.read_bytes())) for path in files}
    assert not {name: errors for name, errors in broken.items() if errors}
    complaints = validator.complaints(files, scratch)
    assert [item for item in complaints if item.rule not in TOLERATED] == []


def test_samples_are_valid(validator: SarifValidator, tmp_path: Path) -> None:
    files = [tmp_path / f"{sample.__name__}.sarif" for sample in SAMPLES]
    for path, sample in zip(files, SAMPLES, strict=True):
        path.write_text(json.dumps(sarif_document(sample()), ensure_ascii=False), encoding="utf-8")
    check(files, validator, tmp_path)


def test_the_validators_find_what_they_look_for(validator: SarifValidator, tmp_path: Path) -> None:
    document = json.loads(json.dumps(sarif_document(SAMPLES[1]())))
    result = document["runs"][0]["results"][0]
    del result["message"]["text"]
    result["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert any("startLine" in error for error in validator.breaks_schema(document))
    result["locations"][0]["physicalLocation"] = {"artifactLocation": {"uri": "a b#c"}}
    path = tmp_path / "broken.sarif"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = {(item.rule, item.level) for item in validator.complaints([path], tmp_path)}
    assert any(level == "error" for _, level in found)


def test_the_corpus_is_valid(
    validator: SarifValidator, run_profilegen: RunProfilegen, checkout: Path, tmp_path: Path
) -> None:
    corpus = checkout.parent / "shared" / "corpus"
    if not corpus.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    outcome = run_profilegen("audit", corpus, "--as-device", "--format", "sarif")
    assert outcome.exit_code == 1, outcome.stderr
    path = tmp_path / "corpus.sarif"
    path.write_text(outcome.stdout, encoding="utf-8")
    check([path], validator, tmp_path)
