"""What came of verifying one path, a file or a release, in the form that reports print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from profilegen.signing.verification.reports import SignerReport
from profilegen.signing.verification.steps import State, Step, Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """One path: the steps of the whole, those of each signer, and the verdict that follows.

    `kind` is file, release or unreadable. `faults` are what is wrong and what to do about it, each
    with the path in front.
    """

    path: Path
    kind: str
    verdict: Verdict
    steps: tuple[Step, ...] = ()
    signers: tuple[SignerReport, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()

    @property
    def unchecked(self) -> tuple[Step, ...]:
        """Return the steps that were not taken."""
        steps = (*(step for signer in self.signers for step in signer.steps), *self.steps)
        return tuple(step for step in steps if step.state is State.NOT_CHECKED)

    @property
    def all_warnings(self) -> tuple[str, ...]:
        """Return the warnings of the whole, then those of each signer."""
        return (*self.warnings, *(text for signer in self.signers for text in signer.warnings))
