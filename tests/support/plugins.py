"""Packages that add a kind of identity, as an installer leaves them: a module and its metadata."""

from __future__ import annotations

import re
from pathlib import Path

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "signing.md"
_BLOCK = re.compile(r"^```python\n(.*?def open_key.*?)^```$", re.DOTALL | re.MULTILINE)


def example() -> str:
    """Return the plugin that the documentation shows: an RSA key and its chain in a folder."""
    found = _BLOCK.search(_DOCUMENT.read_text("utf-8"))
    assert found is not None
    return found[1]


def install_plugin(
    folder: Path, source: str = "", *, scheme: str = "acme", name: str = "acme_signer"
) -> None:
    """Install a module with `source`, else the example, into `folder`: it opens `scheme`."""
    (folder / f"{name}.py").write_text(source or example(), "utf-8")
    metadata = folder / f"{name}-1.2.dist-info"
    metadata.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name.replace('_', '-')}", "Version: 1.2", ""]
    (metadata / "METADATA").write_text("\n".join(lines), "utf-8")
    entry = f"[profilegen.identities]\n{scheme} = {name}:open_key\n"
    (metadata / "entry_points.txt").write_text(entry, "utf-8")
