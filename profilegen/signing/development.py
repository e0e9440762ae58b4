"""The development identity: a root, an intermediate and a signer of one's own, for trying out.

No device trusts it. Whoever holds the folder can sign what the holder's own `verify` accepts, so
keys are private files, and git is told to leave the folder alone.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from profilegen.errors import SigningError
from profilegen.signing.algorithms import (
    KeyKind,
    PrivateKey,
    certificate_hash,
    generate_key,
    private_pem,
)
from profilegen.signing.certificates import moment
from profilegen.signing.files import PRIVATE, PUBLIC, lock_folder, write_new_file
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.pool import read_certificate_pool

ROOT = "root.pem"
INTERMEDIATE = "intermediate.pem"
SIGNER = "signer.pem"
SIGNER_KEY = "signer.key"

# The signer's certificate comes last: where it is, the identity is complete.
_FILES = ("root.key", ROOT, "intermediate.key", INTERMEDIATE, SIGNER_KEY, SIGNER)
_READY = ".ready"
_STAGING = ".new-"
_IGNORE = ".gitignore"

_DAY = timedelta(days=1)
_RENEW_BEFORE = 7 * _DAY

# Valid from the first second that SOURCE_DATE_EPOCH can name: a build that reproduces an older one
# signs with that older time, and nobody else relies on the start of these certificates.
_FROM = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Role:
    """One of the three certificates; `path_length` is None for the one that is no CA."""

    name: str
    lifetime: timedelta
    path_length: int | None

    @property
    def is_ca(self) -> bool:
        return self.path_length is not None


@dataclass(frozen=True, slots=True)
class _Issuer:
    """A key with its certificate."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate


_INTERMEDIATE = _Role("intermediate", 1825 * _DAY, 0)
_SIGNER = _Role("signer", 397 * _DAY, None)
_ROLES = (_Role("root", 3650 * _DAY, 1), _INTERMEDIATE, _SIGNER)


def ensure_development_identity(
    folder: Path, *, now: datetime, key: KeyKind = KeyKind.RSA_2048
) -> tuple[Path, ...]:
    """Make a development identity in `folder` unless there is one; return the files made.

    `now` is the real time, not SOURCE_DATE_EPOCH: the certificates expire that much later. Keys are
    PKCS#8 files of mode 0600 in a folder of mode 0700, which gets a `.gitignore` if it has none.
    A creation that was interrupted is finished or forgotten, never used half.

    Raises SigningError for a folder that cannot be written, that is the current one or above it,
    and for one that has some of the files: they may be somebody's own.
    """
    if has_development_identity(folder):
        return ()
    with _private_folder(folder):
        _publish(folder)
        # Another process may have made it while this one waited for the folder.
        if has_development_identity(folder):
            return ()
        for name in _FILES:
            if (folder / name).exists():
                message = f"{folder / name}: exists already"
                hint = f"Move it away, or make a new identity with {_command(folder)}."
                raise SigningError(message, hint=hint)
        return _make(folder, now, key)


def has_development_identity(folder: Path) -> bool:
    """Say whether there is a complete development identity in `folder`."""
    return (folder / SIGNER).exists()


def create_development_identity(
    folder: Path, *, now: datetime, key: KeyKind = KeyKind.RSA_2048
) -> tuple[Path, ...]:
    """Make a development identity as `ensure_development_identity`, and refuse if there is one."""
    made = ensure_development_identity(folder, now=now, key=key)
    if not made:
        message = f"{folder}: there is a development identity already"
        raise SigningError(message, hint=f"Replace it with {_command(folder)}.")
    return made


def replace_development_identity(
    folder: Path, *, now: datetime, key: KeyKind = KeyKind.RSA_2048
) -> tuple[Path, ...]:
    """Make a development identity in place of the one in `folder`: all keys and certificates."""
    with _private_folder(folder):
        _publish(folder)
        return _make(folder, now, key)


