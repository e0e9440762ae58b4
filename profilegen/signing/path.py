"""Does a signer's certificate lead to a trusted one? Answers yes with the chain, or says why not.

The judge is `cryptography.x509.verification`; our own rules only put its refusal into words, so
that a mistake in them can never let a chain pass (docs/decisions/path-validation.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store

from profilegen.signing.certificates import is_self_signed, printable, short_name
from profilegen.signing.chain import Chain, build_chain
from profilegen.signing.failures import (
    ChainError,
    NameConstraintsError,
    NotInForceError,
    UntrustedError,
    WeakAlgorithmError,
)
from profilegen.signing.rules import Fault, FaultKind, chain_faults
from profilegen.signing.trust import Trust

_MAX_DEPTH = 8


def trusted_chain(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    *,
    trust: Trust,
    at: datetime,
) -> Chain:
    """Return the chain from `signer` to the certificate that `trust` has, both included.

    Any extended key usage passes and no subject alternative name is needed: devices document
    neither for profiles. Raises UntrustedError when the chain does not get there, NotInForceError,
    WeakAlgorithmError, NameConstraintsError, and ChainError for what else is wrong.
    """
    policy = (
        PolicyBuilder()
        .store(Store(list(trust.anchors)))
        .time(at)
        .max_chain_depth(_MAX_DEPTH)
        .extension_policies(ca_policy=_ca_policy(), ee_policy=_signer_policy())
    )
    try:
        verified = policy.build_client_verifier().verify(signer, list(others))
    except verification.VerificationError as error:
        _explain(build_chain(signer, (*others, *trust.anchors), at=at), trust, at, error)
    chain = tuple(verified.chain)
    # What the library leaves to its callers: strength of the leaf's key usage, self-trusted leaves.
    for fault in chain_faults(chain, at=at):
        _refuse(fault)
    return chain


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


def _explain(
    chain: Chain, trust: Trust, at: datetime, error: verification.VerificationError
) -> NoReturn:
    faults = list(chain_faults(chain, at=at))
    # First, since a weakly signed certificate leads nowhere: nobody looks at its signature.
    for fault in (f for f in faults if f.kind is FaultKind.STRENGTH):
        _refuse(fault)
    if not set(chain) & set(trust.anchors):
        _refuse_untrusted(chain[-1], trust)
    for fault in faults:
        _refuse(fault)
    for certificate in chain[1:]:
        if _constrains_names(certificate) and "constraint" in str(error).lower():
            message = (
                f"the CA '{short_name(certificate.subject)}' limits the names of its certificates,"
                f" and '{short_name(chain[0].subject)}' is outside, or the limit cannot be checked"
            )
            hint = "Directory-name limits are not supported; use another CA for signing."
            raise NameConstraintsError(message, hint=hint) from error
    message = f"the chain of '{short_name(chain[0].subject)}' is not valid: {printable(str(error))}"
    raise ChainError(message, hint="Look at it with `profilegen certs show`.") from error


def _refuse_untrusted(top: x509.Certificate, trust: Trust) -> NoReturn:
    wanted = short_name(top.issuer)
    if is_self_signed(top):
        message = f"the chain ends at '{wanted}', which is not in {trust.describe()}"
    else:
        message = (
            f"the chain ends at '{short_name(top.subject)}', and its issuer '{wanted}'"
            f" is not in {trust.describe()}"
        )
    if any(anchor.subject == top.issuer for anchor in trust.anchors):
        message += "; the one of that name there has another key"
    hint = "Trust its root with --trust FILE, if it is the one you expect."
    raise UntrustedError(message, hint=hint)


def _constrains_names(certificate: x509.Certificate) -> bool:
    return any(e.oid == x509.NameConstraints.oid for e in certificate.extensions)


def _refuse(fault: Fault) -> NoReturn:
    match fault.kind:
        case FaultKind.TIME:
            raise NotInForceError(fault.message, hint=fault.hint)
        case FaultKind.STRENGTH:
            raise WeakAlgorithmError(fault.message, hint=fault.hint)
        case FaultKind.ROLE:
            raise ChainError(fault.message, hint=fault.hint)
