"""Policies and times for the tests of the release floor."""

from __future__ import annotations

from datetime import UTC, datetime

from profilegen.policy.certificates import Certificate
from profilegen.policy.model import Domains, Organization, Policy, Removal, Wording


def at_noon() -> datetime:
    """Return a fixed time."""
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


def policy_with(*certificates: Certificate) -> Policy:
    """Return a policy that has `certificates` and nothing else."""
    return Policy(
        organization=Organization("A", "com.example.a", "B"),
        accounts=(),
        managed_apps=(),
        blocked_apps=(),
        domains=Domains((), ()),
        certificates=certificates,
        targets=(),
        accepted=(),
        users=(),
        wording=Wording("", {}, "", "", Removal(allowed=True, on=None, after_days=None), None, 1),
    )
