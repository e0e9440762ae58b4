"""The whole corpus through the command, as an admin points it at a folder; the page about it."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from tests.support.command import run

MEGABYTES = 300
# Linux counts what the starting process had into the usage of a child, so the program reads its own
# peak, in KiB; elsewhere the file stays empty.
MEASURED = """
import pathlib, re, sys
from profilegen.cli.main import main
sys.argv[1:1] = ["audit"]
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status")
    text = status.read_text() if status.exists() else ""
    pathlib.Path("peak").write_text("".join(re.findall(r"VmHWM:\\s+(\\d+)", text)))
"""


def test_every_file_is_classified(corpus: Path, tmp_path: Path) -> None:
    outcome = run(sys.executable, "-c", MEASURED, corpus, "--format", "json", folder=tmp_path)
    assert outcome.exit_code == 1, outcome.stderr
    peak = tmp_path.joinpath("peak").read_text(encoding="utf-8")
    assert not peak or int(peak) * 1024 < MEGABYTES * 1024 * 1024
    kinds = {Path(item["file"]): item["kind"] for item in json.loads(outcome.stdout)["files"]}
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
