"""What fits the schema part by part and still cannot stand together."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date

from profilegen.policy.accounts import Service
from profilegen.policy.compose import Plain
from profilegen.policy.fields import placeholders
from profilegen.policy.lenient import all_texts, mapping, rows, text, texts
from profilegen.policy.problems import Fault, Path, clip, listing, suggestion

# Every source of users has it: it names the user.
_IMPLIED_FIELD = "id"

# What the schema accepts; anything else it refuses by itself.
_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


def consistency_faults(root: Plain) -> Iterator[Fault]:
    """Yield what contradicts itself, apart from ids and apps."""
    yield from _google_by_hand(root)
    yield from _undeclared_fields(root)
    yield from _patterns(root)
    yield from _dates(root)


def _google_by_hand(root: Plain) -> Iterator[Fault]:
    google = {
        text(account, "id")
        for _, account in rows(root, "accounts")
        if account.get("service") == Service.GOOGLE
    }
    for row in rows(root, "targets"):
        if row[1].get("enrollment") != "manual":
            continue
        for path, name in texts(row, "accounts"):
            if name in google:
                message = f"the google account {clip(name)} cannot be on a manual target"
                hint = (
                    "The Google payload needs MDM, or Apple Configurator on a supervised device:"
                    " use another enrollment, or take the account off."
                )
                yield Fault(path, message, hint)


def _undeclared_fields(root: Plain) -> Iterator[Fault]:
    declared = [*mapping(root, "users"), _IMPLIED_FIELD]
    if len(declared) == 1:
        return
    for key in ("accounts", "certificates"):
        for row_path, row in rows(root, key):
            for path, value in all_texts(row_path, dict(row)):
                for field in placeholders(value):
                    if field not in declared:
                        yield _undeclared(path, field, declared)


def _undeclared(path: Path, field: str, declared: list[str]) -> Fault:
    hint = suggestion(field, declared, otherwise=f"users declares {listing(declared)}.")
    return Fault(path, f"users declares no field {clip(field)}", hint)


def _patterns(root: Plain) -> Iterator[Fault]:
    for name in mapping(root, "users"):
        pattern = text(mapping(root, "users", name), "pattern")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a doubtful pattern still compiles
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            message = f"not a regular expression: {error}"
            yield Fault(("users", name, "pattern"), message, "Escape what is meant literally.")


def _dates(root: Plain) -> Iterator[Fault]:
    places: list[tuple[Path, str]] = [
        ((*path, "from"), text(app, "from")) for path, app in rows(root, "apps", "blocked")
    ]
    profile = mapping(root, "profile")
    places.append((("profile", "removal", "on"), text(mapping(profile.get("removal")), "on")))
    places.append((("profile", "expires"), text(profile, "expires")))
    for path, written in places:
        if _DATE.fullmatch(written):
            yield from _calendar(path, written)


def _calendar(path: Path, written: str) -> Iterator[Fault]:
    try:
        date.fromisoformat(written)
    except ValueError:
        message = f"the calendar has no {written}"
        yield Fault(path, message, "Write a day that exists, as year-month-day.")
