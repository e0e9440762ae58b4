"""Keys in files: PEM and PKCS#12, for signing and for decrypting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from profilegen.errors import SigningError
from profilegen.signing import algorithms
from profilegen.signing.certificates import certificates_in
from profilegen.signing.files import read_small_file
from profilegen.signing.keys.interface import KeyMaterial, Passphrase
from profilegen.signing.pem import Block, blocks

_SEQUENCE = b"\x30"


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A private key of any kind from a file, and the certificates beside it; `where` names both."""

    private_key: PrivateKeyTypes = field(repr=False)
    certificates: tuple[x509.Certificate, ...]
    where: str


Loader = Callable[[str, Passphrase | None], LoadedKey]


def open_pem(place: str, passphrase: Passphrase | None, /) -> KeyMaterial:
    """Return the key of `FILE[,FILE...]`: key, leaf and chain in one file or several.

    Raises SigningError when it cannot be read or cannot sign.
    """
    return _able_to_sign(_load_pem(place, passphrase))


def open_p12(place: str, passphrase: Passphrase | None, /) -> KeyMaterial:
    """Return the key of a PKCS#12 file. Raises SigningError when it cannot be read or sign."""
    return _able_to_sign(_load_p12(place, passphrase))


def load_key(uri: str, *, passphrase: Passphrase | None) -> LoadedKey:
    """Return the private key itself that `uri`, one of a file, names, whatever it is good for.

    Raises SigningError when it cannot be loaded.
    """
    scheme, colon, place = uri.partition(":")
    loader = _LOADERS.get(scheme) if colon and place else None
    if loader is None:
        message = "the key of the device is not named as pem:FILE or p12:FILE"
        raise SigningError(message, hint="Write --device-key pem:FILE or p12:FILE.")
    return loader(place, passphrase)


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
        try:
            yield load_pem_private_key(
                block.text,
                _ask(passphrase, path) if encrypted else None,
                # 40 to 300 ms of RSA arithmetic; `identity` signs once and verifies instead.
                unsafe_skip_rsa_key_validation=True,
            )
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
        pass  # it has a passphrase
    try:
        return pkcs12.load_pkcs12(data, _ask(passphrase, path))
    except (ValueError, UnsupportedAlgorithm) as error:
        _refuse_passphrase(path, error)


def _ask(passphrase: Passphrase | None, path: Path) -> bytes:
    """Return the passphrase; callers keep it in no variable, which crash reporters would show."""
    if passphrase is None:
        message = f"{path}: the key is encrypted and no passphrase was given"
        raise SigningError(message, hint="Use --passphrase-file or --passphrase-env.")
    # An environment variable may hold bytes that are not UTF-8; they go to the key as they are.
    return passphrase().reveal().encode(errors="surrogateescape")


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


def _able_to_sign(loaded: LoadedKey) -> KeyMaterial:
    sign = algorithms.signer(loaded.private_key, where=loaded.where)
    return KeyMaterial(loaded.private_key.public_key(), sign, loaded.certificates)


_LOADERS: Mapping[str, Loader] = {"pem": _load_pem, "p12": _load_p12}
