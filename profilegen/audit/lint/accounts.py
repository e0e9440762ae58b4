"""Accounts and other payloads that cannot work or give something away: servers, TLS, secrets.

What is a server or a secret stands in the catalogue. No message holds the value of a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profilegen.audit.lint.payloads import Payload
from profilegen.audit.lint.stand_ins import is_stand_in
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.accounts import TlsKey, secrets, servers, tls_keys
from profilegen.catalogue.rules import found
from profilegen.findings import Finding


def server_findings(payload: Payload) -> Iterator[Finding]:
    """Yield the servers that the account `payload` lacks, and those reached without TLS."""
    needed = servers().get(payload.kind)
    if needed is not None and not _switched_on(payload, needed.unless):
        missing = [key for key in needed.keys if _is_nothing(payload.value(key))]
        if missing:
            stated = " and ".join(_stated(payload, key) for key in missing)
            message = f"The account has no server: {stated}."
            yield found("account-without-server", payload.place, message)
    for key in tls_keys().get(payload.kind, ()):
        yield from _tls(payload, key)


def secret_findings(payloads: Sequence[Payload]) -> Iterator[Finding]:
    """Yield the secrets that anybody who has the file can read; not for encrypted payloads."""
    for payload in payloads:
        for path in secrets().get(payload.kind, ()):
            for place, value in payload.values(path):
                if _is_secret(value):
                    yield found(
                        "password-in-clear",
                        place,
                        f"{path.rpartition('.')[2]} of {payload.kind} stands there in the clear: "
                        "whoever has this file has it.",
                    )


def _tls(payload: Payload, key: TlsKey) -> Iterator[Finding]:
    if _is_nothing(payload.value(key.server)):
        return
    value = payload.value(key.key)
    if value is False:
        yield found(
            "tls-off",
            payload.at(key.key),
            f"{key.key} is false: the account talks to its server without TLS.",
            fix=f"Set {key.key} to true.",
        )
    elif value is None and not key.default:
        yield found(
            "tls-off",
            payload.place,
            f"{key.key} is missing, and without it the account talks to its server without TLS.",
            fix=f"Add {key.key} with the value true.",
        )


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _switched_on(payload: Payload, switch: str) -> bool:
    if not switch:
        return False
    value = payload.value(switch)
    return value is True or is_placeholder(value)


def _is_secret(value: object) -> bool:
    if isinstance(value, bytes):
        return bool(value)
    return (
        isinstance(value, str)
        and not _is_nothing(value)
        and not is_placeholder(value)
        and not is_stand_in(value)
    )


def _stated(payload: Payload, key: str) -> str:
    return f"{key} is {'missing' if payload.value(key) is None else 'empty'}"
