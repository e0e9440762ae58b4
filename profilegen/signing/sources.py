"""Where a signing key comes from: one opener per scheme of an identity's URI.

An opener gets what follows the scheme and gives a `KeyMaterial`. That is all that the rest of
profilegen knows of a key, so a key that never leaves its token is one more opener.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from profilegen.errors import SigningError
from profilegen.secrets import Secret
from profilegen.signing import algorithms
from profilegen.signing.certificates import certificates_in
from profilegen.signing.files import read_small_file
from profilegen.signing.pem import Block, blocks

Passphrase = Callable[[], Secret]
"""Asked only when a key turns out to be encrypted."""


_SEQUENCE = b"\x30"


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A key that can sign, and the certificates that came with it, in any order."""

    public_key: PublicKeyTypes
    sign: Callable[[bytes], bytes] = field(repr=False)
    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A private key of any kind from a file, and the certificates beside it; `where` names both."""

    private_key: PrivateKeyTypes = field(repr=False)
    certificates: tuple[x509.Certificate, ...]
    where: str


Opener = Callable[[str, Passphrase | None], KeyMaterial]
Loader = Callable[[str, Passphrase | None], LoadedKey]


def open_key(uri: str, *, passphrase: Passphrase | None) -> KeyMaterial:
    """Return the key that `uri` names. Raises SigningError when it cannot be opened."""
    scheme, colon, place = uri.partition(":")
    opener = _OPENERS.get(scheme) if colon else None
    known = ", ".join(f"{name}:" for name in _OPENERS)
    if opener is None:
        # Only the scheme: what follows may hold a PIN.
        shown = f"unknown kind of identity '{scheme}:'" if colon else f"'{uri}' is no identity"
        raise SigningError(shown, hint=f"Name one that starts with {known}")
    if not place:
        message = f"'{uri}' names no file"
        raise SigningError(message, hint=f"Write {scheme}:FILE.")
    return opener(place, passphrase)


def load_key(uri: str, *, passphrase: Passphrase | None) -> LoadedKey:
    """Return the private key itself that `uri`, one of a file, names, whatever it is good for.

    Raises SigningError when it cannot be loaded.
    """
    scheme, colon, place = uri.partition(":")
    loader = _LOADERS.get(scheme) if colon and place else None
    if loader is None:
        known = " or ".join(f"{name}:FILE" for name in _LOADERS)
        message = "the key is not named by its file"
        raise SigningError(message, hint=f"Write {known}.")
    return loader(place, passphrase)


def read_certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file. Raises SigningError when there is none in it."""
    found = tuple(certificates_in(blocks(read_small_file(path)), where=str(path)))
    if not found:
        message = f"{path}: holds no PEM certificate"
        hint = "Convert a DER file with `openssl x509 -inform DER -in FILE -out FILE.pem`."
        raise SigningError(message, hint=hint)
    return found


def _load_pem(place: str, passphrase: Passphrase | None) -> LoadedKey:
    """Load `FILE[,FILE...]`: key, leaf and chain in one file or several, in any order."""
    keys: list[PrivateKeyTypes] = []
    certificates: list[x509.Certificate] = []
    for path in (Path(part) for part in place.split(",") if part):
        found = tuple(blocks(read_small_file(path)))
        if not found:
            message = f"{path}: holds no PEM key or certificate"
            raise SigningError(message, hint="Use a PEM file here, or p12:FILE for PKCS#12.")
        certificates.extend(certificates_in(iter(found), where=str(path)))
        keys.extend(_pem_keys(found, path, passphrase))
    return _loaded(keys, certificates, where=f"pem:{place}")


def _pem_keys(
    found: Iterable[Block], path: Path, passphrase: Passphrase | None
) -> Iterator[PrivateKeyTypes]:
    for block in found:
        if not block.label.endswith("PRIVATE KEY"):
            continue
        encrypted = block.label.startswith("ENCRYPTED") or b"\nProc-Type: 4,ENC" in block.text
        password = _ask(passphrase, path) if encrypted else None
        try:
            # Skips 40 to 300 ms of RSA arithmetic; `identity` signs once and verifies instead.
            yield load_pem_private_key(block.text, password, unsafe_skip_rsa_key_validation=True)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            if encrypted:
                _refuse_passphrase(path, error)
            message = f"{path}: the private key cannot be read"
            hint = "Convert it with `openssl pkcs8 -topk8 -in FILE -out FILE.key`."
            raise SigningError(message, hint=hint) from error


def _load_p12(place: str, passphrase: Passphrase | None) -> LoadedKey:
    """Load a PKCS#12 file."""
    path = Path(place)
    data = read_small_file(path)
    if not data.startswith(_SEQUENCE):
        message = f"{path}: is no PKCS#12 file"
        raise SigningError(message, hint="Use pem:FILE for PEM files.")
    bundle = _decrypt_p12(data, path, passphrase)
    keys = [] if bundle.key is None else [bundle.key]
    certificates = [c.certificate for c in bundle.additional_certs]
    if bundle.cert is not None:
        certificates.insert(0, bundle.cert.certificate)
    return _loaded(keys, certificates, where=f"p12:{place}")


def _decrypt_p12(
    data: bytes, path: Path, passphrase: Passphrase | None
) -> pkcs12.PKCS12KeyAndCertificates:
    try:
        return pkcs12.load_pkcs12(data, None)
    except (ValueError, UnsupportedAlgorithm):
        password = _ask(passphrase, path)
    try:
        return pkcs12.load_pkcs12(data, password)
    except (ValueError, UnsupportedAlgorithm) as error:
        _refuse_passphrase(path, error)


def _ask(passphrase: Passphrase | None, path: Path) -> bytes:
    if passphrase is None:
        message = f"{path}: the key is encrypted and no passphrase was given"
        raise SigningError(message, hint="Use --passphrase-file or --passphrase-env.")
    return passphrase().reveal().encode()


def _refuse_passphrase(path: Path, error: Exception) -> NoReturn:
    message = f"{path}: the passphrase is wrong, or the file is damaged"
    hint = "Check the passphrase; a file with RC2 encryption has to be exported again with AES."
    raise SigningError(message, hint=hint) from error


def _loaded(
    keys: Iterable[PrivateKeyTypes], certificates: Iterable[x509.Certificate], *, where: str
) -> LoadedKey:
    found: list[PrivateKeyTypes] = []
    for key in keys:
        if all(key.public_key() != other.public_key() for other in found):
            found.append(key)
    if not found:
        message = f"{where}: there is no private key"
        raise SigningError(message, hint="Name the file of the key too, separated by a comma.")
    if len(found) > 1:
        message = f"{where}: there are {len(found)} private keys"
        raise SigningError(message, hint="Name the file of one key only.")
    return LoadedKey(found[0], tuple(certificates), where)


def _open_file(loader: Loader, place: str, passphrase: Passphrase | None) -> KeyMaterial:
    loaded = loader(place, passphrase)
    sign = algorithms.signer(loaded.private_key, where=loaded.where)
    return KeyMaterial(loaded.private_key.public_key(), sign, loaded.certificates)


_LOADERS: Mapping[str, Loader] = {"pem": _load_pem, "p12": _load_p12}
_OPENERS: Mapping[str, Opener] = {
    scheme: partial(_open_file, loader) for scheme, loader in _LOADERS.items()
}
