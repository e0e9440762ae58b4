"""What is computed for the slots is what rendering computes."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from profilegen.identifiers import stable_uuid, stable_uuids
from profilegen.release.splicing.filling import derived, filler, json_text, xml_text
from profilegen.release.splicing.slots import CutFile, Pieces, Slot, Source
from profilegen.release.workers.chunk_work import USERS_IN_BATCH
from profilegen.render.artifact import ArtifactKind
from profilegen.render.names import Names
from profilegen.render.text import is_line

LINES = st.text().filter(is_line)
ORGANIZATION, TARGET = "com.example.mail", "phone"


@given(LINES)
def test_xml_is_escaped_as_plistlib_does(value: str) -> None:
    content = plistlib.dumps({"x": value}).decode()
    assert f"<string>{xml_text(value)}</string>" in content


@given(LINES)
def test_json_is_escaped_so_that_it_reads_back(value: str) -> None:
    assert json.loads(f'"{json_text(value)}"') == value


@given(st.lists(LINES, max_size=4), st.lists(LINES, max_size=3))
def test_uuids_are_those_of_rendering(names: list[str], users: list[str]) -> None:
    uuids_of = stable_uuids(ORGANIZATION, [(TARGET, "kind", name) for name in names])
    assert [uuid.decode() for uuid in uuids_of([user.encode() for user in users])] == [
        stable_uuid(ORGANIZATION, TARGET, "kind", name, user) for user in users for name in names
    ]


@given(LINES.filter(bool))
def test_everything_that_follows_from_the_id(user: str) -> None:
    slots = (
        Slot(Source.ID),
        Slot(Source.FILE),
        Slot(Source.PART),
        Slot(Source.UUID, ("profile", "")),
        Slot(Source.DECLARATION, ("a",)),
        Slot(Source.DECLARATION, ("a" * 20,)),
    )
    content = Pieces((b"", *[b"\n"] * (len(slots) - 1), b""), slots)
    file = CutFile(ArtifactKind.DECLARATION, ("x/", ".y"), content, None)
    fill = filler([file], [], organization=ORGANIZATION, target=TARGET)
    ((made,),) = fill([(user,)], derived([(user,)]))
    names = Names(ORGANIZATION, TARGET, user)
    assert made.path == f"x/{names.user_file()}.y"
    assert made.content.decode().split("\n") == [
        json_text(user),
        names.user_file(),
        names.user_part(),
        names.uuid("profile"),
        names.declaration("a"),
        names.declaration("a" * 20),
    ]


def test_constants_may_hold_per_cent_signs() -> None:
    for slots in ((), (Slot(Source.FIELD, ("x",)),)):
        constants = tuple(b"%b%%%(x)s" for _ in range(len(slots) + 1))
        file = CutFile(ArtifactKind.POLICY, ("", ""), Pieces(constants, slots), None)
        ((made,),) = filler([file], ["x"], organization="a", target="b")(
            [("u", "%s")], derived([("u",)])
        )
        assert made.content == b"%s".join(constants)


def test_a_token_is_the_digest_of_the_declaration_without_it() -> None:
    token = Slot(Source.TOKEN, ("0",))
    content = Pieces((b'{"t":"', b'","x":"', b'"}'), (token, Slot(Source.FIELD, ("x",))))
    preimage = Pieces((b'{"x":"', b'"}'), (Slot(Source.FIELD, ("x",)),))
    file = CutFile(ArtifactKind.DECLARATION, ("", ".json"), content, preimage)
    ((made,),) = filler([file], ["x"], organization="a", target="b")(
        [("u", '"')], derived([("u",)])
    )
    expected = Names("a", "b", "").server_token(b'{"x":"\\""}')
    assert json.loads(made.content) == {"t": expected, "x": '"'}


def test_users_of_a_whole_batch_get_what_each_gets_alone() -> None:
    token, name, mail = Slot(Source.TOKEN, ("0",)), *_fields("name", "mail")
    ids = [Slot(source) for source in (Source.ID, Source.FILE, Source.PART)]
    made_of_ids = [Slot(Source.UUID, ("a", "")), Slot(Source.DECLARATION, ("a" * 20,))]
    slots = (mail, *ids, *made_of_ids, name, Slot(Source.UUID, ("b", "")), mail)
    content = _between(slots)
    files = [
        CutFile(ArtifactKind.PROFILE, ("p/", ".mobileconfig"), content, None),
        CutFile(ArtifactKind.DECLARATION, ("d/", ".json"), _between((token, *slots)), content),
        CutFile(ArtifactKind.POLICY, ("a/", ".json"), content, None),
    ]
    fill = filler(files, ["name", "mail"], organization=ORGANIZATION, target=TARGET)
    rows = [
        (f"{'U&' if number % 3 else 'u'}{number}", "" if number % 5 else '"<', f"{number}@x")
        for number in range(USERS_IN_BATCH + 1)
    ]
    together = fill(rows, derived(rows))
    assert together == [fill([row], derived([row]))[0] for row in rows]
    assert len(set(together)) == len(rows)


def _fields(*names: str) -> list[Slot]:
    return [Slot(Source.FIELD, (name,)) for name in names]


def _between(slots: Sequence[Slot]) -> Pieces:
    return Pieces((b"", *[b"\n"] * (len(slots) - 1), b""), tuple(slots))
