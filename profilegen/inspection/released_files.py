"""Open the documents that a release names: in its manifest, and in the indexes of users' files.

Nobody is trusted here; a file has the digest that is given for it, or it is a fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from profilegen.inspection.files import Source, Unread, read_source
from profilegen.inspection.opening import Opened, open_source
from profilegen.inspection.people_files import PeopleFiles
from profilegen.inspection.people_index import DOCUMENT_KINDS, Fleet, Named, batches, reason_of
from profilegen.inspection.user_index import USERS_FOLDER, is_plain
from profilegen.signing.decrypt import DeviceKey


@dataclass(frozen=True, slots=True)
class Released:
    """A document of a release, or why there is none.

    `path` says where it lies, and `name` is a path that it keeps from release to release: that of a
    user's file is without shard and archive, which the number of users decides.
    """

    path: str
    name: str
    target: str
    opened: Opened | None
    fault: str = ""


def shared_documents(
    folder: Path, manifest: Mapping[str, object], *, key: DeviceKey | None
) -> Iterator[Released]:
    """Yield the documents that `manifest` itself names, of the release in `folder`."""
    files = manifest.get("files")
    for item in files if isinstance(files, list) else ():
        if isinstance(item, dict) and item.get("kind") in DOCUMENT_KINDS:
            path, target = str(item.get("path")), str(item.get("target"))
            yield _shared(folder, path, str(item.get("sha256")), target, key)


def _shared(folder: Path, path: str, digest: str, target: str, key: DeviceKey | None) -> Released:
    fault = ""
    if not is_plain(path):
        fault = "the manifest names a path that leads out of the release"
    else:
        data = read_source(Source(folder / path, named=False))
        if isinstance(data, Unread):
            fault = data.message
        elif hashlib.sha256(data).hexdigest() != digest:
            fault = "it is not the file that the manifest names"
    if fault:
        return Released(path, path, target, None, fault)
    return Released(path, path, target, open_source(Source(folder / path, named=False), key=key))


def personal_documents(fleet: Fleet, *, key: DeviceKey | None) -> Iterator[Released]:
    """Yield every document that the indexes of a release name; an archive has one fault at most."""
    for target, (path, _) in fleet.indexes.items():
        try:
            fleet.checked(target)
            yield from _personal(fleet, target, key)
        except (OSError, ValueError) as error:
            yield Released(path, path, target, None, reason_of(error))


def _personal(fleet: Fleet, target: str, key: DeviceKey | None) -> Iterator[Released]:
    files = PeopleFiles(fleet)
    for batch in batches(fleet.documents(target)):
        contents = files.read(batch)
        for named in batch:
            opened = files.open(named, contents, key=key)
            if opened is not None:
                yield Released(named.entry.place, lasting_name(target, named), target, opened)
    for path, fault in files.faults():
        yield Released(path, path, target, None, fault)


def lasting_name(target: str, named: Named) -> str:
    """Return the path that a file of a person keeps from release to release."""
    return f"{target}/{USERS_FOLDER}/{named.name}"
