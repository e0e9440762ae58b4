"""A random secret, and the search for it wherever a process could leave one.

What a search of files cannot see, the list of processes, is read from /proc, while they run.
"""

from __future__ import annotations

import base64
import os
import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_SECONDS = 0.05
"""Between two looks at the list of processes."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret that stands nowhere by chance; `wrong` is one that contains it."""

    value: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def wrong(self) -> str:
        return f"{self.value}-wrong"

    def is_in(self, data: bytes | str) -> bool:
        """Say whether `data` holds the secret: as it is, as UTF-16, hexadecimal or base64."""
        searched = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        return any(form in searched for form in self._forms())

    def files_with_it(self, folder: Path, *, except_for: Collection[Path] = ()) -> list[Path]:
        """Return the files below `folder` that hold the secret in content or name."""
        return [
            path
            for path in sorted(folder.rglob("*"))
            if path not in except_for
            and (self.is_in(path.name) or (path.is_file() and self.is_in(path.read_bytes())))
        ]

    def _forms(self) -> Iterator[bytes]:
        plain = self.value.encode()
        for form in (plain, self.value.encode("utf-16-le"), self.value.encode("utf-16-be")):
            yield form
            yield form.hex().encode()
            # What stands before it shifts the groups of three bytes; the outer ones mix with it.
            for before in range(3):
                yield base64.b64encode(bytes(before) + form)[4:-4]


@dataclass(slots=True)
class Sightings:
    """Where the list of processes showed the secret, and how many processes were looked at."""

    where: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


@contextmanager
def watched_processes(canary: Canary) -> Iterator[Sightings]:
    """Look for the secret in the processes of the machine until the block ends.

    In the arguments of all of them, and in the environment of those that a command started: a
    command itself may have been given the secret there.
    """
    sightings, ended = Sightings(), threading.Event()

    def watch() -> None:
        while not ended.wait(_SECONDS):
            look_at_processes(canary, sightings)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sightings
    finally:
        ended.set()
        watcher.join()


def look_at_processes(canary: Canary, sightings: Sightings) -> None:
    """Look once, as `watched_processes` does."""
    for entry in _PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        sightings.seen.add(int(entry.name))
        if canary.is_in(_content(entry / "cmdline")):
            sightings.where.append(f"arguments of process {entry.name}")
        if _generation(entry) > 1 and canary.is_in(_content(entry / "environ")):
            sightings.where.append(f"environment of process {entry.name}")


def _generation(entry: Path) -> int:
    """Return 1 for a process that this one started, 2 for what that one started, 0 for others."""
    generation = 0
    process = int(entry.name)
    while process not in {0, os.getpid()}:
        process = _parent(process)
        generation += 1
    return generation if process else 0


def _parent(process: int) -> int:
    """Return the parent of a process, 0 if there is none."""
    # The name in brackets may hold anything: proc(5).
    _, _, rest = _content(_PROC / str(process) / "stat").rpartition(b")")
    fields = rest.split()
    return int(fields[1]) if fields else 0


def _content(path: Path) -> bytes:
    """Return the content of a file of /proc, empty when the process is gone or not ours."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
