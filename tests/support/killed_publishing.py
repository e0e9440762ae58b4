"""Kill the publishing of a stage at each of its steps, and again when it is gone on with.

A script of its own: `python killed_publishing.py FOLDER WAY` prints a JSON list of `Left`. WAY is
`first` where no release is there, `replaced` where one is, `moving` where folders cannot change
names at once. Steps are those of killed_builds.py.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from profilegen.release import staging
from profilegen.release.set_aside import where_is
from tests.support.killed_builds import content, never, stop_at

DIST, STAGE, MOVED = Path("dist"), Path(".dist.partial"), Path(".dist.old")
ASIDE = Path(".dist.done")
PRIVATE = (".journal", ".chunks")
FILES = {
    "release.json": '{"schema": "profilegen.release/1"}',
    "phone/users/00/a": "signed",
    ".journal/job.json": "{}",
    ".chunks/00000/phone.csv": "a",
}
OLD = {"release.json": '{"schema": "profilegen.release/1", "old": 1}', "phone/users/00/b": "old"}
Left = dict[str, object]


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def build(*, step: int) -> int:
    """Fill a stage and publish it, killed before the step of publishing with that number."""
    with staging.staged(DIST, keep=lambda _: True, private=PRIVATE) as stage:
        write(stage, FILES)
        stop_at(step, signal.SIGKILL)
    return 0


def go_on(*, step: int) -> int:
    """Publish what a killed build left, killed before its step with that number; 0 for none."""
    if step:
        stop_at(step, signal.SIGKILL)
    with staging.staged(DIST, resume=True, keep=lambda _: True, private=PRIVATE) as stage:
        return int(any(not (stage / name).exists() for name in FILES))


def in_child(function: object, *, step: int) -> int:
    """Call a function in a child process; return its exit code, or minus a signal's number."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        code = function(step=step)  # type: ignore[operator] # one of the two above
    finally:
        os._exit(code)


def state() -> str:
    """Return what became of the build: `published`, `whole` if nothing is lost, or `lost`."""
    if content(DIST) == hexed(NEW):
        return "published"
    found = {}
    for name in FILES:
        path = where_is(STAGE, name.partition("/")[0]) / name
        found[name] = path.read_text("utf-8") if path.is_file() else ""
    return "whole" if found == FILES else "lost"


def hexed(files: dict[str, str]) -> dict[str, str]:
    """Return files as `content` returns them."""
    return {name: files[name].encode().hex() for name in sorted(files)}


NEW = {name: text for name, text in FILES.items() if not name.startswith(".")}


def began(way: str) -> None:
    """Make the folder as it was before the first build."""
    for path in Path().glob("*dist*"):
        shutil.rmtree(path)
    if way != "first":
        write(DIST, OLD)


def stands(way: str) -> bool:
    """Say whether the earlier release is still whole, in its place or moved away."""
    return way == "first" or hexed(OLD) in (content(DIST), content(MOVED))


def rehearse(way: str) -> Iterator[Left]:
    """Kill at each step of publishing; once all is set aside, also at each of what goes on."""
    twice = False
    for step in count(1):
        second = False
        row: Left = {}
        for again in count():
            began(way)
            row = {"step": step, "code": in_child(build, step=step), "state": state()}
            row["stands"] = row["state"] == "published" or stands(way)
            row["aside"] = ASIDE.exists()
            second |= not twice and all((ASIDE / name).exists() for name in PRIVATE)
            if row["state"] == "published":
                yield row
                break
            row["again"] = in_child(go_on, step=again)
            row["then"] = state()
            if row["then"] == "whole":
                row["last"] = in_child(go_on, step=0)
            row["end"] = state()
            yield row
            if row["again"] == 0 and (again or not second):
                break
        twice |= second
        if row["code"] == 0:
            return


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    if sys.argv[2] == "moving":
        staging._exchange_at_once = never  # noqa: SLF001 - the one call that is missing there
    sys.stdout.write(json.dumps([*rehearse(sys.argv[2])]))
