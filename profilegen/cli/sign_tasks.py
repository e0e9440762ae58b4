"""What `sign` is asked to sign, and where each result goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from profilegen.audit.document import DocumentError, Profile, read_document
from profilegen.cli.inputs import read_bytes
from profilegen.cli.sign_folder import (
    PROFILE_SUFFIX,
    SIGNATURE_SUFFIX,
    Form,
    Found,
    Skip,
    files_in,
)
from profilegen.errors import InputError, UsageError
from profilegen.signing.message import looks_signed


@dataclass(frozen=True, slots=True)
class Task:
    """One file to sign, and the place of what is written."""

    source: Path
    content: bytes
    form: Form
    place: Path


@dataclass(frozen=True, slots=True)
class Work:
    """Everything to sign, and what is left alone in folders, with the reason."""

    tasks: tuple[Task, ...]
    skipped: tuple[tuple[Path, Skip], ...]


def plan_work(paths: Iterable[Path], output: Path | None, *, detached: bool) -> Work:
    """Return the tasks for `paths`, files and folders; nothing is written.

    `output` is the place of a single file, or a folder; the results of a folder lie in it as
    their files lie in that. Without `output` results go beside the files. `detached` puts the
    signature of a profile beside it too.

    Raises UsageError when two files have one place, when a signature would replace its file, and
    for a folder that is or holds a release; InputError for what cannot be read, for a profile or
    JSON file that is none, and for a folder with nothing to sign.
    """
    given = tuple(dict.fromkeys(paths))
    in_folder = _goes_to_folder(output, given)
    tasks: list[Task] = []
    skipped: list[tuple[Path, Skip]] = []
    for path in given:
        if path.is_dir():
            found = tuple(files_in(path, leave_out=_results(path, output)))
            tasks += _folder_tasks(path, found, output, detached=detached)
            skipped += [(one.path, one.answer) for one in found if isinstance(one.answer, Skip)]
        else:
            tasks.append(_file_task(path, output, in_folder=in_folder, detached=detached))
    _refuse_overwriting(tasks)
    return Work(tuple(tasks), tuple(skipped))


def form_of(name: str, content: bytes) -> Form:
    """Return how a file that was named on purpose is signed: any CMS may hold a profile.

    Raises DocumentError for a file that has a profile's name and is none.
    """
    if looks_signed(content):
        return Form.EMBEDDED
    try:
        document = read_document(name, content)
    except DocumentError:
        if name.endswith(PROFILE_SUFFIX):
            raise
        return Form.DETACHED
    return Form.EMBEDDED if isinstance(document, Profile) else Form.DETACHED


def _goes_to_folder(output: Path | None, given: Sequence[Path]) -> bool:
    """Say whether `output` is a folder, be it one that has to be made."""
    if output is None or output.is_dir():
        return output is not None
    folders = [path for path in given if path.is_dir()]
    if len(given) == 1 and not folders:
        return False
    if folders and not output.exists():
        return True
    what = f"the files of {folders[0]}" if folders else "several files"
    message = f"{output}: {what} need a folder to go to"
    raise UsageError(message, hint="Make the folder first, or sign one file at a time.")


def _results(folder: Path, output: Path | None) -> Path | None:
    """Return the folder of results, unless that is the folder to sign itself."""
    return None if output is None or output.resolve() == folder.resolve() else output


def _file_task(path: Path, output: Path | None, *, in_folder: bool, detached: bool) -> Task:
    content = read_bytes(path)
    form = form_of(path.name, content)
    form = Form.DETACHED if detached else form
    if output is not None and not in_folder:
        return Task(path, content, form, output)
    folder = path.parent if output is None else output
    return Task(path, content, form, folder / _result_name(path, form))


def _folder_tasks(
    folder: Path, found: Iterable[Found], output: Path | None, *, detached: bool
) -> Iterator[Task]:
    """Yield the tasks of a folder, but none for what is the result of another one.

    NAME.signed.mobileconfig beside NAME.mobileconfig comes from a run before this one.
    """
    forms = {
        one: Form.DETACHED if detached else one.answer
        for one in found
        if isinstance(one.answer, Form)
    }
    names = {one: _result_name(one.path, form) for one, form in forms.items()}
    results = {one.path.with_name(name) for one, name in names.items() if name != one.path.name}
    chosen = [one for one in forms if one.path not in results]
    if not chosen:
        message = f"{folder}: the folder holds nothing to sign"
        raise InputError(message, hint="Name a folder with profiles or JSON files in it.")
    for one in chosen:
        parent = one.path.parent
        place = parent if output is None else output / parent.relative_to(folder)
        yield Task(one.path, one.content, forms[one], place / names[one])


def _result_name(path: Path, form: Form) -> str:
    if form is Form.DETACHED:
        return f"{path.name}{SIGNATURE_SUFFIX}"
    stem = path.name.removesuffix(PROFILE_SUFFIX).removesuffix(".signed")
    return f"{stem}.signed{PROFILE_SUFFIX}"


def _refuse_overwriting(tasks: Sequence[Task]) -> None:
    """Raise UsageError when two files have one place, or a signature would replace its file."""
    places = Counter(task.place for task in tasks)
    for task in tasks:
        if places[task.place] > 1:
            message = f"{task.place}: two of the files would be written to this place"
            raise UsageError(message, hint="Sign these files one at a time, with -o.")
        detached = task.form is Form.DETACHED
        if detached and task.place.exists() and task.place.samefile(task.source):
            message = f"{task.source}: the signature would be written over the file"
            raise UsageError(message, hint="Name another file with -o.")
