"""Processes that do one thing only, as fast as it goes: what a build is compared with."""

from __future__ import annotations

import csv
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from fleet_material import raw_signature

from profilegen.release.durable import sync_many
from profilegen.release.sinks.model import USERS_IN_CHUNK

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_FILES_OF_ONE = 2
"""A person has a signed profile and the unsigned one."""


@contextmanager
def raw_pair(
    target: Callable[..., None], count: int, *args: object
) -> Iterator[Callable[[int], float]]:
    """Give what has `count` processes do so many tasks together; it returns tasks per second.

    Each runs `target` with a pipe, its number, and `args`.
    """
    context = multiprocessing.get_context("spawn")
    pipes = []
    processes = []
    for number in range(count):
        ours, theirs = context.Pipe()
        process = context.Process(target=target, args=(theirs, number, *args), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)

    def rate(tasks: int) -> float:
        begun = time.perf_counter()
        for pipe in pipes:
            pipe.send(tasks // count)
        for pipe in pipes:
            pipe.recv()
        return tasks / (time.perf_counter() - begun)

    try:
        for pipe in pipes:
            pipe.recv()
        yield rate
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join()


def signing(pipe: Connection, _number: int, uri: str) -> None:
    """Sign with the key that `uri` names."""
    sign = raw_signature(uri)
    for count in _asked(pipe):
        for _ in range(count):
            sign()


def writing_files(pipe: Connection, number: int, release: Path, plain: Path) -> None:
    """Write files for people as `release` has them, with one syncfs(2) for each chunk.

    In the order of the index, as a build does: two processes that create files in one folder at the
    same time wait for each other.
    """
    (index,) = release.glob("*/users/index.csv")
    with index.open(encoding="utf-8", newline="") as rows:
        names = [row["file"] for row in csv.DictReader(rows)]
    step = _FILES_OF_ONE * USERS_IN_CHUNK
    own = [names[start : start + step] for start in range(0, len(names), step)][number::2]
    contents = [(name, (release / name).read_bytes()) for names in own for name in names]
    for count in _asked(pipe):
        for start in range(0, count * _FILES_OF_ONE, step):
            for path, content in contents[start : min(start + step, count * _FILES_OF_ONE)]:
                _write(plain / path, content)
            sync_many(plain, ())


def _asked(pipe: Connection) -> Iterator[int]:
    """Yield how many tasks the parent asks for, and tell it when they are done, until it goes."""
    pipe.send(None)
    try:
        while True:
            yield pipe.recv()
            pipe.send(None)
    except EOFError:
        pass


def _write(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, _NEW, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, _NEW, 0o666)
    os.write(descriptor, content)
    os.close(descriptor)
