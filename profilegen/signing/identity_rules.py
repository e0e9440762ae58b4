"""Which identities may sign: an organization's own rules, beyond what every signature needs.

What devices, MDM servers and `verify` refuse is refused without any rule, see `rules` and
`algorithms`. These here are of whoever answers for a pipeline, and only make it stricter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from profilegen.errors import SigningError
from profilegen.signing.certificates import find_extension, moment, short_name
from profilegen.signing.development import is_development_identity
from profilegen.signing.identity import Identity

SOON_DAYS = 30
"""Days before its end from which a certificate is told to expire, where nothing else is said."""

DIGESTS = ("sha256", "sha384", "sha512")
KEYS = ("rsa-2048", "rsa-3072", "rsa-4096", "rsa-8192", "p256", "p384", "p521")
"""Keys that rules may name; the last of each kind are only for CAs, no identity signs with them."""

USES: Mapping[str, str] = {
    # Names of RFC 5280 section 4.2.1.12; documentSigning of RFC 9336.
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING.dotted_string,
    "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH.dotted_string,
    "documentSigning": "1.3.6.1.5.5.7.3.36",
}
"""Extended key usages by name."""

_CURVES = {"secp256r1": "p256", "secp384r1": "p384", "secp521r1": "p521"}


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What is accepted; an empty tuple accepts anything.

    `source` is the file that says so. `digests` are those of signatures and of certificates, `keys`
    those of the signer and of the CAs; both are asked of the chain without its root, which is
    trusted for what it is. `uses` are extended key usages as dotted numbers: the signer has one of
    them. A certificate of the chain that ends in less than `min_days` is refused, one that ends in
    less than `warn_days` is told. `development` accepts the development identity.
    """

    source: str = ""
    digests: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    min_days: int = 0
    warn_days: int = SOON_DAYS
    development: bool = True


NO_RULES = IdentityRules()


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """One rule that an identity breaks: what it has and what is accepted, and what to do."""

    message: str
    hint: str


class IdentityRulesError(SigningError):
    """An identity breaks one or more of the rules for identities."""

    slug = "identity-rules"

    def __init__(self, broken: Sequence[BrokenRule]) -> None:
        """Keep every broken rule; there is at least one."""
        super().__init__(broken[0].message, hint=broken[0].hint)
        self._broken = tuple(broken)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return (message, hint) of each broken rule."""
        return tuple((one.message, one.hint) for one in self._broken)


def refuse_broken_rules(identity: Identity, rules: IdentityRules, *, at: datetime) -> None:
    """Raise IdentityRulesError, with all of them, where `identity` breaks a rule at `at` (UTC)."""
    broken = broken_rules(identity, rules, at=at)
    if broken:
        raise IdentityRulesError(broken)


def refuse_development(rules: IdentityRules) -> None:
    """Raise IdentityRulesError where the development identity is not accepted.

    For the time before there is one: none is made that may not sign.
    """
    if not rules.development:
        raise IdentityRulesError([_development(rules)])


def broken_rules(
    identity: Identity, rules: IdentityRules, *, at: datetime
) -> tuple[BrokenRule, ...]:
    """Return every rule that `identity` breaks when it signs at `at` (UTC)."""
    return tuple(_broken(identity, rules, at))


def _broken(identity: Identity, rules: IdentityRules, at: datetime) -> Iterator[BrokenRule]:
    embedded = (identity.leaf, *identity.intermediates)
    if not rules.development and is_development_identity(identity):
        yield _development(rules)
    if rules.digests and identity.scheme.digest not in rules.digests:
        name, has = short_name(identity.leaf.subject), identity.scheme.digest
        message = f"'{name}' signs with {has}; accepted: {_listed(rules.digests)}"
        hint = "RSA and P-256 keys sign with sha256, P-384 keys with sha384."
        yield _rule(rules, "digests", message, hint)
    for certificate in embedded:
        yield from _digest(certificate, rules)
    for certificate in embedded:
        yield from _key(certificate, rules)
    yield from _use(identity.leaf, rules)
    root = () if identity.root is None else (identity.root,)
    for certificate in (*embedded, *root):
        yield from _end(certificate, rules, at)


def _digest(certificate: x509.Certificate, rules: IdentityRules) -> Iterator[BrokenRule]:
    algorithm = certificate.signature_hash_algorithm
    has = "no digest" if algorithm is None else algorithm.name
    if rules.digests and has not in rules.digests:
        name = short_name(certificate.subject)
        message = f"the certificate '{name}' is signed with {has}; accepted: "
        hint = f"Get one that '{short_name(certificate.issuer)}' signs with one of these."
        yield _rule(rules, "digests", message + _listed(rules.digests), hint)


def _key(certificate: x509.Certificate, rules: IdentityRules) -> Iterator[BrokenRule]:
    has = _key_word(certificate)
    if rules.keys and has not in rules.keys:
        name = short_name(certificate.subject)
        message = f"the certificate '{name}' has the key {has}; accepted: {_listed(rules.keys)}"
        yield _rule(rules, "keys", message, "Get a certificate and a CA with such keys.")


def _key_word(certificate: x509.Certificate) -> str:
    """Return a key in the words of the rules, `rsa-3072`; others by the names of their kinds."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown"
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, key.curve.name)
    return type(key).__name__.removesuffix("PublicKey").lower()


def _use(leaf: x509.Certificate, rules: IdentityRules) -> Iterator[BrokenRule]:
    # RFC 5280 lets a certificate without the extension, or with anyExtendedKeyUsage, be used for
    # anything, and lets those who ask for a use refuse it. A rule asks.
    extension = find_extension(leaf, x509.ExtendedKeyUsage)
    has = () if extension is None else tuple(use.dotted_string for use in extension)
    if rules.uses and not set(has) & set(rules.uses):
        said = f"is for {_uses(has)}" if has else "says no extended key usage"
        message = f"the certificate '{short_name(leaf.subject)}' {said}; accepted: "
        hint = "Get a certificate for one of these uses."
        yield _rule(rules, "extended-key-usage", message + _uses(rules.uses), hint)


def _end(certificate: x509.Certificate, rules: IdentityRules, at: datetime) -> Iterator[BrokenRule]:
    left = certificate.not_valid_after_utc - at
    if left.days < rules.min_days:
        name, end = short_name(certificate.subject), moment(certificate.not_valid_after_utc)
        message = (
            f"the certificate '{name}' expires on {end} (days left: {left.days});"
            f" accepted: {rules.min_days} or more"
        )
        yield _rule(rules, "min-days", message, "Renew it, and use the new one.")


def _development(rules: IdentityRules) -> BrokenRule:
    message = "the development identity is not accepted"
    return _rule(rules, "development", message, "Name another one with --identity.")


def _rule(rules: IdentityRules, key: str, message: str, hint: str) -> BrokenRule:
    return BrokenRule(f"{rules.source}: signing.{key}: {message}", hint)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _uses(numbers: Sequence[str]) -> str:
    names = {number: name for name, number in USES.items()}
    return _listed([names.get(number, number) for number in numbers])
