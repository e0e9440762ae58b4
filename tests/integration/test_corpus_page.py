"""The whole corpus through the command, as an admin points it at a folder; the page about it."""

from __future__ import annotations

import csv
import json
import resource
import sys
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen, run

MEGABYTES = 300


@pytest.fixture
def corpus(checkout: Path) -> Path:
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    return folder


def test_every_file_is_classified(corpus: Path, run_profilegen: RunProfilegen) -> None:
    outcome = run_profilegen("audit", corpus, "--format", "json")
    assert outcome.exit_code == 1, outcome.stderr
    kinds = {Path(item["file"]): item["kind"] for item in json.loads(outcome.stdout)["files"]}
    assert set(kinds) == {path for path in corpus.rglob("*") if path.is_file()}
    with corpus.joinpath("index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert "other" not in {kinds[corpus / row["file"]] for row in rows}
    assert all(
        kinds[corpus / row["file"]] == "android-policy" for row in rows if row["class"] == "android"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    in_bytes = peak if sys.platform == "darwin" else peak * 1024
    assert in_bytes < MEGABYTES * 1024 * 1024


def test_the_page_of_the_corpus_is_current(corpus: Path, checkout: Path) -> None:
    outcome = run(sys.executable, "docs/generate_corpus.py", corpus, "--check", folder=checkout)
    assert outcome.exit_code == 0, outcome.stderr
