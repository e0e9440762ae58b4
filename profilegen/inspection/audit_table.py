"""The table `[audit]` of the configuration file: what is switched off, and other defaults."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.findings import Severity
from profilegen.inspection.suppression import Files, Silence, pattern_of
from profilegen.inspection.tables import (
    Problem,
    Table,
    clipped,
    days_problems,
    tables,
    texts,
    texts_problems,
    unknown_keys,
)
from profilegen.places import item_at, key_at
from profilegen.policy.problems import suggestion
from profilegen.versions import parse_version

NEVER = "never"
FAIL_LEVELS = (*(severity.value for severity in Severity), NEVER)
"""What `fail-on` and `--fail-on` take: from this severity on, findings fail the run."""

_SETTINGS = ("ignore", "fail-on", "enrollment", "mode", "os", "warn-days", "file")
_FILE_KEYS = ("path", "ignore", "because")
_CHOICES = {
    "fail-on": FAIL_LEVELS,
    "enrollment": tuple(item.value for item in Enrollment),
    "mode": tuple(item.value for item in Mode),
}


def audit_options(audit: Table) -> Mapping[str, str]:
    """Return what the table sets of options, by their names and in their words."""
    return {key: str(audit[key]) for key in (*_CHOICES, "os", "warn-days") if key in audit}


def silences(audit: Table, path: Path) -> Iterator[Silence]:
    """Yield what the table of the file at `path` switches off; globs start at its folder."""
    root = Path(os.path.abspath(path)).parent  # noqa: PTH100  (as the names of files are resolved)
    if rule_codes := texts(audit.get("ignore")):
        yield Silence(frozenset(rule_codes), f"{path}: audit.ignore")
    for index, entry in enumerate(tables(audit.get("file"))):
        yield Silence(
            rules=frozenset(texts(entry["ignore"])),
            by=f"{path}: {item_at('audit.file', index)}",
            because=str(entry["because"]),
            files=Files(root, pattern_of(str(entry["path"]))),
        )


def unknown_rule(code: str) -> tuple[str, str] | None:
    """Return what is wrong with `code` and what to do, None where a rule has it."""
    if code in rules():
        return None
    hint = suggestion(code, rules(), otherwise="`profilegen audit --explain all` lists the rules.")
    return f"no rule has the code {clipped(code)}", hint


def audit_problems(audit: Table) -> Iterator[Problem]:
    """Yield everything that is wrong with the table."""
    yield from unknown_keys(audit, _SETTINGS, "audit")
    for key, choices in _CHOICES.items():
        if key in audit and audit[key] not in choices:
            hint = f"It is one of: {', '.join(choices)}."
            yield key_at("audit", key), f"{clipped(audit[key])} is no such value", hint
    yield from _version_problems(audit)
    yield from days_problems(audit, "warn-days", "audit")
    if "ignore" in audit:
        yield from _rule_problems(audit["ignore"], "audit.ignore")
    files = audit.get("file", [])
    if not isinstance(files, list):
        yield "audit.file", "not a list of tables", "Write [[audit.file]] on a line of its own."
        return
    for index, entry in enumerate(files):
        yield from _file_problems(entry, item_at("audit.file", index))


def _version_problems(audit: Table) -> Iterator[Problem]:
    if "os" in audit:
        version = audit["os"]
        try:
            parse_version(version if isinstance(version, str) else "")
        except ValueError:
            hint = 'Write it as a text: os = "17.4".'
            yield "audit.os", f"{clipped(version)} is no version", hint


def _file_problems(entry: object, place: str) -> Iterator[Problem]:
    if not isinstance(entry, dict):
        yield place, "not a table", "Write [[audit.file]] on a line of its own."
        return
    yield from unknown_keys(entry, _FILE_KEYS, place)
    for key, what in (("path", "a path or glob from this file's folder"), ("because", "a reason")):
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            wrong = "empty or no text" if key in entry else "missing"
            yield key_at(place, key), wrong, f"Write {what} in quotes."
    yield from _rule_problems(entry.get("ignore"), f"{place}.ignore")


def _rule_problems(value: object, place: str) -> Iterator[Problem]:
    yield from texts_problems(value, place, "rule codes", "unknown-key")
    for index, code in enumerate(texts(value)):
        if wrong := unknown_rule(code):
            yield item_at(place, index), *wrong
