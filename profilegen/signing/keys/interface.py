"""What a kind of identity is: the whole interface between profilegen and a place of keys.

The built-in kinds use it, and so does a package that adds one. Such a package declares an entry
point in the group `profilegen.identities`, whose name is the scheme of the URI and whose object is
an `OpenKey` (docs/signing.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.secrets import Secret

Passphrase = Callable[[], Secret]
"""Gets the passphrase or PIN; called only when it turns out to be needed, and once."""


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A key that can sign, and the certificates that came with it, in any order.

    `sign` gets the bytes themselves, not their digest. It returns what CMS writes: with RSA a
    PKCS#1 v1.5 signature with SHA-256 (RFC 8017, section 8.2), with P-256 and P-384 an
    ECDSA-Sig-Value in DER (RFC 5753, section 7.2) with SHA-256 and SHA-384. It raises SigningError,
    or ServiceError where the same call may work later; a release of one thousand profiles calls it
    one thousand times.

    `certificates` are meant for this key: the chain must account for them. `store` are certificates
    that lie in the same place for any purpose, such as the CAs of a token: the chain takes from
    them what it needs.
    """

    public_key: PublicKeyTypes
    sign: Callable[[bytes], bytes] = field(repr=False)
    certificates: tuple[x509.Certificate, ...] = ()
    store: tuple[x509.Certificate, ...] = ()


class OpenKey(Protocol):
    """Opens a key of one kind; a function is enough."""

    def __call__(self, place: str, passphrase: Passphrase | None, /) -> KeyMaterial:
        """Return the key at `place`, which is what follows the scheme and its colon in the URI.

        `passphrase` is None where nobody can give one. Raises SigningError when the key cannot be
        opened, and ServiceError when it may be later.
        """
