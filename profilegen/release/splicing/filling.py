"""Fill the slots of cut files with what belongs to one user: the inner loop of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from profilegen.identifiers import UUID_GROUPS, file_name, stable_uuid_groups
from profilegen.release.splicing.slots import CutFile, Pieces, Slot, Source
from profilegen.render.artifact import ArtifactKind
from profilegen.render.names import DECLARATION_IDENTIFIER_OCTETS, Names, part_of
from profilegen.render.user import UserRow

_XML = frozenset({ArtifactKind.PROFILE, ArtifactKind.APP_CONFIGURATION})
_OF_THE_LIST = frozenset({Source.FIELD, Source.ID})
_HYPHEN = b"-"
_Write = Callable[[Sequence[bytes]], bytes]
_Key = tuple[Slot, bool]
_Table = Mapping[_Key, Sequence[int]]


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
    groups_of = stable_uuid_groups(organization, roles)
    table = _table(keys, fields)
    writers = [_file_writer(file, table, names) for file in files]
    width, groups_width = 1 + len(fields), UUID_GROUPS * len(roles)

    def fill(rows: Sequence[UserRow], own: Derived) -> list[Files]:
        lines = "\n".join(chain.from_iterable(rows))  # escaped together: no line has a line break
        cells = [form(lines).encode().split(b"\n") for form in forms.values()]
        columns = [compute(own) for compute in computed]
        groups = groups_of(own.octets)
        made = []
        for number, name in enumerate(own.files):
            texts = [column[number] for column in columns]
            start = number * width
            for each in cells:
                texts += each[start : start + width]
            start = number * groups_width
            texts += groups[start : start + groups_width]
            made.append(tuple([write(texts, name) for write in writers]))
        return made

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
    """Return where among the texts of a user those of each slot are, in the order of `fill`."""
    row = (Slot(Source.ID), *(Slot(Source.FIELD, (name,)) for name in fields))
    single = [(slot, False) for slot in _computed(keys)]
    single += [(slot, xml) for xml in _forms(keys) for slot in row]
    places = {key: range(place, place + 1) for place, key in enumerate(single)}
    size = len(single)
    for slot in _uuids(keys):
        places[slot, False] = range(size, size + UUID_GROUPS)
        size += UUID_GROUPS
    return places


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
    groups_of = stable_uuid_groups(names.organization, [(names.target, "declaration", name)])

    def identifier(octets: bytes, part: str) -> bytes:
        if len(part) > room:
            return _HYPHEN.join(groups_of([octets]))
        return f"{before}{part}{after}".encode()

    return lambda own: list(map(identifier, own.octets, own.parts))


def _file_writer(
    file: CutFile, table: _Table, names: Names
) -> Callable[[list[bytes], str], RenderedFile]:
    kind, (before, after) = file.kind, file.path
    if file.token is None:
        fill_in = _writer(file, file.content, table)

        def write(texts: list[bytes], name: str) -> RenderedFile:
            return RenderedFile(kind, f"{before}{name}{after}", fill_in(texts))

        return write
    preimage = _writer(file, file.token, table)
    with_token = _writer(file, file.content, table)

    def write_with_token(texts: list[bytes], name: str) -> RenderedFile:
        token = names.server_token(preimage(texts)).encode()
        return RenderedFile(kind, f"{before}{name}{after}", with_token([*texts, token]))

    return write_with_token


def _writer(file: CutFile, pieces: Pieces, table: _Table) -> _Write:
    """Return the function that gives the content with the texts of a user in its slots."""
    constants = [pieces.constants[0]]
    where: list[int] = []
    for slot, constant in zip(pieces.slots, pieces.constants[1:], strict=True):
        # A server token comes behind all other texts.
        places = (-1,) if slot.source is Source.TOKEN else table[slot, _in_xml(file, slot)]
        where += places
        constants += [*[_HYPHEN] * (len(places) - 1), constant]
    form = b"%b".join(constant.replace(b"%", b"%%") for constant in constants)
    if not where:
        return lambda _: form.replace(b"%%", b"%")
    chosen = itemgetter(*where)
    return lambda texts: form % chosen(texts)
