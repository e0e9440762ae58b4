"""A person for whom artifacts are made, and an account with that person's values in place.

Values are put in before templates see the account, so a value is never read as template code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import assert_never

from profilegen.errors import InputError
from profilegen.policy.accounts import Account, ExchangeServer, ImapServers, MailServer, Server
from profilegen.policy.fields import fill
from profilegen.policy.targets import IosTarget, Target
from profilegen.render.text import check_line

_NO_VALUES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class User:
    """A user's `id`, which names the artifacts, and the value of every field."""

    id: str
    values: Mapping[str, str]


UserRow = tuple[str, ...]
"""The id of a user, and then the values of fields whose names and order are known.

It is how users travel: a million of them are no objects.
"""


def user_of_service(target: Target) -> User | None:
    """Return the user without an id whose values are an MDM service's placeholders.

    None where no service fills in values.
    """
    if not isinstance(target, IosTarget) or target.variables is None:
        return None
    return User("", target.variables.placeholders)


def values_of(user: User | None) -> Mapping[str, str]:
    """Return the user's values, none for the artifacts that all users share."""
    return _NO_VALUES if user is None else user.values


def fill_account(account: Account, user: User | None) -> Account:
    """Return `account` with `{{ user.FIELD }}` replaced in each of its texts.

    Raises InputError for a field without a value and for a control character in the result.
    """
    text = partial(fill_line, user=user, place=f"account {account.id}")
    return replace(
        account,
        name=text(account.name, "name"),
        address=text(account.address, "address"),
        username=text(account.username, "username"),
        server=_fill_server(account.server, text),
        vpn=text(account.vpn, "vpn"),
        call_app=text(account.call_app, "call_app"),
    )


def fill_line(text: str, field: str, *, user: User | None, place: str) -> str:
    """Return one text filled with the user's values; `place` and `field` are for the message.

    Raises InputError for a field without a value and for a control character in the result.
    """
    who = "" if user is None else f" of user {user.id!a}"
    try:
        filled = fill(text, values_of(user))
    except KeyError as error:
        message = f"{place}: {field} needs a value for user.{error.args[0]}{who}"
        raise InputError(message, hint="Supply the field with --users.") from error
    return check_line(filled, f"{place}: {field}{who}")


def _fill_server(server: Server, text: Callable[[str, str], str]) -> Server:
    match server:
        case ExchangeServer():
            return replace(
                server,
                host=text(server.host, "server.host"),
                oauth_sign_in_url=text(server.oauth_sign_in_url, "server.oauth_sign_in_url"),
                oauth_token_url=text(server.oauth_token_url, "server.oauth_token_url"),
            )
        case ImapServers():
            return ImapServers(
                incoming=_fill_leg(server.incoming, text, "server.incoming"),
                outgoing=_fill_leg(server.outgoing, text, "server.outgoing"),
            )
        case None:
            return None
        case _:
            assert_never(server)


def _fill_leg(leg: MailServer, text: Callable[[str, str], str], place: str) -> MailServer:
    return replace(
        leg,
        host=text(leg.host, f"{place}.host"),
        username=text(leg.username, f"{place}.username"),
    )
