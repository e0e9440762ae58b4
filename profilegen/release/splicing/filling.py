"""Fill the slots of cut files with what belongs to one user: the inner loop of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from profilegen.identifiers import file_name, stable_uuids
from profilegen.release.splicing.slots import CutFile, Pieces, Slot, Source
from profilegen.render.artifact import ArtifactKind
from profilegen.render.names import DECLARATION_IDENTIFIER_OCTETS, Names, part_of
from profilegen.render.user import UserRow

_XML = frozenset({ArtifactKind.PROFILE, ArtifactKind.APP_CONFIGURATION})
_OF_THE_LIST = frozenset({Source.FIELD, Source.ID})
_Columns = Sequence[Sequence[bytes]]
"""Texts for slots: of each slot those of all users, in their order."""
_Contents = Callable[[_Columns, int], Iterable[bytes]]
"""Gives the content of a file for each of so many users."""
_Key = tuple[Slot, bool]
_Table = Mapping[_Key, int]


class RenderedFile(NamedTuple):
    """An artifact of one user; `path` is relative to the release, in POSIX form."""

    kind: ArtifactKind
    path: str
    content: bytes


Files = tuple[RenderedFile, ...]
"""All files of one user and target."""


class Derived(NamedTuple):
    """What is computed of users' ids once and used in many slots, in the order of the users.

    `octets` are the ids in UTF-8, `files` the names of the users' files, and `parts` are the parts
    of identifiers that name the users.
    """

    octets: list[bytes]
    files: list[str]
    parts: list[str]


Fill = Callable[[Sequence[UserRow], Derived], list[Files]]
"""Gives the files of several users, from their rows and what follows from their ids.

