from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.diff.accounts import accounts_of
from profilegen.audit.diff.model import Fate
from profilegen.audit.document import AppConfiguration, BareSettings, Declaration, Document
from tests.unit.audit.diff.versions import between, part, profile
from tests.unit.audit.samples import EXCHANGE, MAIL, OUTLOOK, RESTRICTIONS, outlook, policy

DECLARED = "com.apple.configuration.account.mail"
GMAIL = "com.google.android.gm"


def fates(old: Document, new: Document) -> list[tuple[str, str, Fate, list[str]]]:
    return [
        (item.before, item.name, item.fate, [reason.code for reason in item.reasons])
        for item in between(old, new).accounts
    ]


STAFF = "org.example.mail.staff"
PRESS = "org.example.mail.press"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (part(MAIL, "staff", "1"), part(MAIL, "staff", "2"), ["payload-uuid"]),
        (part(MAIL, "staff", "1"), part(EXCHANGE, "staff", "1"), ["payload-type"]),
    ],
)
def test_an_account_that_is_made_anew(old: Any, new: Any, expected: list[str]) -> None:  # noqa: ANN401
    found = between(profile(old), profile(new))
    assert fates(profile(old), profile(new)) == [(STAFF, STAFF, Fate.RECREATED, expected)]
    assert not found.identity


def test_an_account_of_another_identifier() -> None:
    old, new = profile(part(MAIL, "staff", "1")), profile(part(MAIL, "press", "1"))
    assert fates(old, new) == [(STAFF, PRESS, Fate.RECREATED, ["payload-identifier"])]


def test_a_second_profile_brings_a_second_account() -> None:
    old = profile(part(MAIL, "staff"))
    new = profile(part(MAIL, "staff"), PayloadIdentifier="org.b")
    assert fates(old, new) == [(STAFF, STAFF, Fate.RECREATED, ["profile-identifier"])]


def test_accounts_come_and_go() -> None:
    old = profile(part(MAIL, "staff", "1", EmailAddress="a@example.org"))
    new = profile(part(MAIL, "press", "2", EmailAddress="b@example.org"))
    assert fates(old, new) == [
        (STAFF, STAFF, Fate.REMOVED, []),
        ("", PRESS, Fate.ADDED, []),
    ]


@pytest.mark.parametrize(("kind", "notes"), [(EXCHANGE, 1), (MAIL, 0)])
def test_an_update_of_exchange_resets_what_the_person_chose(kind: str, notes: int) -> None:
    old, new = (profile(part(kind, "staff", Host=host)) for host in ("a", "b"))
    (found,) = between(old, new).accounts
    assert (found.fate, len(found.notes)) == (Fate.UPDATED, notes)


def test_accounts_and_other_payloads_of_a_type_that_only_one_side_has() -> None:
    old = profile(part(MAIL, "staff"), part(RESTRICTIONS))
    assert fates(old, profile()) == [(STAFF, STAFF, Fate.REMOVED, [])]
    assert fates(profile(), old) == [("", STAFF, Fate.ADDED, [])]


def test_an_account_that_nobody_touched_is_not_told() -> None:
    old, new = (profile(part(MAIL, "staff"), part(RESTRICTIONS, x=x)) for x in (1, 2))
    assert not between(old, new).accounts


def _declared(identifier: str = "i", kind: str = DECLARED, **keys: Any) -> Declaration:  # noqa: ANN401
    return Declaration("a", {"Type": kind, "Identifier": identifier, "Payload": keys})


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (_declared("j"), ("i", "j", Fate.RECREATED, ["declaration-identifier"])),
        (
            _declared(kind="com.apple.configuration.account.google"),
            ("i", "i", Fate.RECREATED, ["declaration-type"]),
        ),
        (_declared(VisibleName="A"), ("i", "i", Fate.UPDATED, [])),
    ],
)
def test_declared_accounts(new: Declaration, expected: tuple[str, str, Fate, list[str]]) -> None:
    assert fates(_declared(), new) == [expected]


def test_a_token_alone_updates_no_declared_account() -> None:
    old, new = (
        Declaration("a", {**_declared().content, "ServerToken": token}) for token in ("1", "2")
    )
    assert not between(old, new).accounts


def test_mail_apps_of_a_policy_are_accounts() -> None:
    entry = {"packageName": GMAIL, "installType": "AVAILABLE"}
    assert fates(policy(), policy(applications=[entry])) == [("", GMAIL, Fate.ADDED, [])]
    blocked = [{**entry, "installType": "BLOCKED"}, {"packageName": "org.example.crm"}, 7]
    assert accounts_of(policy(applications=blocked)) == ()
    assert accounts_of(policy(applications="x")) == ()


def test_an_app_that_both_policies_have_is_not_told() -> None:
    old, new = (policy(applications=[{"packageName": GMAIL}], locationMode=x) for x in ("A", "B"))
    assert not between(old, new).accounts


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (profile(part(MAIL, "staff"), part(RESTRICTIONS)), ((STAFF, MAIL),)),
        (_declared(""), ((DECLARED, DECLARED),)),
        (_declared(kind="com.apple.configuration.siri.settings"), ()),
        (outlook(), ((OUTLOOK, "app"),)),
        (AppConfiguration("a", "org.example.crm", {}), ()),
        (BareSettings("a", {"EmailAddress": "x"}), ()),
    ],
)
def test_the_accounts_that_a_document_brings(
    document: Document, expected: tuple[tuple[str, str], ...]
) -> None:
    assert accounts_of(document) == expected
