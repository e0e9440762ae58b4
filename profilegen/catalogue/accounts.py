"""What payloads need beside what a schema states: servers, TLS, secrets, references.

Facts from the data files `accounts.toml` and `moot.toml`, by payload or declaration type. Paths of
keys have dots between levels and `[]` behind a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from profilegen.catalogue.load import read_data

_Scalar = bool | int | str
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """Keys without which an account has no server; `unless` is a switch that needs none."""

    keys: tuple[str, ...]
    unless: str


@dataclass(frozen=True, slots=True)
class TlsKey:
    """A key that switches TLS on for the server in the key `server`; `default` holds without it."""

    key: str
    server: str
    default: bool


@dataclass(frozen=True, slots=True)
class Moot:
    """Keys without effect while `beside` has one of `values`, is absent or is present.

    Without `beside` they never have one. Where `of` is not empty, only these values count.
    `because` ends a sentence that says that the key has no effect.
    """

    keys: tuple[str, ...]
    of: tuple[_Scalar, ...]
    beside: str
    values: tuple[_Scalar, ...]
    absent: bool
    present: bool
    because: str


@cache
def servers() -> Mapping[str, ServerKeys]:
    """Return the keys of servers by the type of the account."""
    rows = read_data("accounts.toml")["server"]
    return MappingProxyType(
        {row["payload"]: ServerKeys(tuple(row["keys"]), row.get("unless", "")) for row in rows}
    )


@cache
def tls_keys() -> Mapping[str, tuple[TlsKey, ...]]:
    """Return the keys that switch TLS on by the type of the account."""
    rows = read_data("accounts.toml")["tls"]
    return _by_payload(
        (row["payload"], TlsKey(row["key"], row["server"], row["default"])) for row in rows
    )


@cache
def secrets() -> Mapping[str, tuple[str, ...]]:
    """Return the keys whose value is a secret by the type of the payload."""
    return _keys("secret")


@cache
def references() -> Mapping[str, tuple[str, ...]]:
    """Return the keys that name a certificate payload of the same profile by its PayloadUUID."""
    return _keys("reference")


@cache
def moot_settings() -> Mapping[str, tuple[Moot, ...]]:
    """Return the settings that others make moot by the type of the payload."""
    return _by_payload((row["payload"], _moot(row)) for row in read_data("moot.toml")["moot"])


def _moot(row: Mapping[str, Any]) -> Moot:
    return Moot(
        keys=tuple(row["keys"]),
        of=tuple(row.get("of", ())),
        beside=row.get("beside", ""),
        values=tuple(row.get("values", ())),
        absent=row.get("absent", False),
        present=row.get("present", False),
        because=row["because"],
    )


def _keys(table: str) -> Mapping[str, tuple[str, ...]]:
    rows = read_data("accounts.toml")[table]
    return _by_payload((row["payload"], key) for row in rows for key in row["keys"])


def _by_payload(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, tuple[_T, ...]]:
    found: dict[str, list[_T]] = {}
    for payload, item in pairs:
        found.setdefault(payload, []).append(item)
    return MappingProxyType({payload: tuple(items) for payload, items in found.items()})
