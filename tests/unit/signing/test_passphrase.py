"""A passphrase is all of the first line of its file, as other tools read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.signing.passphrase import passphrase_in


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nanother\n"])
@pytest.mark.parametrize(
    "passphrase", ["secret", " se cret ", "se\x0ccret", "se\u2028cret", "\x85"]
)
def test_the_first_line_is_the_passphrase(passphrase: str, end: str, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(f"{passphrase}{end}".encode())
    assert passphrase_in(file).reveal() == passphrase
