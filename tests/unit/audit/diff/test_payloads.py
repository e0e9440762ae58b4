from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.diff.payloads import Payload, match_payloads, payloads
from profilegen.audit.document import Profile
from tests.unit.audit.samples import EXCHANGE, MAIL, RESTRICTIONS


def read(*items: Any) -> tuple[Payload, ...]:  # noqa: ANN401
    return payloads(Profile("a", {"PayloadContent": list(items)}))


def item(kind: str, identifier: str, uuid: str = "", **keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "PayloadType": kind,
        "PayloadIdentifier": identifier,
        **({"PayloadUUID": uuid} if uuid else {}),
        **keys,
    }


def pairs(old: tuple[Payload, ...], new: tuple[Payload, ...]) -> list[tuple[int, int]]:
    return [(a.index, b.index) for a, b in match_payloads(old, new).pairs]


def test_what_is_no_dictionary_is_no_payload() -> None:
    assert [payload.index for payload in read("x", {}, 7, {"PayloadType": 3})] == [1, 3]
    assert payloads(Profile("a", {"PayloadContent": b"x"})) == ()
    assert read({})[0].account == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (item(MAIL, "org.a", "1"), item(EXCHANGE, "org.a", "2")),
        (item(MAIL, "org.a", "ab"), item(MAIL, "org.b", "AB")),
        (item(MAIL, "org.a.staff", "1"), item(MAIL, "com.b.staff", "2")),
        (
            item(MAIL, "org.a", "1", EmailAddress="a@example.org"),
            item(MAIL, "org.b", "2", EmailAddress="a@example.org"),
        ),
        (item(RESTRICTIONS, "org.a", "1"), item(RESTRICTIONS, "org.b", "2")),
        (item(MAIL, "org.a", "1"), item(MAIL, "org.b", "2")),
        (item(MAIL, "org.a", "1", EmailAddress="a@example.org"), item(MAIL, "org.b", "2")),
    ],
    ids=["identifier", "uuid", "last part", "address", "type", "lone account", "one address"],
)
def test_what_makes_two_payloads_versions_of_one(old: Any, new: Any) -> None:  # noqa: ANN401
    assert pairs(read(old), read(new)) == [(0, 0)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            [item(MAIL, "org.a", EmailAddress="a@example.org")],
            [item(MAIL, "org.b", EmailAddress="b@example.org")],
        ),
        ([item(MAIL, "org.a")], [item(MAIL, "org.b"), item(MAIL, "org.c")]),
        ([item(RESTRICTIONS, "org.a")], [item("com.apple.domains", "org.b")]),
        ([{}], [{"PayloadVersion": 1}]),
    ],
)
def test_others_come_and_go(old: list[Any], new: list[Any]) -> None:
    matched = match_payloads(read(*old), read(*new))
    assert not matched.pairs
    assert len(matched.removed) == len(old)
    assert len(matched.added) == len(new)


def test_payloads_without_a_name_are_known_by_what_is_in_them() -> None:
    assert pairs(read({}, {"a": [1]}), read({"a": [1]}, {})) == [(0, 1), (1, 0)]


def test_the_identifier_comes_before_all_else() -> None:
    old = read(item(MAIL, "org.a", "1"), item(MAIL, "org.b", "2"))
    new = read(item(MAIL, "org.b", "1"), item(MAIL, "org.a", "2"))
    assert pairs(old, new) == [(0, 1), (1, 0)]


def test_an_identifier_that_stands_twice_is_matched_in_order() -> None:
    twice = read(item(MAIL, "org.a"), item(MAIL, "org.a"))
    assert pairs(twice, twice) == [(0, 0), (1, 1)]
