"""LDAP URLs: the examples of RFC 4516 and what is not taken."""

from __future__ import annotations

import pytest

from profilegen.errors import UsageError
from profilegen.release.sources.ldap_url import Scope, is_ldap_url, parse_ldap_url


@pytest.mark.parametrize(
    ("text", "server", "base", "attributes", "scope", "found"),
    [
        (
            "ldap://ldap1.example.net/o=A%20B,c=US",
            "ldap://ldap1.example.net",
            "o=A B,c=US",
            (),
            Scope.SUB,
            "(objectClass=*)",
        ),
        (
            "ldap://h/c=GB?objectClass,mail?ONE?(cn=A%3fB)",
            "ldap://h",
            "c=GB",
            ("objectClass", "mail"),
            Scope.ONE,
            "(cn=A?B)",
        ),
        (
            "ldaps://[2001:db8::7]:1636/?*?base",
            "ldaps://[2001:db8::7]:1636",
            "",
            (),
            Scope.BASE,
            "(objectClass=*)",
        ),
        (
            "ldapi://%2Frun%2Fldapi/o=A??sub?(o=%C3%84%5c00)",
            "ldapi://%2Frun%2Fldapi",
            "o=A",
            (),
            Scope.SUB,
            "(o=Ä\\00)",
        ),
        ("ldap://h", "ldap://h", "", (), Scope.SUB, "(objectClass=*)"),
    ],
)
def test_parts(  # noqa: PLR0913, PLR0917 - the parts of a URL
    text: str, server: str, base: str, attributes: tuple[str, ...], scope: Scope, found: str
) -> None:
    url = parse_ldap_url(text)
    assert (url.server, url.base, url.attributes) == (server, base, attributes)
    assert (url.scope, url.filter) == (scope, found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ldap:///o=A", "it names no host"),
        ("ldap://h:x/o=A", "no host and port: h:x"),
        ("ldap://h/o=A??tree", "the scope is base, one or sub, not tree"),
        ("ldap://h/o=A????bindname=cn=x", "extensions are not supported: bindname=cn=x"),
        ("ldap://h/o=A?????", "more than four ? after the base"),
        ("ldap://h/o=A?a b", "no name of an attribute: a b"),
        ("ldap://h/o=%FF", "its % escapes are not UTF-8"),
        ("ldap://h/o=%00", "it holds a NUL"),
    ],
)
def test_urls_that_are_none(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ldap_url(text)
    assert caught.value.message == f"--users {text}: not a usable LDAP URL: {message}"
    assert "RFC 4516" in caught.value.hint


@pytest.mark.parametrize("login", ["cn=a:canary", "canary", "a:canary@b"])
def test_a_password_in_a_url_is_refused_and_not_repeated(login: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_ldap_url(f"ldaps://{login}@example.com/o=A")
    assert "canary" not in caught.value.message + caught.value.hint
    assert caught.value.hint == "Use --ldap-bind-dn and --ldap-password-file."


def test_what_is_meant_as_a_url() -> None:
    assert is_ldap_url("LDAPS://h")
    assert not is_ldap_url("ldap.csv")
    assert not is_ldap_url("https://h")
