"""`profilegen certs`: make, describe and request signing identities."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.configuration import config_option, configuration_of
from profilegen.cli.options import identity_options, output_options, passphrase_source
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.inspection.tables import MOST_DAYS
from profilegen.signing.algorithms import KeyKind
from profilegen.signing.certificates import moment
from profilegen.signing.description import CertificateDescription, IdentityDescription, describe
from profilegen.signing.development import (
    create_development_identity,
    development_uri,
    open_development_identity,
    replace_development_identity,
)
from profilegen.signing.identity import open_identity
from profilegen.signing.identity_rules import SOON_DAYS, IdentityRulesError, broken_rules
from profilegen.signing.request import certificate_request

SCHEMA = "profilegen.certs/1"
_FOLDER = Path("certs")
_DEVELOPMENT = "this is the development identity: devices do not trust it"

_key_option = click.option(
    "--key",
    type=click.Choice([kind.value for kind in KeyKind]),
    default=KeyKind.RSA_2048.value,
    show_default=True,
    help="Kind of the new keys. Devices are known to accept RSA; of ECDSA no report exists.",
)


@click.group()
def certs() -> None:
    """Make and describe signing identities."""


@certs.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=_FOLDER,
    show_default=True,
    metavar="DIR",
    help="Folder of its own for the identity.",
)
@_key_option
@click.option("--replace", is_flag=True, help="Replace the identity that is there.")
@output_options
def init(folder: Path, *, key: str, replace: bool, output_format: str, quiet: bool) -> None:
    """Make a development root, intermediate and signer.

    Devices do not trust them: they are for trying things out. The keys are readable by you alone,
    and the folder is hidden from git.
    """
    del quiet
    make = replace_development_identity if replace else create_development_identity
    # The real time, whatever SOURCE_DATE_EPOCH says: what is made today expires a year from today.
    now = clock.now({})
    files = make(folder, now=now, key=KeyKind(key))
    signer = describe(open_development_identity(folder, at=now), at=now)
    if output_format == "json":
        emit_json(
            {
                "schema": SCHEMA,
                "identity": development_uri(folder),
                "files": [str(path) for path in files],
                "chain": [_record(one) for one in signer.chain],
            }
        )
        return
    for path in files:
        emit(str(path))
    note(f"Made a development identity, valid until {moment(signer.signer.not_after)}.")
    note("Devices do not trust it. `profilegen build` uses it when --identity is not given.")


@certs.command()
@identity_options
@click.option(
    "--warn-days",
    type=click.IntRange(0, MOST_DAYS),
    metavar="N",
    help=f"Days before a certificate expires; {SOON_DAYS} if not given.",
)
@config_option
@output_options
def show(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    identity: str | None,
    certificates: Path | None,
    passphrase_file: Path | None,
    passphrase_env: str | None,
    warn_days: int | None,
    config: Path | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Describe an identity and its chain; without --identity, the development identity.

    Exit code 4 where it breaks a rule of the configuration file, once it is described.
    """
    del quiet
    at = clock.now(os.environ)
    configuration = configuration_of(config)
    rules = configuration.identity_rules
    if identity is None:
        opened = open_development_identity(_FOLDER, at=at)
    else:
        source = passphrase_source(passphrase_file, passphrase_env)
        opened = open_identity(identity, passphrase=source, certificates=certificates, at=at)
    soon_days = rules.warn_days if warn_days is None else warn_days
    description = describe(opened, at=at, soon_days=soon_days)
    broken = broken_rules(opened, rules, at=at)
    lines = sorted(line for line, pin in configuration.pins.items() if pin == opened.fingerprint)
    warnings = [*([_DEVELOPMENT] if identity is None else []), *description.warnings]
    if output_format == "json":
        emit_json(
            {
                "schema": SCHEMA,
                "identity": development_uri(_FOLDER) if identity is None else identity,
                "signature": description.signature,
                "days_left": description.days_left,
                "root_known": description.root_known,
                "chain": [_record(one) for one in description.chain],
                "pinned_for": lines,
                "warnings": warnings,
                "broken_rules": [one.message for one in broken],
            }
        )
    else:
        for line in _lines(description, lines):
            emit(line)
        for warning in warnings:
            warn(warning)
    if broken:
        raise IdentityRulesError(broken)


@certs.command()
@click.option("--subject-name", required=True, metavar="CN", help="Name that devices show.")
@click.option("--organization", metavar="O", help="Organization in the certificate.")
@_key_option
@click.option(
    "--key-out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where the new private key goes.",
)
@click.option(
    "--out",
    "request_out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where the request goes.",
)
@output_options
def request(  # noqa: PLR0913 - one parameter for each option of the command
    *,
    subject_name: str,
    organization: str | None,
    key: str,
    key_out: Path,
    request_out: Path,
    output_format: str,
    quiet: bool,
) -> None:
    """Make a key and a request for its certificate, for a CA that devices trust.

    The key stays here, readable by you alone; the request goes to the CA.
    """
    del quiet
    certificate_request(
        subject_name=subject_name,
        organization=organization,
        key=KeyKind(key),
        key_out=key_out,
        request_out=request_out,
    )
    if output_format == "json":
        emit_json({"schema": SCHEMA, "key": str(key_out), "request": str(request_out)})
        return
    emit(str(key_out))
    emit(str(request_out))
    note(f"Send {request_out} to the CA and keep {key_out} to yourself. With what comes back:")
    note(f"profilegen certs show --identity pem:{key_out},CERTIFICATE,CHAIN")


def _record(certificate: CertificateDescription) -> dict[str, str]:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "fingerprint": certificate.fingerprint,
        "key": certificate.key,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
    }


def _lines(description: IdentityDescription, pinned_for: Sequence[str]) -> Iterator[str]:
    """Yield the description for people, the signer in full and the rest of the chain in short."""
    signer = description.signer
    end = min(certificate.not_after for certificate in description.chain)
    rows = (
        ("Signer", signer.subject),
        ("Issuer", signer.issuer),
        ("Serial", signer.serial),
        ("Fingerprint", signer.fingerprint),
        ("Key", signer.key),
        ("Signs with", description.signature),
        ("Valid from", moment(signer.not_before)),
        ("Valid until", f"{moment(end)}, {description.days_left} days left"),
    )
    for name, value in rows:
        yield f"{name:<12} {value}"
    for line in pinned_for:
        yield f"{'Pinned for':<12} {line}"
    yield "Chain"
    for certificate in description.chain:
        yield f"  {certificate.subject}, {certificate.key}, until {moment(certificate.not_after)}"
    if not description.root_known:
        yield f"  {description.chain[-1].issuer} (not given)"
