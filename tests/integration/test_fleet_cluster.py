"""Fleets by a Dask cluster: the bytes of one process, and an end in good order without one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from profilegen import __version__
from profilegen.release.resume.journal import JOURNAL_FOLDER
from tests.support.cluster import BLIND, OLD, DaskCluster, dask_cluster, unused_port
from tests.support.fleets import start_build, write_fleet
from tests.support.releases import snapshot

_CHUNKS = f".dist.partial/{JOURNAL_FOLDER}/chunks"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a policy, a list of 90 users and the release `whole` for it."""
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(folder)
    assert _build(folder, "-o", "whole")[0] == 0
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Return a cluster of two workers, in another current folder."""
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """Return a cluster whose workers do not see the folder of the release."""
    with dask_cluster(tmp_path_factory.mktemp("far"), first=BLIND) as found:
        yield found


def _build(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start_build(folder, *arguments)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


@pytest.mark.parametrize("kind", ["cluster", "far"])
def test_the_bytes_are_those_of_one_process(
    kind: str, fleet: Path, request: pytest.FixtureRequest
) -> None:
    found: DaskCluster = request.getfixturevalue(kind)
    code, _, errors = _build(fleet, "-o", kind, "--workers", found.option)
    assert code == 0, errors
    assert snapshot(fleet / kind) == snapshot(fleet / "whole")
    assert len(errors.splitlines()) == 1  # about the development identity


@pytest.mark.parametrize("kind", ["cluster", "far"])
def test_an_interrupted_build_goes_on_elsewhere(
    kind: str, fleet: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found: DaskCluster = request.getfixturevalue(kind)
    write_fleet(tmp_path, users=300)
    process = start_build(tmp_path, "--workers", "2")
    _wait_for_chunks(tmp_path, 4)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    code, output, errors = _build(tmp_path, "--resume", "--workers", found.option)
    assert code == 0, errors
    assert "for 300 users" in output
    assert "of them were done by the build that was interrupted" in errors
    assert _build(tmp_path, "-o", "whole")[0] == 0
    assert snapshot(tmp_path / "dist") == snapshot(tmp_path / "whole")
    del fleet


def test_signatures_are_kept_by_workers_that_see_the_earlier_release(
    fleet: Path, cluster: DaskCluster
) -> None:
    code, _, errors = _build(fleet, "-o", "since", "--workers", cluster.option, "--since", "whole")
    assert code == 0, errors
    assert "90 are unchanged, 0 changed, 0 new, 0 gone; 180 signatures kept" in errors


def test_signatures_are_kept_where_the_earlier_release_is(fleet: Path, far: DaskCluster) -> None:
    code, _, errors = _build(fleet, "--workers", far.option, "--since", "whole")
    assert code == 2
    assert errors.splitlines()[-2:] == [
        "error: --since: the workers do not see the folder of the release",
        "hint: Let them see it under the same path, or use processes of this machine.",
    ]


def test_no_scheduler(fleet: Path) -> None:
    place = f"127.0.0.1:{unused_port()}"
    code, _, errors = _build(fleet, "-o", "none", "--workers", f"dask://{place}")
    assert code == 6
    assert errors.splitlines()[-2:] == [
        f"error: dask://{place}: no Dask scheduler answers",
        "hint: Check the address, and that the cluster runs with the same version of Dask.",
    ]


def test_no_workers(fleet: Path, tmp_path: Path) -> None:
    with dask_cluster(tmp_path, workers=0) as found:
        code, _, errors = _build(fleet, "-o", "none", "--workers", found.option)
    assert code == 6
    assert errors.splitlines()[-2] == f"error: {found.option}: the cluster has no workers"


def test_workers_of_another_version(fleet: Path, tmp_path: Path) -> None:
    with dask_cluster(tmp_path, first=OLD, workers=1) as found:
        code, _, errors = _build(fleet, "-o", "none", "--workers", found.option)
    assert code == 2
    error, hint = errors.splitlines()[-2:]
    assert error.startswith("error: --workers: the worker tcp://127.0.0.1:")
    assert error.endswith(f" has profilegen 0.0.1, and this is {__version__}")
    assert hint == "hint: Install the same version wherever the cluster has workers."


@pytest.mark.parametrize("lost", ["scheduler", "workers"])
def test_a_cluster_that_is_lost_in_the_middle(lost: str, tmp_path: Path) -> None:
    write_fleet(tmp_path, users=3000)
    (tmp_path / "cluster").mkdir()
    with dask_cluster(tmp_path / "cluster") as found:
        process = start_build(tmp_path, "--workers", found.option)
        _wait_for_chunks(tmp_path, 4)
        for part in found.workers if lost == "workers" else (found.scheduler,):
            os.kill(part.pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 6, errors
    error, hint = errors.splitlines()[-2:]
    assert error.startswith(f"error: {found.option}: ")
    assert hint.endswith("users are done; --resume continues.")
    assert "Traceback" not in errors
    assert _build(tmp_path, "--resume", "--workers", "2")[0] == 0


def _wait_for_chunks(folder: Path, count: int) -> None:
    end = time.monotonic() + 60
    while len(list(folder.glob(f"{_CHUNKS}/*.json"))) < count:
        assert time.monotonic() < end
        time.sleep(0.01)
