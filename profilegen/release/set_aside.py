"""What a build has for itself waits beside the stage while the release takes its place.

A journal is not published, nor lost when the build is killed in that moment. With it lies the
digest of the new release's manifest: what is found there later belongs to the stage that still has
this manifest. Where the release has taken its place it is litter.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from profilegen.release.durable import sync_folder
from profilegen.release.manifest import MANIFEST, sha256

_SEAL = "sha256"


def set_aside(stage: Path, names: Iterable[str]) -> None:
    """Move what lies in `stage` under `names` beside it. Raises OSError when that fails."""
    found = [name for name in names if (stage / name).exists()]
    if not found:
        return
    aside = _beside(stage)
    aside.mkdir(exist_ok=True)
    # First, so that nothing is there without it; what is torn belongs to no stage.
    (aside / _SEAL).write_text(_digest(stage), "ascii")
    for name in found:
        (stage / name).rename(aside / name)
    sync_folder(stage)


def take_back(stage: Path) -> None:
    """Bring what was set aside back into the stage that it belongs to; let go of anything else.

    Can be called again when it did not get to its end. Raises OSError when that fails.
    """
    if _belongs(stage):
        for path in _beside(stage).iterdir():
            if path.name != _SEAL:
                path.rename(stage / path.name)
        sync_folder(stage)
    let_go(stage)


def let_go(stage: Path) -> None:
    """Remove what was set aside."""
    shutil.rmtree(_beside(stage), ignore_errors=True)


def where_is(stage: Path, name: str) -> Path:
    """Return the folder in which `name` lies: `stage`, or where it waits for `take_back`."""
    aside = _beside(stage)
    return aside if _belongs(stage) and (aside / name).exists() else stage


def _beside(stage: Path) -> Path:
    return stage.with_name(stage.name.removesuffix(".partial") + ".done")


def _belongs(stage: Path) -> bool:
    try:
        return (_beside(stage) / _SEAL).read_text("ascii") == _digest(stage)
    except (OSError, UnicodeDecodeError):
        return False


def _digest(stage: Path) -> str:
    return sha256((stage / MANIFEST).read_bytes())
