"""Users in chunks of a fixed number, and what is told of a chunk that is written."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path

from profilegen.release.resume.journal import Noted
from profilegen.release.sinks.model import USERS_IN_CHUNK, ChunkDone
from profilegen.render.user import UserRow


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of work, summed over all processes: these are not the seconds that a build takes.

    `prove` is what it took to find the signatures of an earlier release, and to be sure of them.
    """

    read: float = 0.0
    render: float = 0.0
    prove: float = 0.0
    sign: float = 0.0
    write: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Return the sum of both, step by step."""
        return Spent(
            self.read + other.read,
            self.render + other.render,
            self.prove + other.prove,
            self.sign + other.sign,
            self.write + other.write,
        )


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """The users of one chunk, in the order of the list.

    `number` counts from 0. `text` has the ids and the values of `fields` of `count` users, each on
    a line of its own, in UTF-8: thousands of objects take long to pickle. `read` is the time that
    reading them took, in seconds. `noted` is what the journal has of the chunk, for workers that do
    not see it; a chunk that is whole by that was looked at already.
    """

    number: int
    fields: tuple[str, ...]
    count: int
    text: bytes = field(repr=False)
    read: float = 0.0
    noted: Noted | None = None

    def rows(self) -> list[UserRow]:
        """Return the users."""
        cells = iter(self.text.decode().split("\n"))
        return list(zip(*[cells] * (1 + len(self.fields)), strict=True))

    def sha256(self) -> str:
        """Return a digest of the users, in hexadecimal: of their ids and values, nothing else."""
        digest = hashlib.sha256(json.dumps(self.fields).encode())
        digest.update(self.text)
        return digest.hexdigest()

    @property
    def described(self) -> str:
        """Which users these are, for messages."""
        first = self.number * USERS_IN_CHUNK
        return f"users {first + 1} to {first + self.count}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done for the users of a chunk or of several.

    `signed` and `taken_over` count signatures: those made, and those of an earlier release, of
    `unchanged` users, whose every file is as it was; `added` users were not in that release.
    `resumed` users were done by the interrupted build that this one continues.
    """

    users: int = 0
    signed: int = 0
    taken_over: int = 0
    unchanged: int = 0
    added: int = 0
    resumed: int = 0
    spent: Spent = Spent()

    @property
    def kept(self) -> dict[str, int]:
        """Return the numbers that stay true when another build goes on."""
        return {name: getattr(self, name) for name in ("taken_over", "unchanged", "added")}

    def __add__(self, other: Tally) -> Tally:
        """Return the sum of both, number by number."""
        return Tally(
            self.users + other.users,
            self.signed + other.signed,
            self.taken_over + other.taken_over,
            self.unchanged + other.unchanged,
            self.added + other.added,
            self.resumed + other.resumed,
            self.spent + other.spent,
        )


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """A chunk that is whole on disk; `users_sha256` is the digest of its users.

    `readable` has, by target, sentences on secrets in the files of the first user that has some;
    `warnings` what people should know and were not told by the same worker yet. A worker that does
    not see the stage has the chunk on no disk: `files` are its files, by their paths in the stage.
    One that may have been given up, and does not know it, has it in the folder `place` of its own.
    """

    done: ChunkDone
    tally: Tally
    users_sha256: str
    readable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    place: Path | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the files are not in the stage yet."""
        return bool(self.files) or self.place is not None


def chunked(
    users: Iterable[UserRow],
    fields: tuple[str, ...],
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[ChunkTask]:
    """Yield all `users` in chunks, the last one as small as it may be; there is no empty one.

    All users have values of `fields`, in this order. Raises ValueError for a value that is no line:
    people who are read from lists have none.
    """
    remaining = iter(users)
    for number in count():
        start = clock()
        rows = tuple(islice(remaining, USERS_IN_CHUNK))
        if not rows:
            return
        text = "\n".join(chain.from_iterable(rows))
        if text.count("\n") != len(rows) * (1 + len(fields)) - 1:
            message = f"a value among those of users {rows[0][0]!a} to {rows[-1][0]!a} is no line"
            raise ValueError(message)
        yield ChunkTask(number, fields, len(rows), text.encode(), clock() - start)
