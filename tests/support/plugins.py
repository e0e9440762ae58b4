"""Packages that add a kind of identity, as an installer leaves them: a module and its metadata."""

from __future__ import annotations

from pathlib import Path

GOOD = '''\
"""Sign with a key that lies in a folder of its own; what follows the scheme names it."""

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

from profilegen.signing.keys.interface import KeyMaterial


def open_key(place, passphrase, /):
    key = load_pem_private_key(Path(place, "key.pem").read_bytes(), passphrase().reveal().encode())
    certificates = load_pem_x509_certificates(Path(place, "chain.pem").read_bytes())
    return KeyMaterial(
        key.public_key(),
        lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()),
        tuple(certificates),
    )
'''


def install_plugin(
    folder: Path, source: str = GOOD, *, scheme: str = "acme", name: str = "acme_signer"
) -> None:
    """Install the module `name` with `source` into `folder`: it opens the identities `scheme`."""
    (folder / f"{name}.py").write_text(source, "utf-8")
    metadata = folder / f"{name}-1.2.dist-info"
    metadata.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {name.replace('_', '-')}", "Version: 1.2", ""]
    (metadata / "METADATA").write_text("\n".join(lines), "utf-8")
    entry = f"[profilegen.identities]\n{scheme} = {name}:open_key\n"
    (metadata / "entry_points.txt").write_text(entry, "utf-8")
