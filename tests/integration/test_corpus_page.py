"""The whole corpus through the command, as an admin points it at a folder; the page about it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.command import clean_environment, run

MEGABYTES = 300


def test_every_file_is_classified(corpus: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "profilegen", "audit", str(corpus), "--format", "json"]
    with report.open("wb") as output:
        started = subprocess.Popen(
            command, stdout=output, stderr=subprocess.DEVNULL, env=clean_environment(tmp_path)
        )
        # Of this one process: the sum over all children would count other programs as well.
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 1
    in_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert in_bytes < MEGABYTES * 1024 * 1024
    kinds = {
        Path(item["file"]): item["kind"]
        for item in json.loads(report.read_text(encoding="utf-8"))["files"]
    }
    assert set(kinds) == {path for path in corpus.rglob("*") if path.is_file()}
    with corpus.joinpath("index.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert "other" not in {kinds[corpus / row["file"]] for row in rows}
    assert all(
        kinds[corpus / row["file"]] == "android-policy" for row in rows if row["class"] == "android"
    )


def test_the_page_of_the_corpus_is_current(corpus: Path, checkout: Path) -> None:
    outcome = run(sys.executable, "docs/generate_corpus.py", corpus, "--check", folder=checkout)
    assert outcome.exit_code == 0, outcome.stderr
