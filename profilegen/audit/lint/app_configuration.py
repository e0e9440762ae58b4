"""What is wrong in a managed configuration of a mail app, on either platform.

Which keys an app knows is in the catalogue, list by list. An app without a list is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import cast

from profilegen.audit.document import AppConfiguration
from profilegen.audit.lint.app_secrets import secret_findings
from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.apps import (
    AppKey,
    KeyType,
    MailApp,
    keys_of,
    keys_of_every_app,
    mail_app_of,
)
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Platform
from profilegen.findings import Finding
from profilegen.places import ROOT, key_at

_NEAR = 0.75
_LONGEST_GUESS = 120
_MOST_GUESSES = 50
_GMAIL = "gmail"
_SSL = "exchange_ssl_required"
_TRUST_ALL = "exchange_trust_all_certificates"
_HOST = "exchange_host"
_HTTPS = ":443"
_FOR_PROTECTION = "Set it in an Intune app configuration for managed apps."
_NAMES: Mapping[Platform, str] = {Platform.IOS: "iOS", Platform.ANDROID: "Android"}
_OTHER = {Platform.IOS: Platform.ANDROID, Platform.ANDROID: Platform.IOS}
# Variables that a server fills in; what will stand there is not known.
_VARIABLE = re.compile(r"\$[A-Za-z_]\w*\$?|%[A-Za-z_]\w*%|\$\([^()]+\)")


def findings(document: AppConfiguration) -> Iterator[Finding]:
    """Yield what is wrong in the managed configuration of an iOS app."""
    content = cast("Mapping[str, object]", document.content)
    yield from findings_of(content, app=document.app, platform=Platform.IOS, where=ROOT)


def findings_of(
    configuration: Mapping[str, object], *, app: str, platform: Platform, where: str
) -> Iterator[Finding]:
    """Yield what is wrong in the managed configuration of `app`, which stands at `where`.

    `app` is a bundle id or a package name.
    """
    known = mail_app_of(app, platform)
    keys = keys_of_every_app(platform)
    if known is not None:
        keys = {**keys, **keys_of(known.id, platform)}
    guesses = 0
    for written, value in configuration.items():
        name = str(written)  # a binary property list may have numbers for keys
        place = key_at(where, name)
        key = keys.get(name)
        if key is None:
            guesses += 1
            guess = guesses <= _MOST_GUESSES and len(name) <= _LONGEST_GUESS
            yield from _unknown(name, place, app=known, platform=platform, guess=guess)
        elif not key.on_device:
            message = (
                f"{name} is listed for Intune's app protection only ({key.source}); on a device's "
                "managed configuration it is not known to have an effect."
            )
            yield found("unknown-app-key", place, message, fix=_FOR_PROTECTION)
        else:
            yield from _value(key, value, place)
    yield from secret_findings(configuration, where)
    if known is not None and known.id == _GMAIL and platform is Platform.ANDROID:
        yield from _gmail(configuration, where)


def _unknown(
    name: str, where: str, *, app: MailApp | None, platform: Platform, guess: bool
) -> Iterator[Finding]:
    other = _OTHER[platform]
    elsewhere = keys_of_every_app(other).keys() | (keys_of(app.id, other).keys() if app else set())
    if name in elsewhere:
        message = (
            f"{name} is a key for {_NAMES[other]}; apps for {_NAMES[platform]} do not read it."
        )
        yield found("other-platform-app-key", where, message, fix=_instead(name, platform))
        return
    keys = keys_of(app.id, platform) if app else {}
    if app is None or not keys:
        return
    sources = " and ".join(dict.fromkeys(key.source for key in keys.values()))
    message = f"{shown(name)} is not in the list for {app.name} that was used, from {sources}."
    readable = [*keys, *keys_of_every_app(platform)]
    near = get_close_matches(name, readable, n=1, cutoff=_NEAR) if guess else []
    yield found("unknown-app-key", where, message, fix=f"Write {near[0]}." if near else "")


def _instead(name: str, platform: Platform) -> str:
    """Return the key of `platform` that restricts the app to managed accounts, if that is meant."""
    restricting = keys_of_every_app(platform)
    if name not in keys_of_every_app(_OTHER[platform]):
        return ""
    return f"Use {' and '.join(restricting)}."


def _value(key: AppKey, value: object, where: str) -> Iterator[Finding]:
    wrong = _why_wrong(key, value)
    if wrong and not (isinstance(value, str) and _is_variable(value)):
        yield found("app-value", where, f"{key.name} takes {wrong}.")


def _is_variable(text: str) -> bool:
    return is_placeholder(text) or _VARIABLE.search(text) is not None


def _why_wrong(key: AppKey, value: object) -> str:
    """Return what the key takes, "" if `value` is that."""
    match key.type:
        case KeyType.TEXT if not isinstance(value, str):
            return "a text"
        case KeyType.TEXT:
            fits = not key.values or value in key.values
            return "" if fits else f"one of {', '.join(key.values)}"
        case KeyType.BOOLEAN:
            return "" if isinstance(value, bool) else "true or false, without quotes"
        case _:
            return _why_no_integer(key, value)


def _why_no_integer(key: AppKey, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "an integer"
    least, most = key.least, key.most
    fits = (least is None or least <= value) and (most is None or value <= most)
    return "" if fits else f"an integer from {least} to {most}"


def _gmail(configuration: Mapping[str, object], where: str) -> Iterator[Finding]:
    """Yield what makes Gmail send mail in the clear or to anybody who claims to be the server."""
    if configuration.get(_TRUST_ALL) is True:
        message = (
            "Gmail takes every certificate, also that of a stranger between it and the server."
        )
        yield found("trusts-all-certificates", key_at(where, _TRUST_ALL), message)
    host = configuration.get(_HOST)
    # With port 443 Gmail ignores the key (Google support 7065453).
    secured = isinstance(host, str) and host.strip().endswith(_HTTPS)
    if configuration.get(_SSL) is False and not secured:
        message = "Gmail talks to the Exchange server without TLS, at port 80 if none is given."
        yield found("tls-off", key_at(where, _SSL), message, fix=f"Set {_SSL} to true.")
