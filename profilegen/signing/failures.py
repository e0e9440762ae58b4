"""The ways in which a signature fails to verify, each with its own slug.

Keys and certificates that cannot sign raise plain `SigningError`: there the message is all that a
caller needs. Here callers branch: `audit` treats an unsigned file differently from a forged one.
"""

from __future__ import annotations

from profilegen.errors import VerificationError


class NotSignedError(VerificationError):
    """The bytes are no CMS SignedData at all: unsigned, cut short, or something else."""

    slug = "not-signed"


class SignerCountError(VerificationError):
    """The file has no signer, or more than the one that devices expect."""

    slug = "signer-count"


class SignerMissingError(VerificationError):
    """The certificate of the signer is not in the file."""

    slug = "signer-missing"


class ContentMissingError(VerificationError):
    """The signature is detached and what it signs was not given."""

    slug = "content-missing"


class ContentChangedError(VerificationError):
    """The content is not the content that was signed."""

    slug = "content-changed"


class BadSignatureError(VerificationError):
    """The signature does not verify with the signer's key."""

    slug = "bad-signature"


class WeakAlgorithmError(VerificationError):
    """The signature rests on SHA-1, MD5 or a key that is too small."""

    slug = "weak-algorithm"


class UnsupportedAlgorithmError(VerificationError):
    """The signature uses an algorithm that devices or MDM servers refuse, such as RSASSA-PSS."""

    slug = "unsupported-algorithm"


class MalformedError(VerificationError):
    """The parts of the SignedData contradict each other or RFC 5652."""

    slug = "malformed"


class UntrustedError(VerificationError):
    """The chain does not reach a certificate that the caller trusts."""

    slug = "untrusted"


class NotInForceError(VerificationError):
    """A certificate of the chain is expired or not yet valid."""

    slug = "not-in-force"


class ChainError(VerificationError):
    """A certificate of the chain does what it may not do."""

    slug = "chain"


class NameConstraintsError(ChainError):
    """A CA of the chain may not issue certificates for this name."""

    slug = "name-constraints"


class RevokedError(VerificationError):
    """A certificate of the chain was revoked by its CA."""

    slug = "revoked"


class RevocationUnknownError(VerificationError):
    """Certificate revocation lists were given, and none of them tells of a certificate."""

    slug = "revocation-unknown"
