"""Render and sign in one process, against the key alone; and the same with the key in a token."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from fleet_material import AT, Key, batches_for, make_job, make_key, spliced
from fleet_method import Figure, alternating

from profilegen.release.workers.chunk_work import USERS_IN_BATCH
from profilegen.secrets import Secret
from profilegen.signing.algorithms import KeyKind
from profilegen.signing.batch import batch_signer
from profilegen.signing.identity import Identity, open_identity

_KINDS = (
    (KeyKind.RSA_2048, 0.93, 0.95, 10),
    (KeyKind.RSA_3072, 0.96, None, 5),
    (KeyKind.RSA_4096, 0.97, None, 2),
    (KeyKind.P256, 0.60, 0.70, 50),
)
_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
_PIN = "0000"


def one_process(folder: Path, *, pairs: int) -> Iterator[Figure]:
    """Yield a figure for each kind of key."""
    for kind, required, goal, step in _KINDS:
        key = make_key(kind, folder)
        ours = full(key.signer().identity)
        ratios = alternating(ours, key.raw(), each=USERS_IN_BATCH, pairs=pairs, step=step)
        yield Figure(f"render + sign, {kind}", ratios, required, goal)


def full(identity: Identity) -> Callable[[], None]:
    """Return the body of our loop: the files of the next USERS_IN_BATCH people, signed."""
    target = spliced(make_job())
    sign = batch_signer(identity, signed_at=AT).sign_embedded
    batches = cycle(batches_for(target))

    def body() -> None:
        sign([file.content for files in target.files_of(next(batches)) for file in files])

    return body


def token(folder: Path, *, pairs: int) -> Iterator[Figure]:
    """Yield a figure for each kind of key that lies in SoftHSM2, against the same session's own."""
    import pkcs11  # noqa: PLC0415  (an extra)

    module = next((name for name in _MODULES if Path(name).exists()), None)
    if module is None:
        print("no SoftHSM2 here: its figures are left out")
        return
    mechanisms = {
        KeyKind.RSA_2048: (pkcs11.Mechanism.SHA256_RSA_PKCS, 5),
        KeyKind.P256: (pkcs11.Mechanism.ECDSA, 20),
    }
    keys = {kind: make_key(kind, folder) for kind in mechanisms}
    with _soft_token(folder, module, keys.values()):
        for kind, (mechanism, step) in mechanisms.items():
            identity = open_identity(
                f"pkcs11:token=bench;object={kind}?module-path={module}",
                passphrase=lambda: Secret(_PIN),
                certificates=_chain(keys[kind]),
                at=AT,
            )
            session = pkcs11.lib(module).get_token(token_label="bench").open()  # noqa: S106
            handle = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=str(kind))
            # ECDSA of a token takes the digest, RSA what is signed.
            data = b"x" * (32 if kind is KeyKind.P256 else 107)
            raw = lambda h=handle, d=data, m=mechanism: h.sign(d, mechanism=m)  # noqa: E731
            ratios = alternating(full(identity), raw, each=USERS_IN_BATCH, pairs=pairs, step=step)
            yield Figure(f"SoftHSM2, {kind}", ratios, 0.90)


def _chain(key: Key) -> Path:
    """Return a file with the certificates of a key's signer and issuer."""
    path = key.folder / "chain.pem"
    names = ("signer.pem", "intermediate.pem")
    path.write_bytes(b"".join((key.folder / name).read_bytes() for name in names))
    return path


@contextmanager
def _soft_token(folder: Path, module: str, keys: Iterable[Key]) -> Iterator[None]:
    """Have a token with `keys`, each under the name of its kind."""
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n", "utf-8")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    tool = ("softhsm2-util", "--module", module)
    pins = ("--so-pin", _PIN, "--pin", _PIN)
    _run(*tool, "--init-token", "--free", "--label", "bench", *pins)
    for number, key in enumerate(keys):
        place = ("--token", "bench", "--label", str(key.kind), "--id", f"{number:02}")
        _run(*tool, "--import", str(key.folder / "signer.key"), *place, "--pin", _PIN)
    yield
    del os.environ["SOFTHSM2_CONF"]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  (fixed commands)