All values must be lines (`check_line`), since nothing is checked any more. To make those of several
users together is a third faster.
"""


def derived(rows: Sequence[UserRow]) -> Derived:
    """Return what slots of these users are made from."""
    files = [file_name(row[0]) for row in rows]
    together = "".join(files)
    # Most names are parts as they are; whether all of them are is one question.
    parts = files if part_of(together) == together else [part_of(file) for file in files]
    return Derived([row[0].encode() for row in rows], files, parts)


def xml_text(value: str) -> str:
    """Return a line as character data of an XML property list, as plistlib writes it.

    Line breaks between several lines stay as they are; `json_text` does the same.
    """
    if "&" in value or "<" in value or ">" in value:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value


def json_text(value: str) -> str:
    """Return a line as the inside of a JSON string in the form of RFC 8785 (section 3.2.2.2)."""
    if "\\" in value or '"' in value:
        return value.replace("\\", "\\\\").replace('"', '\\"')
    return value


def filler(
    files: Sequence[CutFile], fields: Sequence[str], *, organization: str, target: str
) -> Fill:
    """Return the function that gives the files of users who have values of `fields`."""
    names = Names(organization, target, "")
    keys = dict.fromkeys(key for file in files for key in _keys(file))
    forms = _forms(keys)
    computed = [_source(slot, names) for slot in _computed(keys)]
    roles = [(target, *slot.role) for slot in _uuids(keys)]
    uuids_of = stable_uuids(organization, roles)
    table = _table(keys, fields)
    writers = [_file_writer(file, table, names) for file in files]
    width = 1 + len(fields)

    def fill(rows: Sequence[UserRow], own: Derived) -> list[Files]:
        lines = "\n".join(chain.from_iterable(rows))  # escaped together: no line has a line break
        columns: list[Sequence[bytes]] = [compute(own) for compute in computed]
        for form in forms.values():
            cells = form(lines).encode().split(b"\n")
            columns += [cells[place::width] for place in range(width)]
        uuids = uuids_of(own.octets)
        columns += [uuids[place :: len(roles)] for place in range(len(roles))]
        return list(zip(*[write(columns, own.files) for write in writers], strict=True))

    return fill


def _keys(file: CutFile) -> Iterator[_Key]:
    """Yield the slots of a file, each with whether it is escaped as XML is."""
    pieces = (file.content, *(() if file.token is None else (file.token,)))
    for slot in (slot for piece in pieces for slot in piece.slots):
        if slot.source is not Source.TOKEN:
            yield slot, _in_xml(file, slot)


def _in_xml(file: CutFile, slot: Slot) -> bool:
    """Whether a slot needs the escaping of XML; what needs none is computed once for all files."""
    return file.kind in _XML and slot.source in _OF_THE_LIST


def _forms(keys: Collection[_Key]) -> Mapping[bool, Callable[[str], str]]:
    """Return how texts of the list are escaped, for XML (True) and JSON (False) where needed."""
    needed = {xml for slot, xml in keys if slot.source in _OF_THE_LIST}
    return {xml: form for xml, form in ((True, xml_text), (False, json_text)) if xml in needed}


def _computed(keys: Collection[_Key]) -> list[Slot]:
    return [slot for slot, _ in keys if slot.source not in {*_OF_THE_LIST, Source.UUID}]


def _uuids(keys: Collection[_Key]) -> list[Slot]:
    return [slot for slot, _ in keys if slot.source is Source.UUID]


def _table(keys: Collection[_Key], fields: Sequence[str]) -> _Table:
    """Return which of the columns that `fill` makes has the texts of each slot."""
    row = (Slot(Source.ID), *(Slot(Source.FIELD, (name,)) for name in fields))
    columns = [(slot, False) for slot in _computed(keys)]
    columns += [(slot, xml) for xml in _forms(keys) for slot in row]
    columns += [(slot, False) for slot in _uuids(keys)]
    return {key: place for place, key in enumerate(columns)}


def _source(slot: Slot, names: Names) -> Callable[[Derived], list[bytes]]:
    """Return the function that gives what is made from the ids, but for UUIDs."""
    match slot.source:
        case Source.FILE:
            return lambda own: [file.encode() for file in own.files]
        case Source.PART:
            return lambda own: [part.encode() for part in own.parts]
        case Source.DECLARATION:
            return _declaration(slot.role[0], names)
        case Source.FIELD | Source.ID | Source.UUID | Source.TOKEN:
            raise ValueError(slot)  # not made here


def _declaration(name: str, names: Names) -> Callable[[Derived], list[bytes]]:
    """Return the function that gives a declaration's Identifier, as `Names.declaration` does."""
    probe = replace(names, user="x" * (DECLARATION_IDENTIFIER_OCTETS + 1))
    before, _, after = probe.identifier("declaration", name).partition(probe.user_part())
    room = DECLARATION_IDENTIFIER_OCTETS - len((before + after).encode())
    uuids_of = stable_uuids(names.organization, [(names.target, "declaration", name)])

    def identifier(octets: bytes, part: str) -> bytes:
        if len(part) > room:
            return uuids_of([octets])[0]
        return f"{before}{part}{after}".encode()

    return lambda own: list(map(identifier, own.octets, own.parts))


def _file_writer(
    file: CutFile, table: _Table, names: Names
) -> Callable[[_Columns, Sequence[str]], list[RenderedFile]]:
    """Return the function that gives a file of each user, from columns and names of files."""
    kind, (before, after) = file.kind, file.path
    contents_of = _contents_writer(file, table, names)

    def write(columns: _Columns, files: Sequence[str]) -> list[RenderedFile]:
        return [
            RenderedFile(kind, f"{before}{name}{after}", content)
            for name, content in zip(files, contents_of(columns, len(files)), strict=True)
        ]

    return write


def _contents_writer(file: CutFile, table: _Table, names: Names) -> _Contents:
    contents_of = _writer(file, file.content, table)
    if file.token is None:
        return contents_of
    preimages_of = _writer(file, file.token, table)

    def with_tokens(columns: _Columns, count: int) -> Iterable[bytes]:
        tokens = [names.server_token(each).encode() for each in preimages_of(columns, count)]
        return contents_of([*columns, tokens], count)

    return with_tokens


def _writer(file: CutFile, pieces: Pieces, table: _Table) -> _Contents:
    """Return what writes the texts of each user into the slots of `pieces`."""
    form = b"%b".join(constant.replace(b"%", b"%%") for constant in pieces.constants)
    # A server token comes behind all other texts.
    where = [
        -1 if slot.source is Source.TOKEN else table[slot, _in_xml(file, slot)]
        for slot in pieces.slots
    ]
    if not where:
        return lambda _, count: [form % ()] * count
    return lambda columns, _: map(
        form.__mod__, zip(*[columns[place] for place in where], strict=True)
    )
