"""Verify a whole release: the manifest, every file it names, and that nothing was added.

The manifest's signature comes first, for nothing in a release means anything before it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from profilegen.errors import VerificationError
from profilegen.release.contents import added_to, files_step, statement_step
from profilegen.release.file_check import Vouched
from profilegen.release.folder import ReleaseFault, read_file
from profilegen.release.manifest import MANIFEST, MANIFEST_SIGNATURE, MANIFEST_STAMP, SUMS
from profilegen.release.manifest_reading import Manifest, ManifestVersionError, read_manifest
from profilegen.signing.failures import (
    NotInForceError,
    RevocationUnknownError,
    UntrustedError,
)
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport
from profilegen.signing.verification.stamping import UNSTAMPED, Stamped, stamp_of_file
from profilegen.signing.verification.steps import (
    Step,
    StepName,
    Verdict,
    failed,
    faults_of,
    not_checked,
    verdict_of,
)
from profilegen.signing.verification.trusted import Trusted

# Faults that may lie with what the verifier gave: roots, CRLs, the trust in a time stamp.
_GIVEN = (UntrustedError, NotInForceError, RevocationUnknownError)


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """A release: what came of the signature of its manifest, and of what the manifest names.

    `signature` is None when the manifest or its signature cannot be read. The messages of all
    faults start with the path of the file that they are about.
    """

    signature: FileReport | None
    steps: tuple[Step, ...]
    faults: tuple[VerificationError, ...]

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Return the steps of the manifest, then those of the release."""
        return (*(() if self.signature is None else self.signature.all_steps), *self.steps)

    @property
    def verdict(self) -> Verdict:
        """Return what follows from all steps."""
        return verdict_of(self.all_steps)


def is_release(path: Path) -> bool:
    """Whether `path` is a folder that says it is a release, be it one that has lost a file."""
    return path.is_dir() and any(
        (path / name).exists() for name in (MANIFEST, MANIFEST_SIGNATURE, SUMS)
    )


def verify_release(folder: Path, *, trusted: Trusted) -> ReleaseReport:
    """Verify the release in `folder` by what is `trusted`.

    The report names every file that is missing, added, changed or not signed by the signer of the
    manifest, and why; nothing in the folder is trusted before the manifest. A time stamp of the
    manifest's signature proves the time for the manifest and for every file that it names. Raises
    ManifestVersionError when another version of profilegen built the release.
    """
    try:
        content = read_file(folder, MANIFEST)
        encoded = read_file(folder, MANIFEST_SIGNATURE)
    except ReleaseFault as fault:
        return ReleaseReport(None, (failed(StepName.FILES, fault), _unnamed()), (fault,))
    judge = Judge(trusted)
    signature = judge.judge(
        encoded, content=content, stamped=_stamped(folder, encoded, trusted=trusted)
    )
    if signature.verdict is Verdict.INVALID:
        faults = tuple(_manifest_faults(folder, signature))
        reason = "the manifest does not hold"
        return ReleaseReport(signature, (not_checked(StepName.FILES, reason), _unnamed()), faults)
    try:
        manifest = _manifest(folder, content)
    except ReleaseFault as fault:
        return ReleaseReport(signature, (failed(StepName.FILES, fault), _unnamed()), (fault,))
    release = Vouched(folder, content, manifest, signature.signers[0])
    steps = (files_step(release, judge), statement_step(release))
    return ReleaseReport(signature, steps, faults_of(steps))


def added_files(folder: Path) -> tuple[str, ...]:
    """Return what lies in the release in `folder` although its manifest does not name it.

    Nothing is verified. A manifest that cannot be read names nothing to compare with: ().
    """
    try:
        manifest = read_manifest(read_file(folder, MANIFEST))
    except (ValueError, ManifestVersionError, ReleaseFault):
        return ()
    return tuple(sorted(added_to(folder, manifest)))


def _unnamed() -> Step:
    return not_checked(StepName.STATEMENT, "the manifest does not hold")


def _stamped(folder: Path, signature: bytes, *, trusted: Trusted) -> Stamped:
    """Return what the time stamp beside the manifest's signature proves of it.

    That there has to be one, or must not be, is for the manifest to say.
    """
    path = folder / MANIFEST_STAMP
    if not path.exists() and not path.is_symlink():
        return UNSTAMPED
    try:
        response = read_file(folder, MANIFEST_STAMP)
    except ReleaseFault as fault:
        return Stamped(failed(StepName.TIME_STAMP, fault))
    return stamp_of_file(response, data=signature, trusted=trusted)


def _manifest_faults(folder: Path, signature: FileReport) -> list[VerificationError]:
    faults: list[VerificationError] = []
    for step in signature.all_steps:
        name = MANIFEST_STAMP if step.name is StepName.TIME_STAMP else MANIFEST_SIGNATURE
        for fault in step.faults:
            if isinstance(fault, ReleaseFault):
                faults.append(fault)
                continue
            message = f"{folder / name}: {fault.message}"
            # What was not given can be given still; what was changed is beyond mending.
            faults.append(
                ReleaseFault(message, hint=fault.hint)
                if isinstance(fault, _GIVEN)
                else ReleaseFault(message)
            )
    return faults


def _manifest(folder: Path, content: bytes) -> Manifest:
    """Read a manifest whose signature holds."""
    path = folder / MANIFEST
    try:
        return read_manifest(content)
    except ManifestVersionError as error:
        message = f"{path}: {error.message}"
        raise ManifestVersionError(message, hint=error.hint) from error
    except ValueError as error:
        message = f"{path}: signed, but no manifest: {error}"
        raise ReleaseFault(message) from error
