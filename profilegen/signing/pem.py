"""Cut a text into its PEM blocks (RFC 7468). Knows armour only, not what is inside."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

_BEGIN = b"-----BEGIN "
_END = b"-----END "
_DASHES = b"-----"


@dataclass(frozen=True, slots=True)
class Block:
    """One armoured block: its label (`CERTIFICATE`) and its text with the armour."""

    label: str
    text: bytes

    def der(self) -> bytes:
        """Return what the armour holds; ValueError when that is not base64."""
        lines = self.text.splitlines()[1:-1]
        return base64.b64decode(b"".join(lines), validate=True)


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the complete blocks of `data` in order.

    What stands between blocks is skipped, as RFC 7468 section 2 allows: `openssl` writes a
    description of each certificate there. One pass, so a hostile file costs no more than its size.
    """
    label: bytes | None = None
    lines: list[bytes] = []
    for raw in data.splitlines():
        line = raw.strip()
        if line.startswith(_BEGIN) and line.endswith(_DASHES):
            label, lines = line[len(_BEGIN) : -len(_DASHES)], []
        if label is None:
            continue
        lines.append(line)
        if line == _END + label + _DASHES:
            yield Block(label.decode("ascii", "replace"), b"\n".join(lines) + b"\n")
            label = None
