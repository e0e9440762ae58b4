"""Files that hold what was right once: compared in every run, rewritten with --update-goldens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Golden:
    """The expected files below `folder`; `update` writes what comes instead of comparing it."""

    folder: Path
    update: bool

    def check(self, name: str, content: bytes) -> None:
        """Compare `content` with the golden file `name` (a path below the folder)."""
        path = self.folder / name
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.exists(), f"{name} has no golden file yet: run pytest --update-goldens"
        # As text, so that pytest shows the lines that differ; latin-1 maps every byte.
        assert content.decode("latin-1") == path.read_bytes().decode("latin-1")
