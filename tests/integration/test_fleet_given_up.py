"""A worker that the scheduler has given up goes on with its chunk: nothing of it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Any

import pytest

from profilegen.cli import workers
from profilegen.release.sinks.chunk import ChunkWriter
from profilegen.release.workers.chunks import ChunkResult, ChunkTask
from profilegen.release.workers.interface import Start
from tests.support.command import RunProfilegen
from tests.support.fleets import Build
from tests.support.releases import snapshot

_PATIENCE = 60
_GIVEN_UP = "given up"


class Haunted:
    """A cluster that has each chunk begun by a worker, and then done by another one.

    The first one goes on when the chunk is in the stage: it opens its files, and breaks off.
    """

    haunted = 0
    held = Event()
    go = Event()

    def __init__(self, place: str) -> None:
        del place

    def results(
        self, start: Start[ChunkTask, ChunkResult], tasks: Iterable[ChunkTask]
    ) -> Iterator[ChunkResult]:
        first, second = start(), start()
        for task in tasks:
            Haunted.held.clear()
            Haunted.go.clear()
            thread = Thread(target=_haunt, args=(first, task), name=_GIVEN_UP)
            thread.start()
            assert Haunted.held.wait(_PATIENCE)
            yield second(task)
            Haunted.go.set()
            thread.join(_PATIENCE)


def _haunt(work: Callable[[ChunkTask], ChunkResult], task: ChunkTask) -> None:
    with pytest.raises(RuntimeError, match=_GIVEN_UP):
        work(task)
    Haunted.haunted += 1


@pytest.mark.parametrize("packing", [(), ("--archive", "tar"), ("--archive", "zip")], ids=str)
def test_a_worker_that_was_given_up_harms_nothing(
    packing: tuple[str, ...],
    fleet: Path,
    build: Build,
    call_profilegen: RunProfilegen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add = ChunkWriter.add

    def haunted_add(self: ChunkWriter, *arguments: Any) -> None:  # noqa: ANN401 - as the original
        is_given_up = current_thread().name == _GIVEN_UP
        if is_given_up:
            Haunted.held.set()
            Haunted.go.wait(_PATIENCE)
        add(self, *arguments)
        if is_given_up:
            raise RuntimeError(_GIVEN_UP)

    monkeypatch.setattr(ChunkWriter, "add", haunted_add)
    monkeypatch.setattr(workers, "Cluster", Haunted)
    monkeypatch.setattr(Haunted, "haunted", 0)
    assert build("-o", "whole", *packing).exit_code == 0
    done = build("--workers", "dask://127.0.0.1:1", *packing)
    assert done.exit_code == 0, done.stderr
    assert Haunted.haunted == 5
    assert snapshot(fleet / "dist") == snapshot(fleet / "whole")
    assert call_profilegen("verify", "dist").exit_code == 0
    assert not list(fleet.glob(".dist*"))