def open_development_identity(folder: Path, *, at: datetime) -> Identity:
    """Return the development identity of `folder`, ready to sign at the time `at`.

    Raises SigningError when there is none, and when it expires within seven days of `at`.
    """
    if not has_development_identity(folder):
        message = f"{folder}: there is no development identity"
        hint = f"Make one with {_command(folder, replace='')}, or name another with --identity."
        raise SigningError(message, hint=hint)
    signer = folder / SIGNER
    end = read_certificate_pool([signer]).found[0].not_valid_after_utc
    if at > end - _RENEW_BEFORE:
        verb = "expired" if at > end else "expires"
        message = f"{signer}: the development signer {verb} on {moment(end)}"
        raise SigningError(message, hint=f"Make a new one with {_command(folder)}.")
    return open_identity(development_uri(folder), passphrase=None, certificates=None, at=at)


def is_development_identity(identity: Identity) -> bool:
    """Say whether it is a development identity by its names, wherever its files lie now.

    Against accidents only: whoever issues certificates may use these names or avoid them.
    """
    leaf = identity.leaf
    return (leaf.subject, leaf.issuer) == (_subject(_SIGNER), _subject(_INTERMEDIATE))


def development_uri(folder: Path) -> str:
    """Return the URI of the development identity of `folder`."""
    names = (SIGNER_KEY, SIGNER, INTERMEDIATE, ROOT)
    return "pem:" + ",".join(str(folder / name) for name in names)


def _command(folder: Path, replace: str = " --replace") -> str:
    where = "" if folder == Path("certs") else f" --folder {folder}"
    return f"`profilegen certs init{replace}{where}`"


@contextmanager
def _private_folder(folder: Path) -> Iterator[None]:
    """Make or take over `folder`, and keep other processes from doing the same meanwhile."""
    if Path.cwd().is_relative_to(folder.resolve()):
        message = f"{folder}: the identity needs a folder of its own"
        raise SigningError(message, hint="Its files are hidden from git and from other users.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        with lock_folder(folder):
            if not (folder / _IGNORE).exists():
                (folder / _IGNORE).write_text("*\n", encoding="ascii")
            for left in folder.glob(f"{_STAGING}*"):
                shutil.rmtree(left)
            yield
    except OSError as error:
        message = f"{folder}: cannot keep an identity: {error.strerror}"
        raise SigningError(
            message, hint="Check the folder and that you may write there."
        ) from error


def _make(folder: Path, now: datetime, kind: KeyKind) -> tuple[Path, ...]:
    """Write all files aside, make them final by one rename, then move them to their places."""
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    issuer: _Issuer | None = None
    for role in _ROLES:
        issuer = _issue(role, kind, issuer, now)
        write_new_file(staging / f"{role.name}.key", private_pem(issuer.key), mode=PRIVATE)
        certificate = issuer.certificate.public_bytes(Encoding.PEM)
        write_new_file(staging / f"{role.name}.pem", certificate, mode=PUBLIC)
    staging.rename(folder / _READY)
    _publish(folder)
    return tuple(folder / name for name in _FILES)


def _publish(folder: Path) -> None:
    """Move finished files to their places, also those of a run that was killed while doing so.

    The old signer's certificate goes first and the new one comes last: where `signer.pem` is, all
    files belong together.
    """
    ready = folder / _READY
    if not ready.exists():
        return
    (folder / SIGNER).unlink(missing_ok=True)
    for name in _FILES:
        if (ready / name).exists():
            (ready / name).rename(folder / name)
    ready.rmdir()


def _issue(role: _Role, kind: KeyKind, issuer: _Issuer | None, now: datetime) -> _Issuer:
    """Return a new key with its certificate, signed by `issuer` or by itself."""
    key = generate_key(kind)
    subject = _subject(role)
    issuing_key = key if issuer is None else issuer.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(now + role.lifetime)
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key.public_key())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=role.is_ca, path_length=role.path_length), True),
        (_key_usage(role), True),
        (identifier, False),
        (authority, False),
    ]
    if not role.is_ca:
        # `openssl cms -verify` and NSS ask for it, unless told not to look at the purpose.
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        extensions.append((usage, False))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return _Issuer(key, builder.sign(issuing_key, certificate_hash(issuing_key)))


def _subject(role: _Role) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "profilegen development"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"profilegen development {role.name}"),
        ]
    )


def _key_usage(role: _Role) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not role.is_ca,
        key_cert_sign=role.is_ca,
        crl_sign=role.is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
