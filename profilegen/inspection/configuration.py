"""The configuration file of `audit`, `profilegen.toml`: what is switched off, and other defaults.

Every mistake in it is found in one run, each with the path of its key; options win over it.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.errors import InputError
from profilegen.findings import Severity
from profilegen.inspection.suppression import Files, Silence, pattern_of
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
MOST_DAYS = 36500

_Problem = tuple[str, str, str]
"""The path of a key, what is wrong with it, and what to do."""


class ConfigurationError(InputError):
    """A configuration file that is wrong in one or more places."""

    slug = "configuration"

    def __init__(self, name: str, problems: Sequence[_Problem]) -> None:
        """Keep `problems`, at least one, of the file `name`."""
        self._reports = tuple(
            (f"{name}: {place}: {what}" if place else f"{name}: {what}", hint)
            for place, what, hint in problems
        )
        super().__init__(self._reports[0][0], hint=self._reports[0][1])

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return (line, hint) of each problem."""
        return self._reports


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the file says; `options` has the values of options by name, in the words of these."""

    options: Mapping[str, str]
    silences: tuple[Silence, ...]


NOTHING_SET = Configuration({}, ())


def read_configuration(path: Path, data: bytes) -> Configuration:
    """Return what `data`, the content of the file at `path`, sets.

    Globs in it start at the file's folder. Raises ConfigurationError with everything wrong in it.
    """
    name = str(path)
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(name, [("", "not UTF-8 text", "Save it as UTF-8.")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = ("", f"not TOML: {error}", "toml.io says how TOML is written.")
        raise ConfigurationError(name, [problem]) from error
    problems = list(_problems(document))
    if problems:
        raise ConfigurationError(name, problems)
    audit = document.get("audit", {})
    options = {key: str(audit[key]) for key in (*_CHOICES, "os", "warn-days") if key in audit}
    return Configuration(options, tuple(_silences(audit, path)))


def unknown_rule(code: str) -> tuple[str, str] | None:
    """Return what is wrong with `code` and what to do, None where a rule has it."""
    if code in rules():
        return None
    hint = suggestion(code, rules(), otherwise="`profilegen audit --explain all` lists the rules.")
    return f"no rule has the code {_clipped(code)}", hint


def _silences(audit: Mapping[str, object], path: Path) -> Iterator[Silence]:
    root = Path(os.path.abspath(path)).parent  # noqa: PTH100  (as the names of files are resolved)
    if rule_codes := _texts(audit.get("ignore")):
        yield Silence(frozenset(rule_codes), f"{path}: audit.ignore")
    for index, entry in enumerate(_tables(audit.get("file"))):
        yield Silence(
            rules=frozenset(_texts(entry["ignore"])),
            by=f"{path}: {item_at('audit.file', index)}",
            because=str(entry["because"]),
            files=Files(root, pattern_of(str(entry["path"]))),
        )


def _problems(document: Mapping[str, object]) -> Iterator[_Problem]:
    yield from _unknown_keys(document, ("audit",), "")
    audit = document.get("audit", {})
    if not isinstance(audit, dict):
        yield "audit", "not a table", "Write [audit] on a line of its own."
        return
    yield from _unknown_keys(audit, _SETTINGS, "audit")
    for key, choices in _CHOICES.items():
        if key in audit and audit[key] not in choices:
            hint = f"It is one of: {', '.join(choices)}."
            yield key_at("audit", key), f"{_clipped(audit[key])} is no such value", hint
    yield from _version_problems(audit)
    if "ignore" in audit:
        yield from _rule_problems(audit["ignore"], "audit.ignore")
    files = audit.get("file", [])
    if not isinstance(files, list):
        yield "audit.file", "not a list of tables", "Write [[audit.file]] on a line of its own."
        return
    for index, entry in enumerate(files):
        yield from _file_problems(entry, item_at("audit.file", index))


def _version_problems(audit: Mapping[str, object]) -> Iterator[_Problem]:
    if "os" in audit:
        version = audit["os"]
        try:
            parse_version(version if isinstance(version, str) else "")
        except ValueError:
            hint = 'Write it as a text: os = "17.4".'
            yield "audit.os", f"{_clipped(version)} is no version", hint
    days = audit.get("warn-days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
        hint = f"Write a whole number from 0 to {MOST_DAYS}."
        yield "audit.warn-days", f"{_clipped(days)} is no number of days", hint


def _file_problems(entry: object, place: str) -> Iterator[_Problem]:
    if not isinstance(entry, dict):
        yield place, "not a table", "Write [[audit.file]] on a line of its own."
        return
    yield from _unknown_keys(entry, _FILE_KEYS, place)
    for key, what in (("path", "a path or glob from this file's folder"), ("because", "a reason")):
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            wrong = "empty or no text" if key in entry else "missing"
            yield key_at(place, key), wrong, f"Write {what} in quotes."
    yield from _rule_problems(entry.get("ignore"), f"{place}.ignore")


def _rule_problems(value: object, place: str) -> Iterator[_Problem]:
    codes = _texts(value)
    if not codes or not isinstance(value, list) or len(codes) != len(value):
        yield place, "not a list of rule codes", 'Write ["unknown-key"], for example.'
    for index, code in enumerate(codes):
        if wrong := unknown_rule(code):
            yield item_at(place, index), *wrong


def _unknown_keys(
    table: Mapping[str, object], known: Iterable[str], place: str
) -> Iterator[_Problem]:
    names = tuple(known)
    for key in table:
        if key not in names:
            otherwise = f"Known here: {', '.join(names)}."
            yield key_at(place, key), "unknown key", suggestion(key, names, otherwise=otherwise)


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str))


def _tables(value: object) -> tuple[Mapping[str, object], ...]:
    items = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, dict))


def _clipped(value: object) -> str:
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004  (one line's room)
