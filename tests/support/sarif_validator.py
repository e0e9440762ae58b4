"""Microsoft's SARIF validator and the official schema that comes with it.

`.ci/run` puts both below build/; another folder is named by PROFILEGEN_SARIF_MULTITOOL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.command import run
from tests.support.tools import missing

_UNPACKED = Path(__file__).resolve().parents[2] / "build" / "sarif-multitool" / "package"
_PROGRAM = "Sarif.Multitool"
_SCHEMA = "sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the validator does not like; `level` is `error` or `warning`."""

    rule: str
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class SarifValidator:
    """The unpacked validator in `folder`."""

    folder: Path

    def breaks_schema(self, document: object) -> list[str]:
        """Return where `document` is not as the official schema demands."""
        schema = json.loads((self.folder / _SCHEMA).read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        errors = Draft202012Validator(schema).iter_errors(document)
        return [f"{error.json_path}: {error.message[:200]}" for error in errors]

    def complaints(self, files: Sequence[Path], scratch: Path) -> list[Complaint]:
        """Return what the rules of the standard and of GitHub's code scanning find in `files`."""
        report = scratch / "complaints.json"
        outcome = run(
            self.folder / _PROGRAM,
            "validate",
            *files,
            "--rule-kind",
            "Sarif;Ghas",
            "--output",
            report,
            "--log",
            "ForceOverwrite",
            folder=scratch,
            # Without ICU; and the schema that a document names is not fetched.
            environment={
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
                "HTTPS_PROXY": "http://127.0.0.1:9",
            },
        )
        assert f"{len(files)} files scanned" in outcome.stdout, outcome
        runs = json.loads(report.read_text(encoding="utf-8-sig"))["runs"]
        return [_complaint(item) for made in runs for item in made["results"]]


def require_sarif_validator() -> SarifValidator:
    """Return the validator; without it, fail in CI and skip the test elsewhere."""
    folder = Path(os.environ.get("PROFILEGEN_SARIF_MULTITOOL") or _UNPACKED)
    program = folder / _PROGRAM
    return SarifValidator(folder) if os.access(program, os.X_OK) else missing(_PROGRAM)


def _complaint(result: dict[str, Any]) -> Complaint:
    message = json.dumps(result["message"])
    return Complaint(result["ruleId"], result.get("level", "warning"), message)
