"""Time stamps in signed files (RFC 3161, appendix A): only a trusted one moves the time of judging.

openssl cms does not look at them, so it refuses every signer that has expired.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

from cryptography import x509

from tests.support import adversarial as cms
from tests.support.adversarial import Signed
from tests.support.adversarial_pki import (
    CA,
    DAY,
    ROOT,
    START,
    TODAY,
    Revoked,
    revocation_list,
    signer,
)
from tests.support.authority import authority
from tests.support.opinions import Attacks, Given, checks_of
from tests.support.pki import Issued
from tests.support.stamps import Recipe, token

ATTACKS = Attacks()
refused, accepted = ATTACKS.refused, ATTACKS.accepted
STAMPED = TODAY - 20 * DAY
TIME_ROOT = authority().root
_UNSEEN = "openssl cms does not look at time stamps"


@cache
def _expired() -> Issued:
    return signer(CA, "Old Signer", end=TODAY - 10 * DAY)


def _stamped(
    by: Issued,
    at: datetime = STAMPED,
    *,
    authorities: tuple[Issued, ...] = (TIME_ROOT,),
    crls: tuple[bytes, ...] = (),
    of: bytes | None = None,
) -> Given:
    """Return a file whose signature, or `of` in its place, was stamped `at` a time."""
    one = Signed(by=by, certificates=[by, CA])
    attributes, covered = cms.signed_attributes(one)
    value = cms.sign(by, covered, "sha256")
    stamp = cms.attribute(cms.TIME_STAMP, token(value if of is None else of, Recipe(time=at)))
    data = replace(one, attributes=attributes, signature=value, unsigned=[stamp]).der()
    return Given(data=data, authorities=authorities, crls=crls)


@accepted("a signer that expired after the stamp", "Old Signer", openssl="refuses", why=_UNSEEN)
def _expired_after() -> Given:
    return _stamped(_expired())


@refused("an authority that nobody trusts", "dates", "'Old Signer' expired on")
def _unknown_authority() -> Given:
    return _stamped(_expired(), authorities=(ROOT,))


@refused("a stamp of another signature", "time-stamp", "'Old Signer' expired on")
def _other_signature() -> Given:
    return _stamped(_expired(), of=b"another signature")


@refused("a stamp from after the signer had expired", "dates", "'Old Signer' expired on")
def _too_late() -> Given:
    return _stamped(_expired(), TODAY - DAY)


@refused(
    "a stamp from before the signer was valid",
    "dates",
    "'Signer' is not valid before",
    openssl="accepts",
    why=_UNSEEN,
)
def _too_early() -> Given:
    return _stamped(signer(CA), START - DAY)


def _revoked(reason: x509.ReasonFlags | None, since: datetime) -> Given:
    by = signer(CA)
    line = Revoked(issued=by, since=since, reason=reason)
    lists = [
        revocation_list(issuer, *lines, this=STAMPED - 30 * DAY, following=TODAY + 30 * DAY)
        for issuer, lines in ((ROOT, ()), (CA, (line,)), (TIME_ROOT, ()), (authority().ca, ()))
    ]
    return replace(_stamped(by), crls=lists)


@accepted("replaced after the stamp", verdict="valid", openssl="refuses", why=_UNSEEN)
def _superseded_after() -> Given:
    return _revoked(x509.ReasonFlags.superseded, STAMPED + 5 * DAY)


@refused("replaced before the stamp", "revocation", "'Signer'", "revoked")
def _superseded_before() -> Given:
    return _revoked(x509.ReasonFlags.superseded, STAMPED - 5 * DAY)


@refused("its key compromised after the stamp", "revocation", "'Signer'", "keyCompromise")
def _compromised_after() -> Given:
    """Since when the thief had the key, nobody knows for sure."""
    return _revoked(x509.ReasonFlags.key_compromise, STAMPED + 5 * DAY)


@refused("revoked after the stamp, nobody says why", "revocation", "'Signer'", "revoked")
def _unspecified_after() -> Given:
    return _revoked(None, STAMPED + 5 * DAY)


test_what_is_said, test_what_is_written_as_json, test_what_openssl_says = checks_of(ATTACKS)
