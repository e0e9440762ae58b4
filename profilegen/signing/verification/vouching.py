"""Who vouches for a signer: the path to a trusted certificate, as the steps that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from profilegen.errors import VerificationError
from profilegen.signing.certificates import moment, short_name
from profilegen.signing.chain import Chain
from profilegen.signing.failures import NotInForceError
from profilegen.signing.path import Path, find_path
from profilegen.signing.verification.revocation import Times, check_revocation
from profilegen.signing.verification.steps import (
    NotCheckedError,
    Step,
    StepName,
    failed,
    not_checked,
    passed,
    taken,
)
from profilegen.signing.verification.trusted import Trusted

_TRUST_STAMP = (
    "Trust the authority of its time stamp with --trust-timestamp, if it is the one you expect."
)
_CHAIN_STEPS = (StepName.CHAIN, StepName.PURPOSE, StepName.DATES, StepName.REVOCATION)


@dataclass(frozen=True, slots=True)
class Vouching:
    """Who vouches for a signer: the path, and the step of revocation where it has no fault."""

    path: Path
    revocation: Step


def vouching_for(
    signer: x509.Certificate, others: Chain, *, trusted: Trusted, times: Times
) -> Vouching:
    """Return who vouches for `signer`, whose file brings the certificates `others`."""
    pool = (*others, *trusted.intermediates)
    path = find_path(signer, pool, trust=trusted.anchors, at=times.at)

    def check() -> str:
        if path.faults:
            message = "the chain does not hold"
            raise NotCheckedError(message)
        if trusted.crls is None and len(path.chain) > 1:
            message = "no CRL was given"
            raise NotCheckedError(message)
        return check_revocation(path.chain, trusted.crls or (), times)

    return Vouching(path, taken(StepName.REVOCATION, check))


def vouching_steps(vouching: Vouching | None, times: Times, *, unproven: bool) -> Iterator[Step]:
    """Yield the steps of a chain; there is none where the certificate of the signer is not known.

    `unproven` says that there is a time stamp whose authority is not trusted.
    """
    if vouching is None:
        reason = "the certificate of the signer is not known"
        yield from (not_checked(name, reason) for name in _CHAIN_STEPS)
        return
    path = vouching.path
    yield _chain_step(path)
    when = "now" if times.at == times.now else "when it was time-stamped"
    held = {
        StepName.PURPOSE: (path.roles, "CA flags, key usages, path lengths and names allow it"),
        StepName.DATES: (
            _dated(path.dates, unproven=unproven),
            f"all in force at {moment(times.at)}, {when}",
        ),
    }
    for name, (faults, detail) in held.items():
        if faults:
            yield failed(name, *faults)
        elif path.untrusted is None:
            yield passed(name, detail)
        else:
            yield not_checked(name, "the chain does not reach a trusted certificate")
    yield vouching.revocation


def _dated(
    faults: tuple[VerificationError, ...], *, unproven: bool
) -> tuple[VerificationError, ...]:
    """Lead on to a time stamp that would have proven another time, had it been trusted."""
    if not unproven:
        return faults
    return tuple(NotInForceError(fault.message, hint=_TRUST_STAMP) for fault in faults)


def _chain_step(path: Path) -> Step:
    if path.untrusted is None:
        names = " < ".join(f"'{short_name(c.subject)}'" for c in path.chain)
        return passed(StepName.CHAIN, f"{names}, which is trusted")
    if path.strength:
        # Nobody looks at a weak signature, and so it leads nowhere.
        reason = "a certificate is too weak to be followed"
        return not_checked(StepName.CHAIN, reason)
    return failed(StepName.CHAIN, path.untrusted)


def chain_warnings(vouching: Vouching | None, others: Chain) -> Iterator[str]:
    """Yield what devices may miss of a chain that is trusted: `others` are in the file."""
    if vouching is None or vouching.path.untrusted is not None:
        return
    for certificate in vouching.path.chain[1:-1]:
        if certificate not in others:
            name = short_name(certificate.subject)
            yield f"the intermediate '{name}' is not in the file, where devices look for it"
