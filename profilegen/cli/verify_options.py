"""The options that say what a verification goes by: roots, intermediates, CRLs, authorities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from profilegen.cli.identities import DEVELOPMENT_FOLDER
from profilegen.cli.output import note, one_line
from profilegen.signing.pool import read_certificate_pool, read_crls
from profilegen.signing.trust import find_trust
from profilegen.signing.verification.trusted import Trusted

_P = ParamSpec("_P")
_R = TypeVar("_R")
_PATH = click.Path(path_type=Path)


def trust_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Add what `trusted_by` reads."""
    options = [
        click.option(
            "--trust",
            type=_PATH,
            metavar="FILE|DIR",
            help="Root certificates to trust, instead of certs/root.pem or the system's.",
        ),
        click.option(
            "--certificates",
            type=_PATH,
            multiple=True,
            metavar="FILE|DIR",
            help="Intermediates that are not in the signed file; never trusted themselves.",
        ),
        click.option(
            "--crl",
            type=_PATH,
            multiple=True,
            metavar="FILE|DIR",
            help="Revocation lists; there must be a current one of every CA of the chain.",
        ),
        click.option(
            "--trust-timestamp",
            type=_PATH,
            metavar="FILE|DIR",
            help="Root certificates of time stamps, instead of those of signers.",
        ),
        click.option(
            "--several-signers",
            is_flag=True,
            help="Take files with more than one signer; each of them has to hold.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def trusted_by(given: Mapping[str, object], *, now: datetime) -> Trusted:
    """Return what the options of `trust_options` say, at the time `now`.

    Notes the files of folders that were skipped. Raises SigningError for a file that cannot be read
    or is of no use.
    """
    options = _Options(**given)  # type: ignore[arg-type]
    anchors = find_trust(options.trust, folder=DEVELOPMENT_FOLDER)
    stamps = options.trust_timestamp
    authorities = None if stamps is None else find_trust(stamps, folder=DEVELOPMENT_FOLDER)
    pool, crls = read_certificate_pool(options.certificates), read_crls(options.crl)
    skipped = () if authorities is None else authorities.skipped
    for sentence in (*anchors.skipped, *skipped, *pool.skipped, *crls.skipped):
        note(one_line(sentence))
    return Trusted(
        anchors,
        now,
        intermediates=pool.found,
        crls=crls.found if options.crl else None,
        authorities=authorities,
        several_signers=options.several_signers,
    )


@dataclass(frozen=True, slots=True)
class _Options:
    """The values of the options, as click gives them."""

    trust: Path | None
    certificates: tuple[Path, ...]
    crl: tuple[Path, ...]
    trust_timestamp: Path | None
    several_signers: bool
