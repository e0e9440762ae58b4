"""The fields of users in a policy's texts: `{{ user.FIELD }}`, where they stand, filling them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from profilegen.policy.accounts import Account, ExchangeServer, ImapServers
from profilegen.policy.certificates import AcmeEnrolment, Certificate, ScepEnrolment
from profilegen.policy.model import Policy

PLACEHOLDER = re.compile(r"\{\{ *user\.([A-Za-z][A-Za-z0-9_]*) *\}\}")


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field and the text it stands in: of `account`, or of `certificate` (the other is "").

    `place` names the text as the policy file does: address, server.incoming.host, subject.CN.
    """

    account: str
    certificate: str
    place: str
    field: str

    def __str__(self) -> str:
        """Return the place for a message: account staff, address."""
        owner = f"account {self.account}" if self.account else f"certificate {self.certificate}"
        return f"{owner}, {self.place}"


def placeholders(text: str) -> tuple[str, ...]:
    """Return the fields that `text` asks for, each once, in the order of the text."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put `values` in place of the placeholders of `text`; KeyError when one is missing.

    Values are put in as they are: text in a value that looks like a placeholder stays.
    """
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def field_places(policy: Policy) -> tuple[FieldPlace, ...]:
    """Return every field with its place, accounts first, in the order of the file.

    A text that defaults to another one (the user name to the address) counts as its own place.
    """
    found = [
        FieldPlace(account.id, "", place, field)
        for account in policy.accounts
        for place, text in account_texts(account)
        for field in placeholders(text)
    ]
    found += [
        FieldPlace("", certificate.id, place, field)
        for certificate in policy.certificates
        for place, text in _certificate_texts(certificate)
        for field in placeholders(text)
    ]
    return tuple(found)


def account_texts(account: Account) -> Iterator[tuple[str, str]]:
    """Yield every text of `account` that may hold a field, with its place: server.host, address."""
    yield "name", account.name
    yield "address", account.address
    yield "username", account.username
    match account.server:
        case ExchangeServer() as server:
            yield "server.host", server.host
            yield "server.oauth_sign_in_url", server.oauth_sign_in_url
            yield "server.oauth_token_url", server.oauth_token_url
        case ImapServers() as servers:
            for leg, mail in (("incoming", servers.incoming), ("outgoing", servers.outgoing)):
                yield f"server.{leg}.host", mail.host
                yield f"server.{leg}.username", mail.username
        case None:
            pass
    yield "vpn", account.vpn
    yield "call_app", account.call_app


def _certificate_texts(certificate: Certificate) -> Iterator[tuple[str, str]]:
    match certificate:
        case ScepEnrolment():
            yield "url", certificate.url
            yield "name", certificate.name
        case AcmeEnrolment():
            yield "directory_url", certificate.directory_url
            yield "client_identifier", certificate.client_identifier
        case _:
            return
    for attribute, text in certificate.subject:
        yield f"subject.{attribute}", text
