"""Verify signed files: every step, for every signer.

What the signer signed is for `signature`, who vouches for the signer for `vouching`, when for
`stamping`. This module puts their answers in order and says what was not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509

from profilegen.errors import VerificationError
from profilegen.signing.chain import Chain
from profilegen.signing.failures import MalformedError, UnsupportedAlgorithmError
from profilegen.signing.message import SignedMessage, check_count, read_signers
from profilegen.signing.verification.reports import SIGN_KNOWN, FileReport, SignerReport
from profilegen.signing.verification.revocation import Times
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
from profilegen.signing.verification.vouching import (
    Vouching,
    chain_warnings,
    vouching_for,
    vouching_steps,
)


class Judge:
    """Verifies files against one bundle of what is trusted.

    Remembers the chains of the signers that it met, since the thousands of files of a release have
    one signer.
    """

    def __init__(self, trusted: Trusted) -> None:
        """Judge by what is `trusted`."""
        self.trusted = trusted
        self._met: dict[tuple[x509.Certificate, frozenset[x509.Certificate], datetime], Vouching]
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
                *vouching_steps(vouching, times, unproven=unproven),
            ),
            chain=() if vouching is None else vouching.path.chain,
            digest=message.digest,
            signed_at=message.signed_at,
            proven=stamp.time,
            trusted_by=self.trusted.anchors.describe(),
            detached=message.content is None,
            warnings=(*signature_warnings(message), *chain_warnings(vouching, others)),
        )

    def _vouching(self, signer: x509.Certificate, others: Chain, times: Times) -> Vouching:
        key = (signer, frozenset(others), times.at)
        if key not in self._met:
            self._met[key] = vouching_for(signer, others, trusted=self.trusted, times=times)
        return self._met[key]


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


def _with_strength(algorithms: Step, vouching: Vouching | None) -> Step:
    """Add the weaknesses of the chain's certificates to those of the signature."""
    weak = () if vouching is None else vouching.path.strength
    return failed(StepName.ALGORITHMS, *algorithms.faults, *weak) if weak else algorithms


def _form_warnings(messages: tuple[SignedMessage, ...]) -> Iterator[str]:
    for message in messages[:1]:
        if message.form.armoured:
            yield "the signed file is in PEM armour, which devices do not take"
        if message.form.unreadable:
            count = message.form.unreadable
            what = "a certificate" if count == 1 else f"{count} certificates"
            yield f"{what} in the file cannot be read, and was not used"
