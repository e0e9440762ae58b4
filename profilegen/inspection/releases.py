"""Releases among the files of an audit: what their manifests say of how devices are managed.

Nobody is trusted here. A manifest counts when its own signature holds or when it never had one;
whether the signer is the right one, and the files are those of the manifest, `verify` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from profilegen.audit.model import Context
from profilegen.inspection.archived_documents import is_archive, users_folder
from profilegen.inspection.files import SIGNATURE_SUFFIX, Source, regular
from profilegen.inspection.model import Origin, Stated
from profilegen.inspection.opening import Opened, open_source
from profilegen.inspection.signatures import signature_of
from profilegen.inspection.stated import MANIFEST, StatedTarget, stated_manifest, stated_targets
from profilegen.inspection.user_index import INDEX_KIND
from profilegen.signing.integrity import State

_MANIFEST_SIGNATURE = f"{MANIFEST}{SIGNATURE_SUFFIX}"
_NOT_SIGNED = "not signed"


@dataclass(frozen=True, slots=True)
class _Release:
    """A release that says something; `owners` has the target of each file and users' folder."""

    manifest: str
    signed: str
    owners: Mapping[str, str]
    targets: Mapping[str, StatedTarget]


@dataclass(slots=True)
class Releases:
    """The releases that files of an audit belong to, each read once, when its first file comes.

    `context` is how devices are managed, as far as options say it, `assumed` the other options.
    Afterwards `stated` has what manifests said instead, and `unused` why others were not believed.
    """

    context: Context
    assumed: Mapping[str, str]
    stated: dict[tuple[str, str], Stated] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    _known: dict[Path, _Release | None] = field(default_factory=dict)

    def placed(self, source: Source, opened: Opened) -> Opened:
        """Return `opened`, which `source` holds, with its origin and how its devices are managed.

        Only releases at or below the folder that was named are asked.
        """
        users = users_folder(source.path)
        archive = source.name if users and is_archive(source.path) else ""
        target = None
        if source.root is not None and self.assumed and opened.document is not None:
            target = self._target(source.root, source.path)
        if target is None:
            return replace(opened, origin=Origin(users, archive)) if users else opened
        release, name = target
        stated = release.targets[name]
        self.stated.setdefault(
            (release.manifest, name), Stated(release.manifest, release.signed, name, stated.options)
        )
        origin = Origin(users, archive, release.manifest, name)
        return replace(opened, origin=origin, context=stated.context)

    def _target(self, root: Path, path: Path) -> tuple[_Release, str] | None:
        """Return the release and target of a file, None where no manifest says anything of it."""
        for folder in path.parents:
            release = self._release(folder)
            if release is not None:
                inside = PurePosixPath(path.relative_to(folder).as_posix())
                names = (release.owners.get(str(place)) for place in (inside, *inside.parents))
                name = next((name for name in names if name is not None), "")
                return (release, name) if name in release.targets else None
            if folder == root:
                break
        return None

    def _release(self, folder: Path) -> _Release | None:
        if folder not in self._known:
            self._known[folder] = self._read(folder) if regular(folder / MANIFEST) else None
        return self._known[folder]

    def _read(self, folder: Path) -> _Release | None:
        path = folder / MANIFEST
        try:
            manifest = stated_manifest(path)
        except ValueError:
            return None  # any other file may have the name
        signed, doubt = _vouched(path, manifest)
        if doubt:
            self.unused.append(f"What {path} says of its targets was not used: {doubt}.")
            return None
        targets = stated_targets(manifest, self.context, self.assumed)
        said = {name: target for name, target in targets.items() if target.options}
        return _Release(str(path), signed, dict(_owners(manifest)), said)


def _vouched(path: Path, manifest: Mapping[str, object]) -> tuple[str, str]:
    """Return by whom the manifest is signed, and why it is not to be believed, "" if it is."""
    signed = open_source(Source(path, named=False)).signed
    if signed is not None:
        signature = signature_of(signed)
        if signature.state == State.INTACT.value:
            return f"signed by {signature.signer}", ""
        return "", f"its signature is {signature.state}"
    seals = manifest.get("seals")
    # A manifest without the list is of a version that knew signed releases only.
    if not isinstance(seals, list) or _MANIFEST_SIGNATURE in seals:
        return "", "its signature is missing or cannot be read"
    return _NOT_SIGNED, ""


def _owners(manifest: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each path that a manifest names, the folder for an index of users, with its target."""
    files = manifest.get("files")
    for item in files if isinstance(files, list) else ():
        if isinstance(item, dict) and isinstance(item.get("target"), str):
            path = PurePosixPath(str(item.get("path")))
            yield str(path.parent if item.get("kind") == INDEX_KIND else path), item["target"]
