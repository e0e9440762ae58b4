"""UUIDs and identifiers of one profile, and of files beside each other."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import AndroidPolicy, Declaration, Document, Profile
from profilegen.audit.lint import identity
from profilegen.audit.lint.content import Content
from profilegen.audit.lint.stand_ins import is_made_up_uuid
from tests.unit.audit.test_arbitrary_input import VALUES

UUIDS = [str(uuid.UUID(int=random.Random(seed).getrandbits(128), version=4)) for seed in range(9)]  # noqa: S311  (no secret, the same in each run)


def made(
    *labels: tuple[Any, Any],
    name: str = "a.mobileconfig",
    top: tuple[Any, Any] = ("org.northwind.a", UUIDS[0]),
    **keys: Any,  # noqa: ANN401
) -> Profile:
    payloads = [
        {"PayloadType": "com.apple.dock", "PayloadIdentifier": identifier, "PayloadUUID": text}
        for identifier, text in labels
    ]
    identifier, text = top
    content = {"PayloadIdentifier": identifier, "PayloadUUID": text, "PayloadContent": payloads}
    return Profile(name, {**content, **keys})


def found(document: Profile) -> list[tuple[str, str]]:
    return [(item.rule, item.where) for item in identity.findings(document)]


def test_a_good_profile_has_no_finding() -> None:
    assert (
        found(made(("org.northwind.a.1", UUIDS[1]), ("org.northwind.a.2", UUIDS[2].upper()))) == []
    )
    assert found(Profile("a", {"PayloadContent": 7})) == []


def test_a_uuid_that_stands_twice() -> None:
    inner = made(("org.northwind.a.1", UUIDS[1]), ("org.northwind.a.2", UUIDS[1].upper()))
    assert found(inner) == [("duplicate-uuid", "PayloadContent[1].PayloadUUID")]
    outer = made(("org.northwind.a.1", UUIDS[0]))
    (finding,) = identity.findings(outer)
    assert (finding.rule, finding.where) == ("duplicate-uuid", "PayloadContent[0].PayloadUUID")
    assert finding.message.endswith("is also that of the profile.")


def test_an_identifier_that_stands_twice() -> None:
    inner = made(("org.northwind.a.1", UUIDS[1]), ("org.northwind.a.1", UUIDS[2]))
    assert found(inner) == [("duplicate-identifier", "PayloadContent[1].PayloadIdentifier")]


@pytest.mark.parametrize("identifier", ["org.northwind.a", "{{identifier}}"])
def test_a_payload_with_the_identifier_of_the_profile(identifier: str) -> None:
    document = made((identifier, UUIDS[1]), top=(identifier, UUIDS[0]))
    assert found(document) == [("identifier-of-profile", "PayloadContent[0].PayloadIdentifier")]


def test_placeholders_of_uuids_become_different_ones() -> None:
    assert (
        found(made(("org.northwind.a.1", "{{ uuid }}"), ("org.northwind.a.2", "{{ uuid }}"))) == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "00000000-0000-0000-0000-000000000000",
        "11111111-2222-3333-4444-555555555555",
        "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
        "12345678-1234-1234-1234-123456789012",
        "C1D2E3F4-A5B6-7890-CDEF-123456789ABC",
        "01234567-89AB-CDEF-0123-456789ABCDEF",
        "DEADBEEF-6B0E-4C0B-9D0B-0E4B6C1F8A37",
        "YOUR-UUID-HERE",
        "<uuid>",
    ],
)
def test_a_uuid_that_was_typed(text: str) -> None:
    document = made(("org.northwind.a.1", text), ("org.northwind.a.2", text))
    places = [f"PayloadContent[{index}].PayloadUUID" for index in range(2)]
    assert found(document) == [("placeholder-uuid", place) for place in places]


@pytest.mark.parametrize("text", ["", "wifi-1", "6F1C7A52-6B0E-4C0B-9D0B-0E4B6C1F8A3", "UUID"])
def test_text_that_is_no_uuid(text: str) -> None:
    document = made(("org.northwind.a.1", text))
    assert found(document) == [("not-a-uuid", "PayloadContent[0].PayloadUUID")]


@given(st.uuids(version=4))
def test_random_uuids_are_not_made_up(value: uuid.UUID) -> None:
    # Hypothesis likes small numbers; what it draws is spread as a generator would.
    spread = uuid.UUID(int=random.Random(value.int).getrandbits(128), version=4)  # noqa: S311
    assert not is_made_up_uuid(str(spread))


@pytest.mark.parametrize(
    "identifier",
    [
        *("com.example.wifi", "com.yourcompany.mail", "com.company.profile", "identifier"),
        *("example.org.profile", "your-identifier-here", "COM.EXAMPLE"),
    ],
)
def test_an_identifier_of_nobody(identifier: str) -> None:
    document = made((f"{identifier}.1", UUIDS[1]), top=(identifier, UUIDS[0]))
    assert ("placeholder-identifier", "PayloadIdentifier") in found(document)
    assert sum(rule == "placeholder-identifier" for rule, _ in found(document)) == 1


@pytest.mark.parametrize("identifier", ["Block AirDrop", UUIDS[3], "", "a..b"])
def test_an_identifier_without_a_domain(identifier: str) -> None:
    document = made(("org.northwind.a", UUIDS[1]), top=(identifier, UUIDS[0]))
    assert found(document) == [("not-reverse-dns", "PayloadIdentifier")]


@pytest.mark.parametrize("top", [("{{ identifier }}", UUIDS[0]), (7, UUIDS[0])])
def test_an_identifier_that_is_not_known_is_not_judged(top: tuple[Any, Any]) -> None:
    assert found(made(("one word", UUIDS[1]), top=top)) == []


def beside(*documents: Document) -> list[tuple[int, str, str]]:
    return [(i, item.rule, item.where) for i, item in identity.findings_beside(documents)]


def test_files_that_share_uuid_and_identifier() -> None:
    one, two = made(name="one"), made(name="two", PayloadDisplayName="Other")
    assert beside(one, two) == [
        (0, "shared-uuid", "PayloadUUID"),
        (1, "shared-uuid", "PayloadUUID"),
        (0, "shared-identifier", "PayloadIdentifier"),
        (1, "shared-identifier", "PayloadIdentifier"),
    ]
    (_, finding), *_ = identity.findings_beside([one, two])
    assert finding.message.startswith("'two' has the same UUID, ")


def test_twins_share_by_right_but_not_with_a_third() -> None:
    one, twin = made(name="one"), made(name="one-signed")
    assert beside(one, twin) == []
    third = made(name="third", PayloadDisplayName="Other")
    named = [item.message for _, item in identity.findings_beside([one, twin, third])]
    assert [message.partition(" has")[0] for message in named[:3]] == ["'third'"] * 2 + ["'one'"]


def test_payloads_of_unrelated_files_that_share_a_uuid() -> None:
    one = made(("org.northwind.a.1", UUIDS[1]), ("org.northwind.a.2", UUIDS[2]), name="one")
    labels = [("org.northwind.b.1", UUIDS[2]), ("org.northwind.b.2", UUIDS[1])]
    two = made(*labels, name="two", top=("org.northwind.b", UUIDS[5]))
    assert beside(one, two) == [
        (0, "shared-uuid", "PayloadContent[0].PayloadUUID"),
        (1, "shared-uuid", "PayloadContent[1].PayloadUUID"),
    ]
    version = made(("org.northwind.a.1", UUIDS[1]), name="three")
    assert {where for _, _, where in beside(one, version)} == {"PayloadUUID", "PayloadIdentifier"}


def test_placeholders_are_no_label_to_share() -> None:
    top = ("{{ identifier }}", "00000000-0000-0000-0000-000000000000")
    assert beside(made(top=top), made(top=top, name="b", PayloadDisplayName="b")) == []


def test_declarations_share_identifiers_and_other_documents_nothing() -> None:
    one = Declaration("a", {"Type": "t", "Identifier": "one", "Payload": {}})
    two = Declaration("b", {"Type": "u", "Identifier": "one", "Payload": {}})
    policy = AndroidPolicy("c", {"PayloadUUID": UUIDS[0]})
    assert beside(one, two, policy, policy) == [
        (0, "shared-identifier", "Identifier"),
        (1, "shared-identifier", "Identifier"),
    ]


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4))
def test_the_digest_is_of_the_content_alone(tree: dict[str, Any]) -> None:
    turned = dict(reversed(tree.items()))
    assert Content(tree).digest == Content(turned).digest
    assert Content({**tree, "more": True}).digest != Content({**tree, "more": 1}).digest


@given(st.lists(st.tuples(VALUES, VALUES), max_size=4), st.tuples(VALUES, VALUES))
def test_arbitrary_values_end_in_findings(labels: list[tuple[Any, Any]], top: Any) -> None:  # noqa: ANN401
    document = made(*labels, top=top)
    assert all(where for _, where in found(document))
    assert all(index in {0, 1} for index, *_ in beside(document, made(*labels)))
