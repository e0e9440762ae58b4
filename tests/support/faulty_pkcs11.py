"""A PKCS#11 module that fails on demand, for what SoftHSM2 never does: `faulty_pkcs11.c`."""

from __future__ import annotations

import atexit
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import tools
from tests.support.softhsm import SoftToken, loaded_module

_SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True, slots=True)
class FaultyToken:
    """A SoftHSM2 token behind the module; `log` names what was called."""

    token: SoftToken
    environment: Mapping[str, str]
    log: Path

    def calls(self, name: str) -> int:
        """Return how often the function `name` was called."""
        return self.log.read_text("utf-8").split().count(name) if self.log.exists() else 0

    @contextmanager
    def loaded(self) -> Iterator[None]:
        """Let this process find the token through the module, which starts anew."""
        with loaded_module(self.environment):
            yield


def faulty_token(token: SoftToken, folder: Path, **settings: str) -> FaultyToken:
    """Return `token` behind the module, with `settings` such as `login="0xA4"` for it."""
    module, log = _compiled(), folder / "calls.log"
    variables = {
        "FAULTY_MODULE": str(token.module),
        "FAULTY_LOG": str(log),
        "PKCS11_MODULE_PATH": str(module),
    } | {f"FAULTY_{name.upper()}": value for name, value in settings.items()}
    return FaultyToken(token, {**token.environment, **variables}, log)


@cache
def _compiled() -> Path:
    """Return the module, which is compiled once and stays where it is while tests run.

    A file of the same name with other bytes may be taken for one that was loaded before.
    """
    folder = TemporaryDirectory(prefix="faulty-pkcs11-")
    atexit.register(folder.cleanup)
    module = Path(folder.name, "faulty_pkcs11.so")
    compiler = tools.require_tool("gcc")
    command = [compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-o", module, _SOURCE]
    subprocess.run([str(part) for part in command], check=True, timeout=60)
    return module
