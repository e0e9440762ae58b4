"""Work for worker processes, which import it by its name: what they do well and how they fail."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from profilegen.errors import InputError, SigningError, UsageError

Job = Callable[[], Callable[[int], int]]


class ManyFaultsError(InputError):
    """An error that cannot be made from its message alone, as several of ours cannot."""

    slug = "many-faults"

    def __init__(self, number: int, *, places: tuple[str, ...]) -> None:
        super().__init__(f"{number}: {len(places)} faults", hint="Mend them.")
        self.places = places

    def reports(self) -> tuple[tuple[str, str], ...]:
        return (*((place, "") for place in self.places), (self.message, self.hint))


def square(number: int) -> int:
    return number * number


def squares() -> Callable[[int], int]:
    return square


def late_squares(slow: int) -> Job:
    """Return a start whose workers take long for the task `slow`."""
    return partial(_late, slow)


def _late(slow: int) -> Callable[[int], int]:
    def work(number: int) -> int:
        time.sleep(0.5 if number == slow else 0)
        return square(number)

    return work


def process_ids() -> Callable[[int], int]:
    return lambda _: os.getpid()


def never_opens() -> Callable[[int], int]:
    message = "the key is gone"
    raise SigningError(message, hint="Look for it.")


def fails_at_three() -> Callable[[int], int]:
    def work(number: int) -> int:
        if number == 3:
            raise ManyFaultsError(number, places=("here", "there"))
        return number

    return work


def has_a_bug() -> Callable[[int], int]:
    def work(number: int) -> int:
        return cast("list[int]", [])[number]

    return work


def dies_at(number: int, signal_name: str) -> Job:
    return partial(_dies, number, signal_name)


def _dies(last: int, signal_name: str) -> Callable[[int], int]:
    def work(number: int) -> int:
        if number == last:
            os.kill(os.getpid(), signal.Signals[signal_name])
            time.sleep(30)
        return number

    return work


def leaves() -> Callable[[int], int]:
    os._exit(7)


def marks(folder: Path) -> Job:
    """Return a start whose workers write their process id into `folder`, and work for ever."""
    return partial(_marks, folder)


def _marks(folder: Path) -> Callable[[int], int]:
    (folder / str(os.getpid())).touch()

    def work(_number: int) -> int:
        while True:
            time.sleep(1)

    return work


def refuses() -> None:
    """Stand in for what each process does first."""
    message = "not here"
    raise UsageError(message, hint="Elsewhere.")
