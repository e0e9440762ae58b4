"""Kill builds, each one step later than the one before, and say what each left behind.

A script of its own: `python killed_builds.py FOLDER SIGNAL WAY ARGUMENT...` runs `profilegen
ARGUMENTS` in FOLDER. A step is a call that opens, makes, lists, renames or removes something (an
audit event of Python), from the first one that names the output. Before each build FOLDER/dist
becomes a copy of FOLDER/old, if there is one; after it another build, which is left alone, has to
succeed. Of the builds that are killed many leave the same files: for these that other build is made
once, since it knows nothing but the files. Prints a JSON list of `Left` until a build gets to its
end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from profilegen.cli.main import main
from profilegen.release import staging

STEPS = ("ctypes.dlsym", "open", "os.", "shutil.")
DIST, OLD = Path("dist"), Path("old")
KILLED_LATER = "1796083300"
Left = dict[str, object]
State = tuple[tuple[str, int, bytes], ...]


def stop_at(step: int, number: signal.Signals) -> None:
    """Send the signal to this process before its step with the given number."""
    counted = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        begun = counted or any(DIST.name in str(argument) for argument in arguments)
        if begun and event.startswith(STEPS):
            counted += 1
            if counted == step:
                os.kill(os.getpid(), number)

    sys.addaudithook(hook)


def run(arguments: list[str], step: int, number: signal.Signals) -> int:
    """Run profilegen in a child process; return its exit code, or minus the signal's number."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if step:
        stop_at(step, number)
    os._exit(call(arguments))


def call(arguments: list[str]) -> int:
    """Run profilegen in this process, silently; return its exit code."""
    sys.argv = ["profilegen", *arguments]
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)


def content(folder: Path) -> dict[str, str] | None:
    """Return the files of a folder, None when it is not there."""
    if not folder.is_dir():
        return None
    return {
        str(path.relative_to(folder)): path.read_bytes().hex()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def named(found: dict[str, str] | None, known: dict[str, dict[str, str] | None]) -> str:
    """Return the name that a folder's content is known by."""
    return next((name for name, files in known.items() if files == found), "broken")


def clean() -> None:
    """Take away every release but the old one."""
    for path in (DIST, *Path().glob(".dist*")):
        shutil.rmtree(path, ignore_errors=True)


def never(one: bytes, other: bytes) -> bool:
    """Stand in for the exchange of two folders where there is none."""
    del one, other
    return False


def state() -> State:
    """Return path, type with permissions, and content of all that a build finds of releases."""
    found = [path for top in sorted(Path().glob("*dist*")) for path in (top, *top.rglob("*"))]
    return tuple(
        (str(path), path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(found)
    )


def rehearse(arguments: list[str], number: signal.Signals) -> list[Left]:
    """Kill a build at every step; return what was there after it and after the next one."""
    clean()
    # In this process, so that the children have everything imported and loaded.
    assert call(arguments) == 0
    known = {"nothing": None, "new": content(DIST), "old": content(OLD)}
    left: list[Left] = []
    after: dict[State, Left] = {}
    code = -1
    while code:
        clean()
        if OLD.is_dir():
            shutil.copytree(OLD, DIST)
        code = run(arguments, len(left) + 1, number)
        row: Left = {"code": code, "dist": named(content(DIST), known)}
        row["moved"] = named(content(Path(".dist.old")), known)
        row["stage"] = Path(".dist.partial").exists()
        found = state()
        if found not in after:
            after[found] = gone_on(arguments, known)
        left.append(row | after[found])
    return left


def gone_on(arguments: list[str], known: dict[str, dict[str, str] | None]) -> Left:
    """Build where a build ended; return what is there after it."""
    return {
        "next": run(arguments, 0, signal.SIGKILL),
        "then": named(content(DIST), known),
        "litter": sorted(path.name for path in Path().glob(".dist*")),
    }


if __name__ == "__main__":
    folder, signal_name, way, *rest = sys.argv[1:]
    os.chdir(folder)
    os.environ["SOURCE_DATE_EPOCH"] = KILLED_LATER
    if way == "moving":  # a file system where folders cannot change names at once
        staging._exchange_at_once = never  # noqa: SLF001 - the one call that is missing there
    sys.stdout.write(json.dumps(rehearse(rest, signal.Signals[signal_name])))
