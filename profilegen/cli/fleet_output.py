"""What `profilegen build` tells of a list of users: how many it served, how fast, with what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from profilegen.cli.output import note
from profilegen.cli.progress import duration
from profilegen.inspection.user_index import USERS_FOLDER
from profilegen.release.build import Built
from profilegen.release.sinks.model import Packing
from profilegen.release.workers.chunks import Tally

_WORTH_TELLING = 1_000
_SURE_AFTER = 2.0
"""Seconds of which a rate tells something."""
_STEPS = ("read", "render", "prove", "sign", "write")
"""Proving is one with `--since` only."""
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1_000


def fleet_document(built: Built, *, seconds: float) -> dict[str, object] | None:
    """Return what was done for users, as --format json prints it, None where there are none.

    `seconds` is how long all of the build took; `work_seconds` are sums over all workers.
    """
    tally = built.tally
    if not tally.users:
        return None
    rate = _rate(tally, seconds)
    return {
        "seconds": round(seconds, 3),
        "users_per_second": round(rate, 1) if rate else None,
        "bytes": built.size,
        "signatures": {"made": tally.signed, "taken_over": tally.taken_over},
        "resumed_users": tally.resumed,
        "since": None
        if built.removed is None
        else {
            "unchanged": tally.unchanged,
            "changed": tally.users - tally.unchanged - tally.added,
            "added": tally.added,
            "removed": built.removed,
        },
        "work_seconds": {step: round(time, 3) for step, time in _times(built).items()},
    }


def tell_fleet(built: Built, *, seconds: float) -> None:
    """Say how a long list was served, and of any list what of it was done before.

    Nothing is said where no target has files of users.
    """
    is_long = built.tally.users >= _WORTH_TELLING
    if built.size and (is_long or built.tally.resumed or built.removed is not None):
        note(". ".join(_sentences(built, seconds, is_long=is_long)) + ".")


def _sentences(built: Built, seconds: float, *, is_long: bool) -> Iterator[str]:
    tally = built.tally
    time = duration(seconds) if seconds >= 1 else "less than 1 s"
    rate = _rate(tally, seconds) if seconds >= _SURE_AFTER else 0.0
    speed = f" ({rate:,.0f}/s)" if rate >= 1 else ""
    yield f"{_users(tally.users)} in {time}{speed}, files of {_size(built.size)}"
    if tally.resumed:
        yield f"{tally.resumed:,} of them were done by the build that was interrupted"
    if built.removed is not None:
        yield _since(built, built.removed)
    if is_long and (shares := _shares(built)):
        yield f"Work: {shares}"


def _since(built: Built, removed: int) -> str:
    """Return what is as in the earlier release; `removed` users of it are gone."""
    tally = built.tally
    changed = tally.users - tally.unchanged - tally.added
    counts = f"{changed:,} changed, {tally.added:,} new, {removed:,} gone"
    if tally.taken_over:
        kept = "1 signature" if tally.taken_over == 1 else f"{tally.taken_over:,} signatures"
        return f"Since the earlier release {tally.unchanged:,} are unchanged, {counts}; {kept} kept"
    why = "; encrypted profiles are always made anew" if built.encrypted else ""
    return f"No signature of the earlier release could be kept: {counts}{why}"


def _users(count: int) -> str:
    return "1 user" if count == 1 else f"{count:,} users"


def size_on_disk(built: Built, output: Path, packing: Packing) -> int:
    """Return the bytes of users' files as they lie in the release `output`: archives as a whole."""
    if packing.archive is None:
        return built.size
    archives = output.glob(f"*/{USERS_FOLDER}/*{packing.suffix}")
    return sum(path.stat().st_size for path in archives)


def _rate(tally: Tally, seconds: float) -> float:
    """Return how many users this build has done in a second, 0 where it has done none."""
    return (tally.users - tally.resumed) / seconds if seconds else 0.0


def _shares(built: Built) -> str:
    """Return what part of the work each step was; "" where nothing was worked on."""
    times = _times(built)
    total = sum(times.values())
    return ", ".join(f"{step} {time / total:.0%}" for step, time in times.items()) if total else ""


def _times(built: Built) -> dict[str, float]:
    """Return the seconds that each step took, of those that there were."""
    steps = [step for step in _STEPS if step != "prove" or built.removed is not None]
    return {step: getattr(built.tally.spent, step) for step in steps}


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.3g} {unit}"
        size /= _STEP
    return f"{size:.3g} {_UNITS[-1]}"
