"""What it costs to put users' files into archives, and what memory it takes to verify them.

Method: signed profiles of 8 kB that differ as those of users do go into one plain file, by a
buffered writer, and into each kind of archive, in turn, so that all meet the same load of the
machine; each round gives ratios, and their median is the result. The disk is that of the
temporary folder, and nothing is synced. Then a short and a long list are built and verified, each
in a process of its own, whose peak memory is read (getrusage). Exits with 1 when tar costs more
than LIMIT plain writers, or when the memory grows by more than GROWTH.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from profilegen.release.sinks.archives import open_archive
from profilegen.release.sinks.model import ArchiveKind, Packing

ROUNDS, MEMBERS, SIZE = 15, 2_500, 8_000
LIMIT = 5.0
SHORT, LONG = 2_000, 20_000
GROWTH = 1.15
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
PACKINGS = (
    Packing(ArchiveKind.TAR),
    Packing(ArchiveKind.TAR, compressed=True),
    Packing(ArchiveKind.ZIP),
    Packing(ArchiveKind.ZIP, compressed=True),
)
POLICY = """\
policy: 1
organization: {name: Example, identifier: com.example.mail, contact: "help@example.com"}
accounts:
  - id: staff
    service: exchange
    address: "{{ user.email }}"
    server: {host: mail.example.com}
    client: {android: outlook}
    sharing: contained
targets:
  - {id: phone, platform: ios, enrollment: device, minimum_os: "17", accounts: [staff]}
"""
COMMAND = (sys.executable, "-m", "profilegen")


def members() -> list[tuple[str, bytes]]:
    """Return names and contents: text that is much alike, and a signature that is not."""
    lines = [f"<key>allowSetting{number}</key><false/>\n" for number in range(SIZE // 44)]
    text = "".join(lines)
    return [
        (f"user{number}.mobileconfig", f"{text}user{number}@example.com".encode() + os.urandom(256))
        for number in range(MEMBERS)
    ]


def write_plainly(path: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """Write all contents into one file, one after the other."""
    with path.open("wb", buffering=1 << 20) as stream:
        for _, content in files:
            stream.write(content)


def writer_of(packing: Packing) -> Callable[[Path, Sequence[tuple[str, bytes]]], None]:
    """Return the function that writes files into an archive."""

    def write(path: Path, files: Sequence[tuple[str, bytes]]) -> None:
        archive = open_archive(path, packing, CREATED)
        for name, content in files:
            archive.add(name, content)
        archive.close()

    return write


def seconds(write: Callable[[Path, Sequence[tuple[str, bytes]]], None], path: Path) -> float:
    """Return how long it takes to write all members."""
    files = members()
    start = time.perf_counter()
    write(path, files)
    return time.perf_counter() - start


def compare_archives(folder: Path) -> bool:
    """Print the cost and the size of each archive; return whether tar keeps within LIMIT."""
    ratios: dict[Packing, list[float]] = {packing: [] for packing in PACKINGS}
    plain = folder / "plain"
    for _ in range(ROUNDS):
        base = seconds(write_plainly, plain)
        for packing, found in ratios.items():
            found.append(seconds(writer_of(packing), folder / name_of(packing)) / base)
    for packing, found in ratios.items():
        size = (folder / name_of(packing)).stat().st_size / plain.stat().st_size
        cost = f"{median(found):5.1f} ({min(found):.1f}-{max(found):.1f})"
        print(f"{name_of(packing):<16} time x {cost}, size x {size:.2f}")
    return median(ratios[PACKINGS[0]]) <= LIMIT


def name_of(packing: Packing) -> str:
    """Return a packing in words."""
    return f"{'compressed' if packing.compressed else 'plain'}{packing.suffix}"


def peak_of_verify(folder: Path, users: int, *options: str) -> float:
    """Return the peak memory in MB of verifying a release for so many users."""
    rows = "".join(f"user{number},user{number}@example.com\n" for number in range(users))
    (folder / "users.csv").write_text(f"id,email\n{rows}", encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    build = ("build", "policy.yaml", "--users", "users.csv", "--quiet", *options)
    subprocess.run(  # noqa: S603  (our own command)
        [*COMMAND, *build], cwd=folder, check=True, capture_output=True
    )
    verify = [*COMMAND, "verify", "dist", "--quiet"]
    process = subprocess.Popen(  # noqa: S603  (our own command)
        verify, cwd=folder, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, verify)
    return _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def compare_memory() -> bool:
    """Print the peaks of a short and a long list; return whether they are the same."""
    same = True
    for options in ((), ("--archive", "tar")):
        peaks = []
        for users in (SHORT, LONG):
            with tempfile.TemporaryDirectory() as folder:
                peaks.append(peak_of_verify(Path(folder), users, *options))
        words = f"{SHORT} users {peaks[0]:.0f} MB, {LONG} users {peaks[1]:.0f} MB"
        print(f"verify {' '.join(options) or 'folders'}: {words}")
        same = same and peaks[1] <= peaks[0] * GROWTH
    return same


def main() -> int:
    """Measure, print and judge."""
    with tempfile.TemporaryDirectory() as folder:
        archives = compare_archives(Path(folder))
    memory = compare_memory()
    return 0 if archives and memory else 1


if __name__ == "__main__":
    sys.exit(main())
