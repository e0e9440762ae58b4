"""Run profilegen with chunks of fewer users, and let something happen at a step of it.

A script of its own: `python small_chunks.py ARGUMENT...` runs `profilegen ARGUMENTS`. These
variables say how:

- CHUNK: how many users a chunk holds.
- STEPS: where the steps of each process are written, one a line: in a file STEPS.PROCESS, whose
  PROCESS is "MainProcess" or "SpawnProcess-1". A step is a call that opens, makes, lists, renames
  or removes something in the stage of the release `dist`, as an audit event of Python.
- EVENT: `PROCESS STEP ACTION`: before the step with that number, counted from 0, the process sends
  itself the signal ACTION, or its parent, where that is `parent-SIGNAL`; or it does the renaming
  `OLD:NEW`.
- PATIENCE: after how many seconds a cluster counts as lost.
- LIMIT: how many bytes a file may have; the system refuses to write more (RLIMIT_FSIZE).

Workers import this file, too, and obey as well.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from multiprocessing import current_process
from pathlib import Path

from profilegen.release.sinks import model

CHUNK, STEPS, EVENT, LIMIT = "CHUNK", "STEPS", "EVENT", "LIMIT"
PATIENCE = "PATIENCE"
_CALLS = ("open", "os.", "shutil.")
_STAGE = ".dist."


def watch(log: str, event: str) -> None:
    """Count the steps of this process from now on."""
    me = current_process().name
    process, number, action = event.split(" ")
    last = int(number) if process == me else -1
    lines = os.open(f"{log}.{me}", os.O_WRONLY | os.O_CREAT | os.O_APPEND) if log else -1
    counted = 0

    def hook(call: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        if not call.startswith(_CALLS):
            return
        shown = f"{call} {' '.join(map(str, arguments))}"
        if _STAGE not in shown:
            return
        counted += 1
        if lines >= 0:
            os.write(lines, f"{shown}\n".encode("utf-8", "backslashreplace"))
        if counted == last + 1:
            act(action)

    sys.addaudithook(hook)


def act(action: str) -> None:
    """Send a signal or rename a file, as EVENT says."""
    old, colon, new = action.partition(":")
    if colon:
        Path(old).rename(new)
        return
    name = action.removeprefix("parent-")
    os.kill(os.getpid() if name == action else os.getppid(), signal.Signals[name])


if CHUNK in os.environ:
    # Before anything else of profilegen is imported, and takes it over.
    model.USERS_IN_CHUNK = int(os.environ[CHUNK])
if LIMIT in os.environ:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ[LIMIT]), -1))
if STEPS in os.environ or EVENT in os.environ:
    watch(os.environ.get(STEPS, ""), os.environ.get(EVENT, "nobody -1 SIGKILL"))

if __name__ == "__main__":
    from profilegen.cli.main import main
    from profilegen.release.workers import cluster

    if PATIENCE in os.environ:
        vars(cluster)["_PATIENCE"] = float(os.environ[PATIENCE])
    sys.argv[0] = "profilegen"
    main()
