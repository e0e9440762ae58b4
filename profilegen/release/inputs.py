"""The files that decide what is in a release, beside its policy, each by its digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from profilegen.policy.certificates import CaCertificate, Pkcs12Certificate
from profilegen.policy.model import Policy
from profilegen.release.manifest import InputFile, sha256
from profilegen.render.environment import own_templates
from profilegen.render.material import CertificateMaterial


def input_files(
    policy: Policy,
    material: Mapping[str, CertificateMaterial],
    *,
    templates: Path | None,
) -> tuple[InputFile, ...]:
    """Return the certificate files of `policy` and the own templates.

    `material` is what the certificates were read as, so that what is told is what was used.
    Templates go by their names in their folder.
    """
    found = [*_certificates(policy, material)]
    if templates is not None:
        found += [
            InputFile("template", name, sha256(content))
            for name, content in own_templates(templates)
        ]
    return tuple(found)


def _certificates(
    policy: Policy, material: Mapping[str, CertificateMaterial]
) -> Iterator[InputFile]:
    for certificate in policy.certificates:
        if isinstance(certificate, CaCertificate | Pkcs12Certificate):
            digest = material[certificate.id].file_sha256
            yield InputFile("certificate", certificate.file, digest)
