"""Files beside each other: the labels that are kept say what the whole documents say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import Declaration, Document, JsonDict, Profile
from profilegen.audit.lint.lint import lint_beside
from profilegen.findings import Finding
from profilegen.inspection.neighbours import Neighbours
from profilegen.plist import PlistDict

UUIDS = (
    "8F5D8DF5-5E8B-4C0D-9E41-0F6A1F0C2D11",
    "8f5d8df5-5e8b-4c0d-9e41-0f6a1f0c2d11",
    "B7C0E9A4-2D3F-4A55-8B60-7C1E5D9F3A22",
    "",
    "{{ uuid }}",
)
NAMES = ("com.example.one", "COM.example.one", "com.example.two", "lone \ud800")


def beside(documents: Sequence[Document]) -> list[tuple[int, Finding]]:
    neighbours = Neighbours()
    for number, document in enumerate(documents):
        neighbours.add(number, document)
    return sorted(neighbours.findings(), key=repr)


def labelled(text: Sequence[str]) -> st.SearchStrategy[object]:
    return st.one_of(st.sampled_from(text), st.just(7))


payload = st.one_of(
    st.just("no payload"),
    st.fixed_dictionaries(
        {}, optional={"PayloadUUID": labelled(UUIDS), "value": st.integers(0, 1)}
    ),
)
profile = st.fixed_dictionaries(
    {"PayloadContent": st.one_of(st.lists(payload, max_size=3), st.just("none"))},
    optional={
        "PayloadUUID": labelled(UUIDS),
        "PayloadIdentifier": labelled(NAMES),
        "Content": st.just("as kept"),
    },
)
declaration = st.fixed_dictionaries(
    {"Type": st.just("t")}, optional={"Identifier": labelled(NAMES), "Payload": st.just({})}
)
document = st.one_of(
    profile.map(lambda content: Profile("p", cast("PlistDict", content))),
    declaration.map(lambda content: Declaration("d", cast("JsonDict", content))),
)


@given(st.lists(document, max_size=5))
def test_labels_say_what_documents_say(documents: list[Document]) -> None:
    assert beside(documents) == sorted(lint_beside(documents), key=repr)


def test_what_is_found_has_the_number_of_its_file() -> None:
    neighbours = Neighbours()
    one: PlistDict = {"PayloadUUID": UUIDS[0], "PayloadContent": ["x", {"PayloadUUID": UUIDS[2]}]}
    assert neighbours.add(3, Profile("a", one)) == ("PayloadUUID", "PayloadContent[1].PayloadUUID")
    assert neighbours.add(4, Profile("b", {"PayloadUUID": "9"})) == ("PayloadUUID",)
    neighbours.add(8, Profile("c", {**one, "PayloadDisplayName": "C"}))
    assert {number for number, _ in neighbours.findings()} == {3, 8}
