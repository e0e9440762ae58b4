"""What to build, from which policy and templates, at what time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.release.cleanness import SecretRule
from profilegen.release.encryption import Encryption
from profilegen.release.manifest import Source
from profilegen.render.environment import TemplateSet
from profilegen.render.material import CertificateMaterial


@dataclass(frozen=True, slots=True)
class Job:
    """What to build: the plans of the chosen targets, with what, at what time (UTC).

    Profiles are encrypted where `encryption` is given. Secrets that anybody could read are refused
    unless `allow_clear_secrets`.
    """

    source: Source
    plans: tuple[TargetPlan, ...]
    templates: TemplateSet
    material: Mapping[str, CertificateMaterial]
    at: datetime
    encryption: Encryption | None = None
    allow_clear_secrets: bool = False

    @property
    def secret_rule(self) -> SecretRule:
        """What becomes of secrets in the files."""
        return SecretRule(encrypted=self.encryption is not None, allowed=self.allow_clear_secrets)

    @property
    def policy(self) -> Policy:
        """The policy that the plans belong to."""
        return self.source.policy
