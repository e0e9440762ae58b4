"""`profilegen verify`: signed files of anyone, and whole releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.identities import DEVELOPMENT_FOLDER
from profilegen.cli.inputs import read_bytes
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, warn
from profilegen.errors import InputError, UsageError, VerificationError
from profilegen.release.verify import ReleaseError, is_release, verify_release
from profilegen.signing.certificates import full_name
from profilegen.signing.message import looks_signed
from profilegen.signing.trust import Trust, find_trust
from profilegen.signing.verify import Verified
from profilegen.signing.verify import verify as verify_signature

SCHEMA = "profilegen.verify/1"
_SIGNATURE_SUFFIX = ".p7s"


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one path: what was verified, or what is wrong with it."""

    path: Path
    kind: str
    signature: Verified | None
    what: str
    faults: tuple[tuple[str, str], ...] = ()


class NotVerifiedError(VerificationError):
    """At least one of the paths does not verify."""

    slug = "not-verified"

    def __init__(self, results: tuple[_Result, ...]) -> None:
        """Keep the results that failed; there is at least one."""
        super().__init__(results[0].faults[0][0], hint=results[0].faults[0][1])
        self.results = results

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every fault of every path."""
        return tuple(fault for result in self.results for fault in result.faults)


class UnreadableError(InputError):
    """Some of the paths cannot be read, and all the others verify."""

    slug = "unreadable"

    def __init__(self, results: tuple[_Result, ...]) -> None:
        """Keep the results that failed; there is at least one."""
        super().__init__(results[0].faults[0][0], hint=results[0].faults[0][1])
        self.results = results

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every fault of every path."""
        return tuple(fault for result in self.results for fault in result.faults)


@click.command()
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--trust",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PEM",
    help="Root certificates to trust, instead of certs/root.pem or the system's.",
)
@click.option(
    "--content",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The file that a detached signature under another name belongs to.",
)
@output_options
def verify(
    paths: tuple[Path, ...],
    *,
    trust: Path | None,
    content: Path | None,
    output_format: str,
    quiet: bool,
) -> None:
    """Verify signed files or whole releases: digest, signature, chain and dates.

    A release is a folder with release.json: its signature is verified, then every file that it
    names, and that nothing was added. A detached signature FILE.p7s is found beside FILE.
    """
    del quiet
    # The real time: SOURCE_DATE_EPOCH is for reproducing a build, not for judging one.
    at = clock.now({})
    anchors = find_trust(trust, folder=DEVELOPMENT_FOLDER)
    if content is not None and len(paths) > 1:
        message = "--content is for one signature"
        raise UsageError(message, hint="Verify the signatures one at a time.")
    results = tuple(_verify_path(path, content, anchors, at) for path in paths)
    if output_format == "json":
        emit_json(
            {
                "schema": SCHEMA,
                "trust": anchors.describe(),
                "at": at.isoformat(),
                "results": [_document(result) for result in results],
            }
        )
    else:
        _print(results)
    failed = tuple(result for result in results if result.faults)
    if any(result.kind != "unreadable" for result in failed):
        raise NotVerifiedError(failed)
    if failed:
        raise UnreadableError(failed)


def _verify_path(path: Path, content: Path | None, trust: Trust, at: datetime) -> _Result:
    kind = "release" if is_release(path) else "file"
    try:
        if kind == "release":
            release = verify_release(path, trust=trust, at=at)
            what = f"{release.files} files, {release.signatures} signatures"
            return _Result(path, kind, release.signature, what)
        return _Result(path, kind, _verify_file(path, content, trust, at), "")
    except ReleaseError as error:
        return _Result(path, kind, None, "", error.reports())
    except VerificationError as error:
        return _Result(path, kind, None, "", ((f"{path}: {error.message}", error.hint),))
    except InputError as error:
        return _Result(path, "unreadable", None, "", error.reports())


def _verify_file(path: Path, content: Path | None, trust: Trust, at: datetime) -> Verified:
    if path.is_dir():
        message = f"{path}: the folder is no release: it has no release.json"
        raise InputError(message, hint="Name a release, or the signed files themselves.")
    data = read_bytes(path)
    if content is not None:
        return verify_signature(data, trust=trust, content=read_bytes(content), at=at)
    beside = path.with_name(f"{path.name}{_SIGNATURE_SUFFIX}")
    if path.suffix == _SIGNATURE_SUFFIX and path.with_suffix("").is_file():
        signed = read_bytes(path.with_suffix(""))
        return verify_signature(data, trust=trust, content=signed, at=at)
    if not looks_signed(data) and beside.is_file():
        return verify_signature(read_bytes(beside), trust=trust, content=data, at=at)
    return verify_signature(data, trust=trust, at=at)


def _document(result: _Result) -> dict[str, object]:
    signature = result.signature
    document: dict[str, object] = {
        "path": str(result.path),
        "kind": result.kind,
        "valid": not result.faults,
        "errors": [message for message, _ in result.faults],
    }
    if signature is not None:
        document |= {
            "signer": full_name(signature.signer.subject),
            "fingerprint": signature.fingerprint,
            "chain": [full_name(certificate.subject) for certificate in signature.chain],
            "digest": signature.digest,
            "signed_at": None if signature.signed_at is None else signature.signed_at.isoformat(),
            "trusted_by": signature.trusted_by,
            "warnings": list(signature.warnings),
        }
    return document


def _print(results: tuple[_Result, ...]) -> None:
    for result in results:
        signature = result.signature
        if signature is None:
            emit(f"{result.path}: NOT VALID")
            continue
        what = f" ({result.what})" if result.what else ""
        emit(f"{result.path}: valid{what}")
        emit(f"  signed by    {full_name(signature.signer.subject)}")
        emit(f"  fingerprint  {signature.fingerprint}")
        if signature.signed_at is not None:
            emit(f"  signed at    {signature.signed_at.isoformat()} (as the signer says)")
        emit(f"  trusted by   {signature.trusted_by}")
        for warning in signature.warnings:
            warn(f"{result.path}: {warning}")
