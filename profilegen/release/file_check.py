"""Check one file of a release: what stands in its place, its digest, and who signed it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from profilegen.release.folder import MAX_FILE, other_than_file
from profilegen.release.manifest import file_sha256
from profilegen.release.manifest_reading import Manifest
from profilegen.signing.certificates import moment, short_name
from profilegen.signing.verification.alike import Model, model_of
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport, SignerReport
from profilegen.signing.verification.stamping import UNSTAMPED, Stamped
from profilegen.signing.verification.steps import State, StepName, passed

# Of embedded and detached signatures, each of this release and of earlier ones that files were
# taken over from.
_MODELS = 16


@dataclass(frozen=True, slots=True)
class Vouched:
    """A release whose manifest holds: `signer` signed `content`, which says what `manifest` is."""

    folder: Path
    content: bytes
    manifest: Manifest
    signer: SignerReport


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file: faults as sentences, and what was not checked of its signature.

    `content` is what was signed, None where no signature holds.
    """

    faults: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    content: bytes | None = None


class SignatureCheck:
    """Judges the signatures of a release's files, each of which has to be the manifest signer's.

    Of files that are signed alike one is judged; of the others, digest and signature are checked.

    `count` is the number of those that were judged.
    """

    def __init__(self, release: Vouched, judge: Judge) -> None:
        """Judge by `judge`, which knows the chain from the manifest already."""
        self._signer = release.signer
        self._judge = judge
        self._stamped = _inherited(release.signer)
        self._models: deque[Model] = deque(maxlen=_MODELS)
        self.count = 0

    def check(self, place: str, signed: bytes, *, content: bytes | None = None) -> Outcome:
        """Judge a signed file, or a detached signature over `content`; `place` names the file."""
        self.count += 1
        for model in self._models:
            found = model.content_of(signed, content)
            if found is not None:
                return Outcome(content=found)
        return self._judged(place, signed, content)

    def _judged(self, place: str, signed: bytes, content: bytes | None) -> Outcome:
        report = self._judge.judge(signed, content=content, stamped=self._stamped)
        for fault in report.faults:
            return Outcome((fault.message,))
        first = report.signers[0]
        if first.fingerprint != self._signer.fingerprint:
            name = short_name(first.chain[0].subject)
            return Outcome((f"signed by {name}, not by the signer of the manifest",))
        unchecked = tuple(self._unchecked(place, report))
        if not unchecked:
            self._learn(first, signed, content)
        return Outcome((), unchecked, report.content)

    def _learn(self, signer: SignerReport, signed: bytes, content: bytes | None) -> None:
        """Take a file without fault for a model of those that are signed alike."""
        key = signer.chain[0].public_key()
        model = model_of(signed, content, key, digest=signer.digest)
        if model is not None:
            self._models.appendleft(model)

    def _unchecked(self, place: str, report: FileReport) -> Iterator[str]:
        """Yield what was not checked of a file beyond what was not of the manifest."""
        known = {step.name for step in self._signer.steps if step.state is State.NOT_CHECKED}
        for step in report.all_steps:
            if step.state is State.NOT_CHECKED and step.name not in known:
                yield f"{place}: {step.name}: {step.detail}"


def _inherited(signer: SignerReport) -> Stamped:
    """Return what the time stamp of the manifest proves for the files whose digests it has."""
    if signer.proven is None:
        return UNSTAMPED
    detail = f"that of the manifest, which names the file: {moment(signer.proven)}"
    return Stamped(passed(StepName.TIME_STAMP, detail), signer.proven)


def place_fault(path: Path, size: int | None, *, named_by: str = "manifest") -> str:
    """Return what stands in the place of a file of `size` bytes that cannot be it.

    "" for a file or nothing. `named_by` says what gives the size, which is None for any size.
    """
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        return unreadable(error)
    if other := other_than_file(status):
        return other
    if size is not None and status.st_size > max(size, MAX_FILE):
        return f"changed: it has {status.st_size} bytes, the {named_by} says {size}"
    return ""


def unreadable(error: OSError) -> str:
    """Return what the file system says against reading a file, as a fault of it."""
    return f"cannot be read: {error.strerror}"


def large_file_fault(path: Path, *, size: int, sha256: str) -> str:
    """Return why a file that the manifest names is not it, "" when it is; it is not kept whole."""
    fault = place_fault(path, size)
    if fault:
        return fault
    try:
        digest = file_sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        return "missing: the manifest names it"
    except OSError as error:
        return unreadable(error)
    return "" if digest == sha256 else "changed: its SHA-256 is not the one in the manifest"
