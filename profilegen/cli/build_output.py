"""What `profilegen build` prints of what it built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from profilegen.catalogue.variables import variable_services
from profilegen.cli.fleet_output import fleet_document
from profilegen.cli.output import note, warn
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


def build_document(
    output: Path, built: Built, succession: Succession, *, left_out: int, seconds: float
) -> dict[str, object]:
    """Return what was built, as --format json prints it.

    `left_out` is the number of bad rows, `seconds` how long the build took.
    """
    signer = succession.signer
    return {
        "schema": SCHEMA,
        "release": str(output),
        "files": dict(sorted(built.files.items())),
        "encrypted_profiles": built.encrypted,
        "users": built.users,
        "rows_left_out": left_out,
        "bad_rows": [{"row": row.row, "message": row.message} for row in built.bad_rows],
        "signer": None
        if signer is None
        else {"subject": signer.record.subject, "fingerprint": signer.record.fingerprint},
        "signer_changes": list(changes_document(succession)),
        "filled_in": [
            {"target": target, "service": service} for target, service in built.filled_in
        ],
        "fleet": fleet_document(built, seconds=seconds),
    }


def build_text(output: Path, built: Built, signer: Signer | None) -> str:
    """Return what was built, in one line."""
    counts = ", ".join(
        f"{words} (encrypted)" if kind == "profile" and built.encrypted else words
        for kind, words in _counts(built)
    )
    people = f" for {_counted(built.users, 'user', 'users')}" if built.users else ""
    signed = "not signed" if signer is None else f"signed by {signer.record.subject}"
    stamped = "" if signer is None or signer.stamp is None else ", time-stamped"
    return f"{output}: {counts}{people}, {signed}{stamped}"


def tell_secrets(built: Built, *, own_templates: bool) -> None:
    """Say what secrets own templates put into the files in the clear, and what is not encrypted."""
    if own_templates:
        for sentence in built.readable:
            warn(sentence)
    others = [words for kind, words in _counts(built) if kind != "profile"]
    if built.encrypted and others:
        note(f"Not encrypted, since only profiles can be: {', '.join(others)}.")


def tell_variables(built: Built, *, signed: bool) -> None:
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
