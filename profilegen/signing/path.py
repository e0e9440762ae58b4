"""Does a signer's certificate lead to a trusted one? Answers with the chain, and what is wrong.

The judge is `cryptography.x509.verification`; our own search only proposes chains to it, and our
own rules only put its refusal into words, so that a mistake in them can never let a chain pass
(docs/decisions/path-validation.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store

from profilegen.errors import VerificationError
from profilegen.signing.certificates import is_self_signed, printable, short_name
from profilegen.signing.chain import MAX_CHAIN, Chain, build_chain, chains_to
from profilegen.signing.failures import (
    ChainError,
    NameConstraintsError,
    NotInForceError,
    UntrustedError,
    WeakAlgorithmError,
)
from profilegen.signing.rules import Fault, FaultKind, chain_faults
from profilegen.signing.trust import Trust

_MAX_TRIES = 32
# The rules speak to one who signs; this is for one who got the file.
_NOT_IN_FORCE = "Get it signed by a certificate in force, unless the clock here is wrong."
_FAILURES = {
    FaultKind.TIME: NotInForceError,
    FaultKind.STRENGTH: WeakAlgorithmError,
    FaultKind.ROLE: ChainError,
}


@dataclass(frozen=True, slots=True)
class Path:
    """The chain of a signer, and every fault of it by what the fault is about.

    `chain` goes from the signer to the trusted certificate, or as far up as there is a way. There
    is no fault exactly if it is trusted, which `untrusted` says of the way alone: the chain ends
    somewhere else, or is refused for a reason that nobody has a name for.
    """

    chain: Chain
    untrusted: VerificationError | None = None
    strength: tuple[VerificationError, ...] = ()
    roles: tuple[VerificationError, ...] = ()
    dates: tuple[VerificationError, ...] = ()

    @property
    def faults(self) -> tuple[VerificationError, ...]:
        """Return all faults, those that explain others first."""
        # A weakly signed certificate leads nowhere: nobody looks at its signature.
        untrusted = () if self.untrusted is None else (self.untrusted,)
        return (*self.strength, *untrusted, *self.roles, *self.dates)


def find_path(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    trust: Trust,
    at: datetime,
) -> Path:
    """Return the path from `signer` through `others` to a certificate that `trust` has.

    Any extended key usage passes and no subject alternative name is needed: devices document
    neither for profiles. Where several chains are possible, one that holds is found; where none
    holds, the one with the fewest faults is returned.
    """
    refused: list[Path] = []
    found = chains_to(signer, others, trust.anchors, at=at)
    for chain in islice(found, _MAX_TRIES):
        error = _refusal(chain, at)
        # What the library leaves to its callers: strength of the leaf's key, self-trusted leaves.
        path = _judged(chain, at, error)
        if not path.faults:
            return path
        refused.append(path)
    if refused:
        return min(refused, key=lambda path: len(path.faults))
    chain = build_chain(signer, (*others, *trust.anchors), at=at)
    return _judged(chain, at, None, untrusted=_untrusted(chain[-1], trust))


def trusted_chain(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    trust: Trust,
    at: datetime,
) -> Chain:
    """Return the chain from `signer` to the certificate that `trust` has, both included.

    As `find_path`, but raises the first fault: UntrustedError when the chain does not get there,
    NotInForceError, WeakAlgorithmError, NameConstraintsError, and ChainError for what else is
    wrong.
    """
    path = find_path(signer, others, trust=trust, at=at)
    for fault in path.faults:
        raise fault
    return path.chain


def _refusal(chain: Chain, at: datetime) -> verification.VerificationError | None:
    """Return why the library does not accept a chain whose last certificate is trusted."""
    policy = (
        PolicyBuilder()
        .store(Store([chain[-1]]))
        .time(at)
        .max_chain_depth(MAX_CHAIN)
        .extension_policies(ca_policy=_ca_policy(), ee_policy=_signer_policy())
    )
    try:
        policy.build_client_verifier().verify(chain[0], list(chain[1:-1]))
    except verification.VerificationError as error:
        return error
    return None


def _judged(
    chain: Chain,
    at: datetime,
    refusal: verification.VerificationError | None,
    *,
    untrusted: VerificationError | None = None,
) -> Path:
    faults = tuple(chain_faults(chain, at=at))
    roles = list(_failures(faults, FaultKind.ROLE))
    if refusal is not None and not faults:
        named = _names_refusal(chain, refusal) or _unknown_refusal(chain)
        if named is None:
            untrusted = _unexplained(chain, refusal)
        else:
            roles.append(named)
    return Path(
        chain,
        untrusted,
        strength=tuple(_failures(faults, FaultKind.STRENGTH)),
        roles=tuple(roles),
        dates=tuple(_failures(faults, FaultKind.TIME)),
    )


def _failures(faults: Sequence[Fault], kind: FaultKind) -> Iterator[VerificationError]:
    failure = _FAILURES[kind]
    for fault in (fault for fault in faults if fault.kind is kind):
        hint = _NOT_IN_FORCE if kind is FaultKind.TIME else fault.hint
        yield failure(fault.message, hint=hint)


def _ca_policy() -> ExtensionPolicy:
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)  # and with cA: RFC 5280
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _require_cert_sign)
    )


def _signer_policy() -> ExtensionPolicy:
    return ExtensionPolicy.permit_all().may_be_present(
        x509.KeyUsage, Criticality.AGNOSTIC, _require_data_signing
    )


def _require_cert_sign(
    policy: verification.Policy, certificate: x509.Certificate, value: x509.KeyUsage | None
) -> None:
    del policy, certificate
    if value is not None and not value.key_cert_sign:
        message = "a CA without keyCertSign"
        raise ValueError(message)


def _require_data_signing(
    policy: verification.Policy, certificate: x509.Certificate, value: x509.KeyUsage | None
) -> None:
    del policy, certificate
    if value is not None and not (value.digital_signature or value.content_commitment):
        message = "a signer that may not sign data"
        raise ValueError(message)


def _names_refusal(
    chain: Chain, refusal: verification.VerificationError
) -> VerificationError | None:
    if "constraint" not in str(refusal).lower():
        return None
    for certificate in (c for c in chain[1:] if _constrains_names(c)):
        message = (
            f"the CA '{short_name(certificate.subject)}' limits the names of its certificates,"
            f" and '{short_name(chain[0].subject)}' is outside, or the limit cannot be checked"
        )
        hint = "Directory-name limits are not supported; use another CA for signing."
        return NameConstraintsError(message, hint=hint)
    return None


def _unknown_refusal(chain: Chain) -> VerificationError | None:
    for certificate in chain:
        for extension in certificate.extensions:
            if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
                message = (
                    f"the certificate '{short_name(certificate.subject)}' has the critical"
                    f" extension {printable(extension.oid.dotted_string)}, which is not known here"
                )
                return ChainError(message, hint="Use a certificate without it for signing.")
    return None


def _unexplained(chain: Chain, refusal: verification.VerificationError) -> VerificationError:
    name = short_name(chain[0].subject)
    message = f"the chain of '{name}' is not valid: {printable(str(refusal))}"
    return ChainError(message, hint="Look at it with `profilegen certs show`.")


def _untrusted(top: x509.Certificate, trust: Trust) -> VerificationError:
    wanted = short_name(top.issuer)
    hint = "Trust its root with --trust, if it is the one you expect."
    if is_self_signed(top):
        message = f"the chain ends at '{wanted}', which is not in {trust.describe()}"
    else:
        message = (
            f"the chain ends at '{short_name(top.subject)}', and its issuer '{wanted}'"
            f" is not in {trust.describe()}"
        )
        hint = f"{hint} A missing intermediate can be given with --certificates."
    if any(anchor.subject == top.issuer for anchor in trust.anchors):
        message += "; the one of that name there has another key"
    return UntrustedError(message, hint=hint)


def _constrains_names(certificate: x509.Certificate) -> bool:
    return any(e.oid == x509.NameConstraints.oid for e in certificate.extensions)
