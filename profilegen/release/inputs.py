"""The files that decide what is in a release, beside its policy, each by its digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from profilegen.policy.certificates import CaCertificate, Pkcs12Certificate
from profilegen.policy.model import Policy
from profilegen.release.manifest import InputFile, sha256
from profilegen.render.environment import own_templates
from profilegen.render.material import CertificateMaterial


@dataclass(frozen=True, slots=True)
class UserList:
    """The list of users as it was read: the file's name and its bytes."""

    name: str
    content: bytes


def input_files(
    policy: Policy,
    material: Mapping[str, CertificateMaterial],
    *,
    templates: Path | None,
    users: UserList | None,
) -> tuple[InputFile, ...]:
    """Return the certificate files of `policy`, the own templates and the list of users.

    `material` is what the certificates were read as, so that what is told is what was used.
    Templates go by their names in their folder.
    """
    found = [*_certificates(policy, material)]
    if templates is not None:
        found += [
            InputFile("template", name, sha256(content))
            for name, content in own_templates(templates)
        ]
    if users is not None:
        found.append(InputFile("users", users.name, sha256(users.content)))
    return tuple(found)


def _certificates(
    policy: Policy, material: Mapping[str, CertificateMaterial]
) -> Iterator[InputFile]:
    for certificate in policy.certificates:
        if isinstance(certificate, CaCertificate | Pkcs12Certificate):
            digest = material[certificate.id].file_sha256
            yield InputFile("certificate", certificate.file, digest)
