"""Find and load the PKCS#11 module: the library of the maker of the tokens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from profilegen.errors import SigningError
from profilegen.signing.keys.pkcs11_errors import ckr_name
from profilegen.signing.keys.pkcs11_uri import TokenUri

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812 - it is a class

MODULE_VARIABLE = "PKCS11_MODULE_PATH"
"""Names the module for URIs that do not; OpenSSL's PKCS#11 engine reads it too."""

_PROXY = "p11-kit-proxy"
_SUFFIXES = {"darwin": (".dylib", ".so"), "win32": (".dll",)}.get(sys.platform, (".so",))
# Where Debian, Fedora, Alpine and Homebrew install modules; each may have folders of its vendor.
_FOLDERS = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/opt/homebrew/lib",
)
_BELOW = ("", "pkcs11", "softhsm", "*-linux-*", "*-linux-*/pkcs11", "*-linux-*/softhsm")
_NAME_IT = f"Name it with ?module-path=FILE in the URI or in {MODULE_VARIABLE}."


def load_module(uri: TokenUri) -> Library:
    """Return the module that `uri`, the environment or p11-kit names, ready to use.

    Raises SigningError when there is none or it is no PKCS#11 module.
    """
    import pkcs11  # noqa: PLC0415 - an extra
    from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - an extra

    path = find_module(uri)
    try:
        # Absolute: a bare name would be sought on the loader's own path.
        return pkcs11.lib(str(path.absolute()))
    except PKCS11Error as error:
        if type(error) is PKCS11Error:  # of the loader; those of a module have classes
            message = f"{path}: is no PKCS#11 module that can be loaded"
            hint = "Name the library of the token's maker, for this system and processor."
        else:
            message = f"{path}: the PKCS#11 module does not start: {ckr_name(error)}"
            hint = "Check the module's own settings: its configuration file, service and rights."
        raise SigningError(message, hint=hint) from error


def find_module(uri: TokenUri) -> Path:
    """Return the file of the module: by path, by name, by the environment, else p11-kit's.

    Raises SigningError when there is none.
    """
    if uri.module_path is not None:
        return _existing(uri.module_path)
    if uri.module_name is not None:
        found = next(_named(uri.module_name), None)
        if found is None:
            message = f"pkcs11: there is no module '{uri.module_name}' where modules are installed"
            raise SigningError(message, hint="Name its file with ?module-path=FILE in the URI.")
        return found
    named = os.environ.get(MODULE_VARIABLE)
    if named:
        return _existing(Path(named))
    proxy = next(_named(_PROXY), None)
    if proxy is None:
        message = "pkcs11: no PKCS#11 module is named, and p11-kit is not installed"
        raise SigningError(message, hint=_NAME_IT)
    return proxy


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    what = "is a folder, not a PKCS#11 module" if path.is_dir() else "no such PKCS#11 module"
    message = f"{path}: {what}"
    raise SigningError(message, hint=_NAME_IT)


def _named(name: str) -> Iterator[Path]:
    """Yield the installed files of the module `name`, which has neither folder, `lib` nor `.so`."""
    files = [f"{prefix}{name}{suffix}" for prefix in ("", "lib") for suffix in _SUFFIXES]
    folders = (place for top in _FOLDERS for below in _BELOW for place in _places(top, below))
    return (place / file for place in folders for file in files if (place / file).is_file())


def _places(top: str, below: str) -> list[Path]:
    return sorted(Path(top).glob(below)) if below else [Path(top)]
