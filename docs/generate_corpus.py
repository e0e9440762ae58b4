"""Write docs/corpus.md: what audit finds in a folder of other people's profiles and policies.

    python docs/generate_corpus.py FOLDER            write the page
    python docs/generate_corpus.py FOLDER --check    exit 1 when it is not current

The folder has an index.csv with a class for each file; of the class `profiles`, whose files no
other check objects to, every kind of error must have its reason in corpus_reasons.toml.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_PAGE = Path(__file__).with_name("corpus.md")
_REASONS = Path(__file__).with_name("corpus_reasons.toml")
_WELL_FORMED = "profiles"
_LEVELS = ("error", "warning", "note")
_MOMENT = "1796083200"  # 2026-12-01: which certificates have expired must not change every day
_INTRODUCTION = """\
<!-- Made by docs/generate_corpus.py; the reasons stand in docs/corpus_reasons.toml. -->

# What audit finds in files of others

{files} files that other projects publish were audited as they are, by class: {described}.
The command was `profilegen audit FOLDER`, so devices were assumed to be enrolled without
supervision and to run the newest system. The files themselves are not part of this project."""

File = Mapping[str, Any]


def main() -> int:
    """Write the page, or say whether the one that is there is current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with the files and their index.csv")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    classes = _classes(options.folder)
    files = [item for item in _audited(options.folder) if _class(item, options.folder, classes)]
    page = "\n\n".join(_blocks(files, options.folder, classes)) + "\n"
    if not options.check:
        _PAGE.write_text(page, encoding="utf-8")
        return 0
    if _PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/corpus.md is not current: run python docs/generate_corpus.py", file=sys.stderr)
    return 1


def _classes(folder: Path) -> Mapping[str, str]:
    with folder.joinpath("index.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"]: row["class"] for row in csv.DictReader(stream)}


def _class(item: File, folder: Path, classes: Mapping[str, str]) -> str:
    return classes.get(Path(item["file"]).relative_to(folder).as_posix(), "")


def _audited(folder: Path) -> Sequence[File]:
    command = [sys.executable, "-m", "profilegen", "audit", str(folder), "--format", "json"]
    command += ["--fail-on", "never", "--quiet"]
    environment = {"SOURCE_DATE_EPOCH": _MOMENT, "PATH": ""}
    done = subprocess.run(  # noqa: S603  (our own command)
        command,
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=_PAGE.parent.parent,
    )
    files: Sequence[File] = json.loads(done.stdout)["files"]
    return files


def _blocks(files: Sequence[File], folder: Path, classes: Mapping[str, str]) -> Iterator[str]:
    by_class = Counter(_class(item, folder, classes) for item in files)
    described = ", ".join(f"{count} {name}" for name, count in sorted(by_class.items()))
    yield _INTRODUCTION.format(files=len(files), described=described)
    yield "## Files by kind"
    yield "\n".join(_kinds(files, folder, classes))
    yield "## Findings by rule"
    yield "\n".join(_rules(files))
    yield "## Every kind of error in well-formed profiles"
    yield (
        f"To the {by_class[_WELL_FORMED]} files of the class `{_WELL_FORMED}` no other check had "
        "objected. Every kind of error that audit reports there was looked at; each is right, for "
        "this reason."
    )
    errors = [item for item in files if _class(item, folder, classes) == _WELL_FORMED]
    yield "\n".join(_errors(errors))


def _kinds(files: Sequence[File], folder: Path, classes: Mapping[str, str]) -> Iterator[str]:
    names = sorted(set(classes.values()))
    counted = Counter((item["kind"], _class(item, folder, classes)) for item in files)
    yield f"| kind | {' | '.join(names)} | all |"
    yield f"| --- |{' ---: |' * (len(names) + 1)}"
    for kind in sorted({kind for kind, _ in counted}):
        row = [counted[kind, name] for name in names]
        yield f"| {kind} | {' | '.join(map(str, row))} | {sum(row)} |"


def _rules(files: Sequence[File]) -> Iterator[str]:
    found = Counter(
        (finding["severity"], finding["rule"]) for item in files for finding in item["findings"]
    )
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for item in files:
        for finding in item["findings"]:
            holders[finding["severity"], finding["rule"]].add(item["file"])
    yield "| severity | rule | findings | files |"
    yield "| --- | --- | ---: | ---: |"
    for level in _LEVELS:
        for (severity, rule), count in sorted(found.items(), key=lambda row: (-row[1], row[0])):
            if severity == level:
                link = f"[`{rule}`](rules.md#{rule})"
                yield f"| {level} | {link} | {count} | {len(holders[level, rule])} |"


def _errors(files: Sequence[File]) -> Iterator[str]:
    reasons = tomllib.loads(_REASONS.read_text(encoding="utf-8"))
    found = Counter(
        (finding["rule"], _key(finding["where"]))
        for item in files
        for finding in item["findings"]
        if finding["severity"] == "error"
    )
    missing = sorted(kind for kind in found if not _reason(kind, reasons))
    if missing:
        message = f"corpus_reasons.toml has no reason for {missing}"
        raise SystemExit(message)
    yield "| rule | key | findings | why it is right |"
    yield "| --- | --- | ---: | --- |"
    for (rule, key), count in sorted(found.items()):
        why = _reason((rule, key), reasons)
        yield f"| `{rule}` | {f'`{key}`' if key else ''} | {count} | {why} |"


def _key(where: str) -> str:
    """Return the last key of a place, without the items of lists."""
    return re.sub(r"(\[\d+\])+$", "", where).rpartition(".")[2]


def _reason(kind: tuple[str, str], reasons: Mapping[str, Mapping[str, str]]) -> str:
    rule, key = kind
    of_rule = reasons.get(rule, {})
    return of_rule.get(key) or of_rule.get("*", "")


if __name__ == "__main__":
    sys.exit(main())
