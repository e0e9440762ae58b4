"""What `profilegen build` prints of what it built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from profilegen.catalogue.variables import variable_services
from profilegen.cli.fleet_output import fleet_document, tell_fleet
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.cli.rotation import Succession, changes_document
from profilegen.release.build import Built
from profilegen.release.sealing import Signer

SCHEMA = "profilegen.build/1"
_KINDS = (
    ("profile", "profile", "profiles"),
    ("android-policy", "Android policy", "Android policies"),
    ("declaration", "declaration", "declarations"),
    ("app-configuration", "app configuration", "app configurations"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A release in its place: by whom it is signed, how many bad rows, how long the build took."""

    output: Path
    built: Built
    succession: Succession
    left_out: int
    seconds: float


def tell_made(made: Made, *, own_templates: bool, output_format: str) -> None:
    """Print what was made, and say what people should know about it."""
    built, signer = made.built, made.succession.signer
    _tell_secrets(built, own_templates=own_templates)
    _tell_variables(built, signed=signer is not None)
    tell_fleet(built, seconds=made.seconds)
    if output_format == "json":
        emit_json(_document(made))
    else:
        emit(_text(made.output, built, signer))


def _document(made: Made) -> dict[str, object]:
    """Return what was built, as --format json prints it."""
    output, built, succession = made.output, made.built, made.succession
    signer = succession.signer
    return {
        "schema": SCHEMA,
        "release": str(output),
        "files": dict(sorted(built.files.items())),
        "encrypted_profiles": built.encrypted,
        "users": built.users,
        "rows_left_out": made.left_out,
        "bad_rows": [{"row": row.row, "message": row.message} for row in built.bad_rows],
        "signer": None
        if signer is None
        else {"subject": signer.record.subject, "fingerprint": signer.record.fingerprint},
        "signer_changes": list(changes_document(succession)),
        "filled_in": [
            {"target": target, "service": service} for target, service in built.filled_in
        ],
        "fleet": fleet_document(built, seconds=made.seconds),
    }


def _text(output: Path, built: Built, signer: Signer | None) -> str:
    """Return what was built, in one line."""
    counts = ", ".join(
        f"{words} (encrypted)" if kind == "profile" and built.encrypted else words
        for kind, words in _counts(built)
    )
    people = f" for {_counted(built.users, 'user', 'users')}" if built.users else ""
    signed = "not signed" if signer is None else f"signed by {signer.record.subject}"
    stamped = "" if signer is None or signer.stamp is None else ", time-stamped"
    return f"{output}: {counts}{people}, {signed}{stamped}"


def _tell_secrets(built: Built, *, own_templates: bool) -> None:
    """Say what secrets own templates put into the files in the clear, and what is not encrypted."""
    if own_templates:
        for sentence in built.readable:
            warn(sentence)
    others = [words for kind, words in _counts(built) if kind != "profile"]
    if built.encrypted and others:
        note(f"Not encrypted, since only profiles can be: {', '.join(others)}.")


def _tell_variables(built: Built, *, signed: bool) -> None:
    """Say which profiles of a release that is signed are not, since a service fills them in."""
    for service in dict.fromkeys(service for _, service in built.filled_in) if signed else ():
        name = variable_services()[service].name
        targets = ", ".join(target for target, by in built.filled_in if by == service)
        note(
            f"Not signed, since {name} fills in the values and a signature would break: "
            f"{targets}. The manifest vouches for what is uploaded."
        )


def _counts(built: Built) -> Iterator[tuple[str, str]]:
    """Yield each kind of file for devices with its number in words."""
    for kind, one, many in _KINDS:
        if built.files.get(kind):
            yield kind, _counted(built.files[kind], one, many)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
