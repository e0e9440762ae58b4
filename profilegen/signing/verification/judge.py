"""Verify signed files: every step, for every signer.

What the signer signed is for `signature`, who vouches for the signer for `path` and `revocation`,
when for `stamping`. This module puts their answers in order and says what was not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from profilegen.errors import VerificationError
from profilegen.signing.certificates import moment, short_name
from profilegen.signing.chain import Chain
from profilegen.signing.failures import (
    MalformedError,
    NotInForceError,
    UnsupportedAlgorithmError,
)
from profilegen.signing.message import SignedMessage, check_count, read_signers
from profilegen.signing.path import Path, find_path
from profilegen.signing.verification.reports import SIGN_KNOWN, FileReport, SignerReport
from profilegen.signing.verification.revocation import Times, check_revocation
from profilegen.signing.verification.signature import (
    check_algorithms,
    check_content,
    check_signature,
    signature_warnings,
    signed_content,
)
from profilegen.signing.verification.stamping import (
    UNSTAMPED,
    Stamped,
    earliest,
    stamp_of_tokens,
)
from profilegen.signing.verification.steps import (
    NotCheckedError,
    State,
    Step,
    StepName,
    failed,
    faults_of,
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
class _Vouching:
    """Who vouches for a signer: the path, and the step of revocation where it has no fault."""

    path: Path
    revocation: Step


class Judge:
    """Verifies files against one bundle of what is trusted.

    Remembers the chains of the signers that it met, since the thousands of files of a release have
    one signer.
    """

    def __init__(self, trusted: Trusted) -> None:
        """Judge by what is `trusted`."""
        self.trusted = trusted
        self._met: dict[tuple[x509.Certificate, frozenset[x509.Certificate], datetime], _Vouching]
        self._met = {}

    def judge(
        self, data: bytes, *, content: bytes | None = None, stamped: Stamped = UNSTAMPED
    ) -> FileReport:
        """Return what came of every step; raises nothing for a file that does not hold.

        `content` is what a detached signature signs; for an embedded one it may be given, and must
        be the same. `stamped` is what a time stamp outside of the file proves for it.
        """
        try:
            messages = read_signers(data, known=self._known())
        except VerificationError as fault:
            unread = not_checked(StepName.SIGNERS, "the file cannot be read as a signed one")
            return FileReport((failed(StepName.FORM, fault), unread), (), b"", ())
        form = (
            "CMS SignedData" if not messages else f"CMS SignedData, {messages[0].form.describe()}"
        )
        steps = (passed(StepName.FORM, form), self._count(len(messages)))
        return FileReport(
            steps=steps,
            signers=tuple(self._signer(message, content, stamped) for message in messages),
            content=(messages[0].content if messages else None) or content or b"",
            warnings=tuple(_form_warnings(messages)),
        )

    def _known(self) -> tuple[x509.Certificate, ...]:
        return (*self.trusted.intermediates, *self.trusted.anchors.anchors)

    def _count(self, signers: int) -> Step:
        if signers > 1 and self.trusted.several_signers:
            return passed(StepName.SIGNERS, f"{signers}, and several were expected")

        def check() -> str:
            check_count(signers)
            return "one"

        return taken(StepName.SIGNERS, check)

    def _signer(
        self, message: SignedMessage, given: bytes | None, stamped: Stamped
    ) -> SignerReport:
        algorithms = taken(StepName.ALGORITHMS, lambda: check_algorithms(message))
        content, signature = _content_steps(message, given)
        if any(isinstance(fault, MalformedError) for fault in algorithms.faults):
            reason = "the algorithms contradict each other"
            signature = not_checked(StepName.SIGNATURE, reason)
        if signature.state is State.NOT_CHECKED and not faults_of((algorithms, content)):
            # Nobody else says that it proves nothing: RSASSA-PSS with a salt that no key has room
            # for, say, which anybody can write over any content.
            unknown = UnsupportedAlgorithmError(signature.detail, hint=SIGN_KNOWN)
            signature = failed(StepName.SIGNATURE, unknown)
        if signature.state is State.PASSED:
            tokens = message.time_stamps
            own = stamp_of_tokens(tokens, data=message.signature, trusted=self.trusted)
            stamp = earliest((own, stamped))
            unproven = stamp.step.state is State.NOT_CHECKED and stamp.time is None
        else:
            unproven = False
            stamp = Stamped(not_checked(StepName.TIME_STAMP, "the signature does not hold"))
        times = Times(stamp.time or self.trusted.now, self.trusted.now)
        signer, others = message.signer, message.others
        vouching = None if signer is None else self._vouching(signer, others, times)
        return SignerReport(
            steps=(
                _with_strength(algorithms, vouching),
                content,
                signature,
                stamp.step,
                *_vouching_steps(vouching, times, unproven=unproven),
            ),
            chain=() if vouching is None else vouching.path.chain,
            digest=message.digest,
            signed_at=message.signed_at,
            proven=stamp.time,
            trusted_by=self.trusted.anchors.describe(),
            detached=message.content is None,
            warnings=(*signature_warnings(message), *_chain_warnings(message, vouching)),
        )

    def _vouching(self, signer: x509.Certificate, others: Chain, times: Times) -> _Vouching:
        key = (signer, frozenset(others), times.at)
        if key not in self._met:
            self._met[key] = self._vouch(signer, others, times)
        return self._met[key]

    def _vouch(self, signer: x509.Certificate, others: Chain, times: Times) -> _Vouching:
        trusted = self.trusted
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

        return _Vouching(path, taken(StepName.REVOCATION, check))


def _content_steps(message: SignedMessage, given: bytes | None) -> tuple[Step, Step]:
    try:
        content = signed_content(message, given)
    except VerificationError as fault:
        reason = "what was signed is not known"
        return failed(StepName.CONTENT, fault), not_checked(StepName.SIGNATURE, reason)
    return (
        taken(StepName.CONTENT, lambda: check_content(message, content)),
        taken(StepName.SIGNATURE, lambda: check_signature(message, content)),
    )


def _with_strength(algorithms: Step, vouching: _Vouching | None) -> Step:
    """Add the weaknesses of the chain's certificates to those of the signature."""
    weak = () if vouching is None else vouching.path.strength
    return failed(StepName.ALGORITHMS, *algorithms.faults, *weak) if weak else algorithms


def _vouching_steps(vouching: _Vouching | None, times: Times, *, unproven: bool) -> Iterator[Step]:
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


def _form_warnings(messages: tuple[SignedMessage, ...]) -> Iterator[str]:
    for message in messages[:1]:
        if message.form.armoured:
            yield "the signed file is in PEM armour, which devices do not take"
        if message.form.unreadable:
            count = message.form.unreadable
            what = "a certificate" if count == 1 else f"{count} certificates"
            yield f"{what} in the file cannot be read, and was not used"


def _chain_warnings(message: SignedMessage, vouching: _Vouching | None) -> Iterator[str]:
    if vouching is None or vouching.path.untrusted is not None:
        return
    for certificate in vouching.path.chain[1:-1]:
        if certificate not in message.others:
            name = short_name(certificate.subject)
            yield f"the intermediate '{name}' is not in the file, where devices look for it"
