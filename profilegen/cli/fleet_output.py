"""What `profilegen build` tells of a list of users: how many it served, how fast, with what."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.cli.output import note
from profilegen.cli.progress import duration
from profilegen.release.build import Built
from profilegen.release.workers.chunks import Tally

_WORTH_TELLING = 1_000
_STEPS = ("read", "render", "sign", "write")
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
        "work_seconds": {step: round(getattr(tally.spent, step), 3) for step in _STEPS},
    }


def tell_fleet(built: Built, *, seconds: float) -> None:
    """Say how a long list was served, or a list of which a part was done before.

    Nothing is said where no target has files of users.
    """
    tally = built.tally
    if not built.size:
        return
    before = tally.resumed or tally.taken_over
    if tally.users >= _WORTH_TELLING or before:
        note(". ".join(_sentences(built, seconds)) + ".")


def _sentences(built: Built, seconds: float) -> Iterator[str]:
    tally = built.tally
    rate = _rate(tally, seconds)
    speed = f" ({rate:,.0f}/s)" if rate else ""
    yield f"{tally.users:,} users in {duration(seconds)}{speed}, {_size(built.size)}"
    if tally.resumed:
        yield f"{tally.resumed:,} of them were done by the build that was interrupted"
    if built.removed is not None:
        changed = tally.users - tally.unchanged - tally.added
        yield (
            f"Since the earlier release {tally.unchanged:,} are unchanged, {changed:,} changed,"
            f" {tally.added:,} new, {built.removed:,} gone; {tally.taken_over:,} signatures kept"
        )
    if shares := _shares(tally):
        yield f"Work: {shares}"


def _rate(tally: Tally, seconds: float) -> float:
    """Return how many users this build has done in a second, 0 where it has done none."""
    return (tally.users - tally.resumed) / seconds if seconds else 0.0


def _shares(tally: Tally) -> str:
    """Return what part of the work each step was."""
    times = {step: getattr(tally.spent, step) for step in _STEPS}
    total = sum(times.values())
    return ", ".join(f"{step} {time / total:.0%}" for step, time in times.items()) if total else ""


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.3g} {unit}"
        size /= _STEP
    return f"{size:.3g} {_UNITS[-1]}"
