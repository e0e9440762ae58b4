from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from profilegen.errors import ProfilegenError
from profilegen.release.workers.interface import Here
from profilegen.release.workers.processes import Processes, WorkerLostError
from tests.support import crew_jobs

_PATIENCE = 20.0


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("crew", [Here(), Processes(1), Processes(2)], ids=["here", "1", "2"])
def test_the_results_come_in_the_order_of_the_tasks(crew: Here | Processes) -> None:
    squares = [number * number for number in range(50)]
    assert list(crew.results(crew_jobs.squares, range(50))) == squares


def test_a_slow_task_delays_no_other_and_changes_no_order() -> None:
    results = Processes(2).results(crew_jobs.late_squares(0), range(20))
    assert list(results) == [number * number for number in range(20)]


def test_the_work_is_shared_by_processes_that_are_not_this_one() -> None:
    ids = set(Processes(2).results(crew_jobs.process_ids, range(40)))
    assert len(ids) == 2
    assert os.getpid() not in ids
    assert not any(map(_is_running, ids))


def test_no_tasks_at_all() -> None:
    assert list(Processes(2).results(crew_jobs.squares, [])) == []


def test_tasks_are_read_as_workers_come_free() -> None:
    read = 0

    def tasks() -> Iterator[int]:
        nonlocal read
        for number in range(1000):
            read = number
            yield number

    ahead = []
    for done, _ in enumerate(Processes(2).results(crew_jobs.squares, tasks())):
        ahead.append(read - done)
    assert max(ahead) <= 8


@pytest.mark.parametrize(
    ("start", "code", "reports"),
    [
        (crew_jobs.never_opens, 4, [("the key is gone", "Look for it.")]),
        (
            crew_jobs.fails_at_three,
            3,
            [("here", ""), ("there", ""), ("3: 2 faults", "Mend them.")],
        ),
    ],
    ids=["opening", "working"],
)
def test_an_error_of_a_worker_is_the_error_of_the_run(
    start: crew_jobs.Job, code: int, reports: list[tuple[str, str]]
) -> None:
    with pytest.raises(ProfilegenError) as raised:
        list(Processes(2).results(start, range(20)))
    assert (raised.value.exit_code, list(raised.value.reports())) == (code, reports)
    assert "crew_jobs.py" in "".join(raised.value.__notes__)


def test_what_each_process_does_first_can_refuse() -> None:
    with pytest.raises(ProfilegenError, match="not here") as raised:
        list(Processes(1, crew_jobs.refuses).results(crew_jobs.squares, range(3)))
    assert raised.value.exit_code == 2


def test_a_bug_in_a_worker_is_told_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="in a worker: IndexError: list index") as raised:
        list(Processes(1).results(crew_jobs.has_a_bug, range(3)))
    assert "crew_jobs.py" in "".join(raised.value.__notes__)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV"])
def test_a_worker_that_is_killed(name: str) -> None:
    with pytest.raises(WorkerLostError) as raised:
        list(Processes(2).results(crew_jobs.dies_at(5, name), range(100)))
    expected = f"a worker process was killed ({name}) before its work was done"
    assert (raised.value.message, raised.value.exit_code) == (expected, 6)
    assert "--resume" in raised.value.hint


def test_a_worker_that_leaves() -> None:
    with pytest.raises(WorkerLostError, match="ended with exit code 7 before"):
        list(Processes(2).results(crew_jobs.leaves, range(100)))


def test_no_process_is_left_when_the_results_are_not_wanted_any_more(tmp_path: Path) -> None:
    results = Processes(2).results(crew_jobs.marks(tmp_path), _later(tmp_path))
    with closing(results), pytest.raises(LookupError, match="enough"):
        next(results)
    ids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(ids) == 2
    assert not any(map(_is_running, ids))


def _later(folder: Path) -> Iterator[int]:
    """Yield one task, then fail, once both workers are there."""
    yield 0
    _wait_until(lambda: len(list(folder.iterdir())) == 2)
    message = "enough"
    raise LookupError(message)


_PARENT = """
import sys
from pathlib import Path
from profilegen.release.workers.processes import Processes
from tests.support import crew_jobs
if __name__ == "__main__":
    list(Processes(2).results(crew_jobs.marks(Path(sys.argv[1])), range(int(sys.argv[2]))))
"""


@pytest.mark.parametrize("tasks", [9, 2], ids=["more to do", "the last ones"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_the_process_that_started_them(
    number: signal.Signals, tasks: int, tmp_path: Path, checkout: Path
) -> None:
    script, folder = tmp_path / "parent.py", tmp_path / "marks"
    script.write_text(_PARENT, "utf-8")
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, script, folder, str(tasks)],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as parent:
        _wait_until(lambda: len(list(folder.iterdir())) == 2)
        # The terminal sends SIGINT to the whole group.
        (os.killpg if number == signal.SIGINT else os.kill)(parent.pid, number)
        _, errors = parent.communicate(timeout=_PATIENCE)
    ids = [int(path.name) for path in folder.iterdir()]
    _wait_until(lambda: not any(map(_is_running, ids)))
    # Only the parent may say that it was interrupted.
    assert errors.count(b"Traceback") == (1 if number == signal.SIGINT else 0)
