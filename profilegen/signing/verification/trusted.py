"""Everything that a verification goes by, apart from the file: frozen, and given by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from profilegen.signing.trust import Trust
from profilegen.signing.verification.revocation import Crl


@dataclass(frozen=True, slots=True)
class Trusted:
    """What is trusted, and when it is asked: `now` in UTC.

    `intermediates` help to build chains, and prove nothing. `crls` is None when revocation is not
    to be checked; given CRLs have to cover every certificate below the trusted one. `authorities`
    are the roots of time stamps, None for those of signers. `several_signers` says that more than
    one signer is expected; each of them has to hold.
    """

    anchors: Trust
    now: datetime
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[Crl, ...] | None = None
    authorities: Trust | None = None
    several_signers: bool = False
