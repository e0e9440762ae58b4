"""Kinds of identities that other packages add, through the entry points of a group.

Whatever goes wrong in such a package is an error that names the package, so that the right people
hear of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import ParamSpec, TypeVar

from profilegen.errors import ProfilegenError, SigningError
from profilegen.signing.keys.interface import KeyMaterial, OpenKey, Passphrase

GROUP = "profilegen.identities"

_P = ParamSpec("_P")
_R = TypeVar("_R")


def plugin_schemes(*, besides: Collection[str]) -> list[str]:
    """Return the schemes that installed packages add to those that are there anyway, sorted."""
    return sorted(entry_points(group=GROUP).names.difference(besides))


def find_opener(scheme: str) -> OpenKey | None:
    """Return what opens the keys of `scheme`; None when no installed package does.

    Raises SigningError when the package cannot be loaded, or when two packages claim the scheme.
    """
    found = tuple(entry_points(group=GROUP, name=scheme))
    if not found:
        return None
    if len(found) > 1:
        packages = " and ".join(sorted(map(_package, found)))
        message = f"{scheme}: {len(found)} packages open such identities: {packages}"
        raise SigningError(message, hint="Uninstall all but one of them.")
    [entry] = found
    opener = _guard(entry, "cannot be loaded", entry.load)()
    if not callable(opener):
        raise _broken(entry, f"is not a function: {entry.value}")
    return partial(_open, entry, opener)


def _open(
    entry: EntryPoint, opener: OpenKey, place: str, passphrase: Passphrase | None, /
) -> KeyMaterial:
    material = _guard(entry, "failed to open the key", opener)(place, passphrase)
    if not isinstance(material, KeyMaterial):
        raise _broken(entry, f"gave {_named(material)} and not KeyMaterial")
    return KeyMaterial(
        material.public_key,
        partial(_sign, entry, material),
        tuple(material.certificates),
        tuple(material.store),
    )


def _sign(entry: EntryPoint, material: KeyMaterial, data: bytes) -> bytes:
    signature = _guard(entry, "failed to sign", material.sign)(data)
    if not isinstance(signature, bytes):
        raise _broken(entry, f"gave {_named(signature)} as a signature, and not bytes")
    return signature


def _guard(entry: EntryPoint, what: str, function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `function` with every exception that is not ours turned into a SigningError."""

    def guarded(*arguments: _P.args, **options: _P.kwargs) -> _R:
        try:
            return function(*arguments, **options)
        except ProfilegenError:
            raise
        except Exception as error:  # whatever a stranger's code raises
            # Not its text: nobody knows what a stranger's exception tells of a PIN.
            raise _broken(entry, f"{what} ({type(error).__name__})") from error

    return guarded


def _broken(entry: EntryPoint, what: str) -> SigningError:
    message = f"{entry.name}: the plugin of {_package(entry)} {what}"
    return SigningError(message, hint="Update the package, or report this to its maintainers.")


def _package(entry: EntryPoint) -> str:
    return "an unnamed package" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"


def _named(value: object) -> str:
    return type(value).__name__
