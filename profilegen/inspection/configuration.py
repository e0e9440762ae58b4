"""The configuration file `profilegen.toml`: defaults of audit, and rules for identities.

Every mistake in it is found in one run, each with the path of its key; options win over it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from profilegen.errors import InputError
from profilegen.inspection.audit_table import audit_options, audit_problems, silences
from profilegen.inspection.signing_table import identity_rules, pins, signing_problems
from profilegen.inspection.suppression import Silence
from profilegen.inspection.tables import Problem, Table, unknown_keys
from profilegen.signing.identity_rules import NO_RULES, IdentityRules

_PROBLEMS = {"audit": audit_problems, "signing": signing_problems}


class ConfigurationError(InputError):
    """A configuration file that is wrong in one or more places."""

    slug = "configuration"

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
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
    """What the file says.

    `options` has the values of audit's options by name, in the words of these. `pins` has the
    SHA-256 fingerprint of the signer's certificate by release line, which is the identifier of a
    policy's organization.
    """

    options: Mapping[str, str]
    silences: tuple[Silence, ...]
    identity_rules: IdentityRules = NO_RULES
    pins: Mapping[str, str] = field(default_factory=dict)


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
    audit, signing = document.get("audit", {}), document.get("signing")
    return Configuration(
        options=audit_options(audit),
        silences=tuple(silences(audit, path)),
        identity_rules=NO_RULES if signing is None else identity_rules(signing, name),
        pins={} if signing is None else pins(signing),
    )


def _problems(document: Table) -> Iterator[Problem]:
    yield from unknown_keys(document, _PROBLEMS, "")
    for name, problems in _PROBLEMS.items():
        table = document.get(name, {})
        if isinstance(table, dict):
            yield from problems(table)
        else:
            yield name, "not a table", f"Write [{name}] on a line of its own."
