"""Fuzz the audit: `python -m tests.fuzz --inputs 500000 --workers 2`.

Mutates our own samples and the corpus with a fixed seed, so that a run can be repeated. With
`--atheris` a coverage-guided fuzzer takes over; it is no dependency and must be installed.
Exits with 1 if an input raised anything, took more than 2 seconds or 300 MB.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.run import LARGEST, LONGEST, Report, work
from tests.fuzz.samples import own_jsons, own_plists
from tests.fuzz.target import inspect_bytes

_CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def main(arguments: list[str]) -> int:
    """Run as `arguments` say, print what was seen, return the exit code."""
    options = _options(arguments)
    if options.file:
        for path in options.file:
            inspect_bytes(path.read_bytes())
        return 0
    if options.atheris:
        return _guided(options.rest, options.save)
    count = -(-options.inputs // options.workers)
    tasks = [
        (f"{options.seed}:{worker}", count, options.seconds, options.save, options.corpus)
        for worker in range(options.workers)
    ]
    total = Report()
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        for report in pool.map(work, *zip(*tasks, strict=True)):
            total.add(report)
    _print(total, options.save)
    return 1 if total.failures else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--corpus", type=Path, default=_CORPUS)
    parser.add_argument("--save", type=Path, default=Path("build/fuzz"), help="for failing inputs")
    parser.add_argument("--file", type=Path, action="append", help="run one input and stop")
    parser.add_argument("--atheris", action="store_true", help="the rest goes to libFuzzer")
    parser.add_argument("rest", nargs="*", default=[])
    return parser.parse_args(arguments)


def _print(report: Report, save: Path) -> None:
    rate = report.inputs / report.seconds if report.seconds else 0.0
    lines = [
        f"inputs    {report.inputs:,} ({rate:.0f} per second)",
        f"slowest   {report.slowest:.2f} s of {LONGEST:.0f} s",
        f"memory    {report.peak} MB of {LARGEST} MB",
        f"failures  {len(report.failures)}",
        *(f"  {save / digest}: {fault}" for fault, digest in report.failures),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _guided(rest: list[str], save: Path) -> int:
    try:
        atheris = import_module("atheris")
    except ImportError:
        sys.stderr.write("atheris is not installed: python -m pip install atheris\n")
        return 2
    folder = save / "corpus"
    folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate([*own_plists(), *own_jsons()]):
        (folder / f"own-{number}").write_bytes(sample)
    atheris.instrument_all()
    atheris.Setup(
        [sys.argv[0], "-timeout=10", f"-artifact_prefix={save}/", *rest, str(folder)], inspect_bytes
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
