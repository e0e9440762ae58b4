"""Check what a verified manifest names: every file, its digest and its signature, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from profilegen.release.folder import MAX_FILE, ReleaseFault, list_folder, read_file
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    MANIFEST,
    STATEMENT,
    SUMS,
    UNSIGNED_FOLDER,
    Manifest,
    ReleasedFile,
    sha256,
    sums_bytes,
)
from profilegen.release.statement import statement_faults
from profilegen.signing.certificates import moment, short_name
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport, SignerReport
from profilegen.signing.verification.stamping import UNSTAMPED, Stamped
from profilegen.signing.verification.steps import (
    State,
    Step,
    StepName,
    failed,
    not_checked,
    passed,
)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A release whose manifest holds: `signer` signed `content`, which says what `manifest` is."""

    folder: Path
    content: bytes
    manifest: Manifest
    signer: SignerReport


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one file: faults as sentences, and what was not checked of its signature."""

    faults: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def named_files(manifest: Manifest) -> set[str]:
    """Return the path of every file that belongs to a release."""
    return {item.path for item in manifest.files} | {MANIFEST, SUMS, *manifest.seals}


def files_step(release: Vouched, judge: Judge) -> Step:
    """Check that the release holds the files of its manifest, as they were signed, and no other."""
    files = release.manifest.files
    stamped = _inherited(release.signer)
    faults = [*_listing_faults(release.folder, release.manifest)]
    unchecked: dict[str, None] = {}
    for item in files:
        outcome = _file(release, item, judge, stamped)
        faults.extend(f"{release.folder / item.path}: {fault}" for fault in outcome.faults)
        unchecked.update(dict.fromkeys(outcome.unchecked))
    faults.extend(_sums_faults(release.folder, release.manifest))
    if faults:
        return failed(StepName.FILES, *(ReleaseFault(fault) for fault in faults))
    if unchecked:
        return not_checked(StepName.FILES, "; ".join(unchecked))
    signatures = 1 + sum(item.signature in {EMBEDDED, DETACHED} for item in files)
    count = len(named_files(release.manifest))
    return passed(StepName.FILES, f"{count} files, {signatures} signatures, none added or changed")


def statement_step(release: Vouched) -> Step:
    """Check the in-toto statement; a manifest of an older version names none."""
    path = release.folder / STATEMENT
    if STATEMENT not in release.manifest.seals:
        return passed(StepName.STATEMENT, "there is none")
    if not path.exists() and not path.is_symlink():
        return not_checked(StepName.STATEMENT, "it is missing")  # which the listing says
    try:
        statement = read_file(release.folder, STATEMENT)
    except ReleaseFault as fault:
        return failed(StepName.STATEMENT, fault)
    found = statement_faults(
        statement,
        manifest=release.manifest,
        manifest_content=release.content,
        key=release.signer.chain[0].public_key(),
    )
    faults = tuple(ReleaseFault(f"{path}: {fault}") for fault in found)
    if faults:
        return failed(StepName.STATEMENT, *faults)
    return passed(StepName.STATEMENT, "names the files and the policy of the manifest")


def _inherited(signer: SignerReport) -> Stamped:
    """Return what the time stamp of the manifest proves for the files whose digests it has."""
    if signer.proven is None:
        return UNSTAMPED
    detail = f"that of the manifest, which names the file: {moment(signer.proven)}"
    return Stamped(passed(StepName.TIME_STAMP, detail), signer.proven)


def _listing_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    named = named_files(manifest)
    parents = {parent.as_posix() for path in named for parent in PurePosixPath(path).parents}
    found, folders = list_folder(folder)
    for path in sorted(named - found):
        yield f"{folder / path}: missing: the manifest names it"
    for path in sorted(found - named):
        yield f"{folder / path}: added: the manifest does not name it"
    for path in sorted(folders - parents):
        yield f"{folder / path}: added: the manifest names no file in this folder"


def _file(release: Vouched, item: ReleasedFile, judge: Judge, stamped: Stamped) -> _Outcome:
    path = release.folder / item.path
    fault = _place_fault(path, item)
    if fault:
        return _Outcome((fault,))
    if not path.exists():
        return _Outcome()  # said of the listing already
    content = path.read_bytes()
    outcome = _signature(release, item, content, judge, stamped)
    if sha256(content) == item.sha256:
        return outcome
    changed = "changed: its SHA-256 is not the one in the manifest"
    return _Outcome((changed, *outcome.faults), outcome.unchecked)


def _place_fault(path: Path, item: ReleasedFile) -> str:
    """Return what stands in the place of a file that cannot be it, "" for a file or nothing."""
    if path.is_symlink():
        return "a link stands in the place of the file"
    if not path.exists():
        return ""
    if not path.is_file():
        return "something that is no file stands in its place"
    size = path.stat().st_size
    if size > max(item.size, MAX_FILE):
        return f"changed: it has {size} bytes, the manifest says {item.size}"
    return ""


def _signature(
    release: Vouched, item: ReleasedFile, content: bytes, judge: Judge, stamped: Stamped
) -> _Outcome:
    """Judge the signature of one file, which has to be one of the manifest's signer."""
    if item.signature == EMBEDDED:
        report = judge.judge(content, stamped=stamped)
    elif item.signature == DETACHED and (release.folder / f"{item.path}.p7s").is_file():
        try:
            signature = read_file(release.folder, f"{item.path}.p7s")
        except ReleaseFault as error:
            return _Outcome((error.message,))
        report = judge.judge(signature, content=content, stamped=stamped)
    else:
        return _Outcome()  # unsigned, or said of the listing already
    for fault in report.faults:
        return _Outcome((fault.message,))
    first = report.signers[0]
    if first.fingerprint != release.signer.fingerprint:
        name = short_name(first.chain[0].subject)
        return _Outcome((f"signed by {name}, not by the signer of the manifest",))
    twin = _twin_fault(release.folder, item, report) if item.signature == EMBEDDED else ""
    return _Outcome((twin,) if twin else (), tuple(_unchecked(item, report, release.signer)))


def _unchecked(item: ReleasedFile, report: FileReport, signer: SignerReport) -> Iterator[str]:
    """Yield what was not checked of a file beyond what was not of the manifest."""
    known = {step.name for step in signer.steps if step.state is State.NOT_CHECKED}
    for step in report.all_steps:
        if step.state is State.NOT_CHECKED and step.name not in known:
            yield f"{item.path}: {step.name}: {step.detail}"


def _twin_fault(folder: Path, item: ReleasedFile, report: FileReport) -> str:
    path = (folder / item.path).parent / UNSIGNED_FOLDER / Path(item.path).name
    if path.is_file() and path.read_bytes() != report.content:
        return f"its content is not the file {UNSIGNED_FOLDER}/{path.name} beside it"
    return ""


def _sums_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    path = folder / SUMS
    if not path.exists() and not path.is_symlink():
        return  # said of the listing already
    digests = {item.path: item.sha256 for item in manifest.files}
    try:
        for name in (MANIFEST, *manifest.seals):
            if (folder / name).exists():  # else said of the listing already
                digests[name] = sha256(read_file(folder, name))
        listed = read_file(folder, SUMS)
    except ReleaseFault as fault:
        yield fault.message
        return
    if listed != sums_bytes(digests):
        yield f"{path}: changed: it does not list the digests of the manifest"
