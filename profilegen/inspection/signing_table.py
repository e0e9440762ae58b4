"""The table `[signing]` of the configuration file: rules for identities, and pinned ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cryptography import x509

from profilegen.inspection.tables import (
    Problem,
    Table,
    choice_problems,
    clipped,
    days_problems,
    texts,
    texts_problems,
    unknown_keys,
)
from profilegen.places import item_at, key_at
from profilegen.policy.problems import suggestion
from profilegen.signing.identity_rules import DIGESTS, KEYS, SOON_DAYS, USES, IdentityRules

_SETTINGS = (
    "digests",
    "keys",
    "extended-key-usage",
    "min-days",
    "warn-days",
    "development",
    "pins",
)
_USES = "signing.extended-key-usage"
_PINS = "signing.pins"
_DOTTED = re.compile(r"[0-2](?:\.[0-9]+)+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def identity_rules(signing: Table, source: str) -> IdentityRules:
    """Return the rules of the table, one without problems, of the file `source`."""
    return IdentityRules(
        source=source,
        digests=texts(signing.get("digests")),
        keys=texts(signing.get("keys")),
        uses=tuple(USES.get(use, use) for use in texts(signing.get("extended-key-usage"))),
        min_days=_days(signing, "min-days", 0),
        warn_days=_days(signing, "warn-days", SOON_DAYS),
        development=signing.get("development", True) is True,
    )


def pins(signing: Table) -> Mapping[str, str]:
    """Return the pinned fingerprints, lower-case hexadecimal, by release line."""
    table = signing.get("pins", {})
    found = table if isinstance(table, dict) else {}
    return {str(line): _fingerprint(value) for line, value in found.items()}


def signing_problems(signing: Table) -> Iterator[Problem]:
    """Yield everything that is wrong with the table."""
    yield from unknown_keys(signing, _SETTINGS, "signing")
    if "digests" in signing:
        yield from choice_problems(signing["digests"], "signing.digests", "digests", DIGESTS)
    if "keys" in signing:
        yield from choice_problems(signing["keys"], "signing.keys", "kinds of keys", KEYS)
    if "extended-key-usage" in signing:
        yield from _use_problems(signing["extended-key-usage"])
    yield from days_problems(signing, "min-days", "signing")
    yield from days_problems(signing, "warn-days", "signing")
    development = signing.get("development", True)
    if not isinstance(development, bool):
        wrong = f"{clipped(development)} is neither true nor false"
        yield "signing.development", wrong, "Write development = false to refuse that identity."
    yield from _pin_problems(signing.get("pins", {}))


def _use_problems(value: object) -> Iterator[Problem]:
    yield from texts_problems(value, _USES, "extended key usages", "codeSigning")
    for index, use in enumerate(texts(value)):
        if use not in USES and not _is_object_identifier(use):
            otherwise = f"Write its dotted number, or one of: {', '.join(USES)}."
            hint = suggestion(use, USES, otherwise=otherwise)
            yield item_at(_USES, index), f"{clipped(use)} is no extended key usage", hint


def _is_object_identifier(text: str) -> bool:
    if _DOTTED.fullmatch(text) is None:
        return False
    try:
        x509.ObjectIdentifier(text)
    except ValueError:
        return False
    return True


def _pin_problems(table: object) -> Iterator[Problem]:
    if not isinstance(table, dict):
        yield _PINS, "not a table", "Write [signing.pins] on a line of its own."
        return
    for line, value in table.items():
        place = key_at(_PINS, str(line))
        if isinstance(value, dict):
            # TOML reads bare dots as tables in tables.
            hint = 'Write the whole identifier in quotes: "com.example.mail" = "FINGERPRINT".'
            yield place, "a table, and not a fingerprint", hint
        elif _FINGERPRINT.fullmatch(_fingerprint(value)) is None:
            hint = "`profilegen certs show` prints it: 64 hexadecimal digits."
            yield place, f"{clipped(value)} is no SHA-256 fingerprint", hint


def _fingerprint(value: object) -> str:
    """Return a fingerprint as we write it; other tools write it with colons and in capitals."""
    return value.replace(":", "").lower() if isinstance(value, str) else ""


def _days(table: Table, key: str, otherwise: int) -> int:
    days = table.get(key, otherwise)
    return days if isinstance(days, int) else otherwise
