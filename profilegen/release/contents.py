"""Check what a verified manifest names: every file, its digest and its signature, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from profilegen.inspection.user_index import ARCHIVE_KIND, INDEX_KIND
from profilegen.release.faults import Faults
from profilegen.release.file_check import Outcome, SignatureCheck, Vouched, place_fault
from profilegen.release.folder import ReleaseFault, list_folder, read_file
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    MANIFEST,
    STATEMENT,
    SUMS,
    UNSIGNED_FOLDER,
    ReleasedFile,
    sha256,
)
from profilegen.release.manifest_reading import Manifest
from profilegen.release.statement import statement_faults
from profilegen.release.sums import same_sums
from profilegen.release.user_checks import UserChecks
from profilegen.release.user_files import compare_users_folder, indexes_of, users_folder
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.steps import (
    Step,
    StepName,
    absent,
    failed,
    not_checked,
    passed,
)

_OF_USERS = frozenset({INDEX_KIND, ARCHIVE_KIND})


def files_step(release: Vouched, judge: Judge) -> Step:
    """Check that the release holds the files of its manifest, as they were signed, and no other."""
    faults = Faults(release.folder)
    signatures = SignatureCheck(release, judge)
    for message in _listing_faults(release.folder, release.manifest):
        faults.note(message)
    unchecked: dict[str, None] = {}
    for item in release.manifest.files:
        if item.kind not in _OF_USERS:
            outcome = _file(release, item, signatures)
            for fault in outcome.faults:
                faults.add(item.path, fault)
            unchecked.update(dict.fromkeys(outcome.unchecked))
    users = UserChecks(release, signatures, faults)
    held = [users.check(index) for index in indexes_of(release.manifest.files)]
    users.end()
    if all(held):  # else nobody knows what SHA256SUMS has to list
        for message in _sums_faults(release.folder, release.manifest):
            faults.note(message)
    if faults.all():
        return failed(StepName.FILES, *faults.all())
    unchecked |= users.unchecked
    if unchecked:
        return not_checked(StepName.FILES, "; ".join(unchecked))
    return passed(StepName.FILES, _detail(release.manifest, users, signatures))


def statement_step(release: Vouched) -> Step:
    """Check the in-toto statement; a manifest of an older version names none."""
    path = release.folder / STATEMENT
    if STATEMENT not in release.manifest.seals:
        return absent(StepName.STATEMENT)
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


def added_to(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield the path of every file that lies in a release although nothing names it, in any order.

    Nothing is verified. An index that cannot be read names nothing to compare with.
    """
    found, _ = _outside_users_folders(folder, manifest)
    yield from found - _named_outside(manifest)
    for index in indexes_of(manifest.files):
        try:
            mismatch = compare_users_folder(folder, index, manifest.files)
        except (OSError, ValueError):
            continue
        yield from (path for path in mismatch.added if not path.endswith("/"))


def _named_outside(manifest: Manifest) -> set[str]:
    """Return the path of every file that belongs to a release, but for those of users' folders."""
    below = tuple(f"{users_folder(index)}/" for index in indexes_of(manifest.files))
    named = {item.path for item in manifest.files} | {MANIFEST, SUMS, *manifest.seals}
    return {path for path in named if not path.startswith(below)}


def _outside_users_folders(folder: Path, manifest: Manifest) -> tuple[set[str], set[str]]:
    """Return all files and all folders of a release, but for what is in users' folders."""
    return list_folder(folder, without={users_folder(one) for one in indexes_of(manifest.files)})


def _listing_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    named = _named_outside(manifest)
    paths = {item.path for item in manifest.files}
    parents = {parent.as_posix() for path in paths for parent in PurePosixPath(path).parents}
    found, folders = _outside_users_folders(folder, manifest)
    for path in sorted(named - found):
        yield f"{folder / path}: missing: the manifest names it"
    for path in sorted(found - named):
        yield f"{folder / path}: added: the manifest does not name it"
    for path in sorted(folders - parents):
        yield f"{folder / path}: added: the manifest names no file in this folder"


def _file(release: Vouched, item: ReleasedFile, signatures: SignatureCheck) -> Outcome:
    path = release.folder / item.path
    fault = place_fault(path, item.size)
    if fault:
        return Outcome((fault,))
    if not path.exists():
        return Outcome()  # said of the listing already
    content = path.read_bytes()
    outcome = _signature(release, item, content, signatures)
    if sha256(content) == item.sha256:
        return outcome
    changed = "changed: its SHA-256 is not the one in the manifest"
    return Outcome((changed, *outcome.faults), outcome.unchecked)


def _signature(
    release: Vouched, item: ReleasedFile, content: bytes, signatures: SignatureCheck
) -> Outcome:
    """Judge the signature of one file, which has to be one of the manifest's signer."""
    if item.signature == EMBEDDED:
        outcome = signatures.check(item.path, content)
        twin = _twin_fault(release.folder, item, outcome)
        return Outcome((twin,)) if twin else outcome
    if item.signature == DETACHED and (release.folder / f"{item.path}.p7s").is_file():
        try:
            signature = read_file(release.folder, f"{item.path}.p7s")
        except ReleaseFault as error:
            return Outcome((error.message,))
        return signatures.check(item.path, signature, content=content)
    return Outcome()  # unsigned, or said of the listing already


def _twin_fault(folder: Path, item: ReleasedFile, outcome: Outcome) -> str:
    path = (folder / item.path).parent / UNSIGNED_FOLDER / Path(item.path).name
    if outcome.content is not None and path.is_file() and path.read_bytes() != outcome.content:
        return f"its content is not the file {UNSIGNED_FOLDER}/{path.name} beside it"
    return ""


def _sums_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    path = folder / SUMS
    sealed = (folder / name for name in (SUMS, *manifest.seals))
    if not all(path.exists() or path.is_symlink() for path in sealed):
        return  # said of the listing already; and what a missing seal's digest was, nobody knows
    fault = place_fault(path, None)
    try:
        names = (MANIFEST, *manifest.seals)
        seals = {name: sha256(read_file(folder, name)) for name in names}
    except ReleaseFault as error:
        yield error.message
        return
    if fault:
        yield f"{path}: {fault}"
    elif not same_sums(folder, manifest.files, seals):
        yield f"{path}: changed: it does not list the digests of the manifest"


def _detail(manifest: Manifest, users: UserChecks, signatures: SignatureCheck) -> str:
    count = len({item.path for item in manifest.files}) + len(manifest.seals) + 2
    archives = sum(item.kind == ARCHIVE_KIND for item in manifest.files)
    members = f" and {users.count.members} in archives" if archives else ""
    files = f"{count + users.count.files} files{members}"
    return f"{files}, {1 + signatures.count} signatures, none added or changed"
