"""Fill the slots of cut files with what belongs to one user: the inner loop of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from profilegen.identifiers import file_name, stable_uuids
from profilegen.release.splicing.slots import CutFile, Pieces, Slot, Source
from profilegen.render.artifact import ArtifactKind
from profilegen.render.names import (
    DECLARATION_IDENTIFIER_OCTETS,
    Names,
    part_of,
)

_XML = frozenset({ArtifactKind.PROFILE, ArtifactKind.APP_CONFIGURATION})
_Write = Callable[[Sequence[bytes]], bytes]
_Key = tuple[Slot, bool]


class RenderedFile(NamedTuple):
    """An artifact of one user; `path` is relative to the release, in POSIX form."""

    kind: ArtifactKind
    path: str
    content: bytes


class Derived(NamedTuple):
    """What is computed of a user's id once and used in many slots; `octets` are its UTF-8."""

    octets: bytes
    file: str
    part: str


Fill = Callable[[tuple[str, ...], Derived], tuple[RenderedFile, ...]]


def derived(user_id: str) -> Derived:
    """Return what slots of the user `user_id` are made from."""
    file = file_name(user_id)
    return Derived(user_id.encode(), file, part_of(file))


def xml_text(value: str) -> str:
    """Return a line as character data of an XML property list, as plistlib writes it."""
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
    """Return the function that gives the files of one user.

    It takes the values of `fields` in their order and what is derived of the id. All must be lines
    (`check_line`), since nothing is checked any more.
    """
    names = Names(organization, target, "")
    keys = sorted({key for file in files for key in _keys(file)}, key=_rank)
    table = {key: number for number, key in enumerate(keys)}
    values_of = [
        (xml_text if xml else json_text, fields.index(slot.role[0]))
        for slot, xml in keys
        if slot.source is Source.FIELD
    ]
    roles = [(target, *slot.role) for slot, _ in keys if slot.source is Source.UUID]
    uuids_of = stable_uuids(organization, roles)
    others = [_source(slot, names, xml=xml) for slot, xml in keys[len(values_of) + len(roles) :]]
    writers = [_file_writer(file, table, names) for file in files]

    def fill(values: tuple[str, ...], own: Derived) -> tuple[RenderedFile, ...]:
        texts = [escaped(values[index]).encode() for escaped, index in values_of]
        texts += uuids_of(own.octets)
        texts += [compute(own) for compute in others]
        return tuple([write(texts, own.file) for write in writers])

    return fill


def _keys(file: CutFile) -> Iterator[_Key]:
    """Yield the slots of a file, each with whether it is escaped as XML is."""
    pieces = (file.content, *(() if file.token is None else (file.token,)))
    for slot in (slot for piece in pieces for slot in piece.slots):
        if slot.source is not Source.TOKEN:
            yield slot, _in_xml(file, slot)


def _rank(key: _Key) -> tuple[int, Source, tuple[str, ...], bool]:
    """Return what sorts fields to the front, and UUIDs before all others."""
    slot, xml = key
    first = (Source.FIELD, Source.UUID)
    group = first.index(slot.source) if slot.source in first else len(first)
    return group, slot.source, slot.role, xml


def _source(slot: Slot, names: Names, *, xml: bool) -> Callable[[Derived], bytes]:
    """Return the function that gives what else is made from the id."""
    match slot.source:
        case Source.ID:
            escaped = xml_text if xml else json_text
            return lambda own: escaped(own.octets.decode()).encode()
        case Source.FILE:
            return lambda own: own.file.encode()
        case Source.PART:
            return lambda own: own.part.encode()
        case Source.DECLARATION:
            return _declaration(slot.role[0], names)
        case Source.FIELD | Source.UUID | Source.TOKEN:
            raise ValueError(slot)  # not made here


def _declaration(name: str, names: Names) -> Callable[[Derived], bytes]:
    """Return the function that gives a declaration's Identifier, as `Names.declaration` does."""
    probe = replace(names, user="x" * (DECLARATION_IDENTIFIER_OCTETS + 1))
    before, _, after = probe.identifier("declaration", name).partition(probe.user_part())
    room = DECLARATION_IDENTIFIER_OCTETS - len((before + after).encode())
    uuids_of = stable_uuids(names.organization, [(names.target, "declaration", name)])

    def identifier(own: Derived) -> bytes:
        if len(own.part) > room:
            return uuids_of(own.octets)[0]
        return f"{before}{own.part}{after}".encode()

    return identifier


def _in_xml(file: CutFile, slot: Slot) -> bool:
    """Whether a slot needs the escaping of XML; what needs none is computed once for all files."""
    return file.kind in _XML and slot.source in {Source.FIELD, Source.ID}


def _file_writer(
    file: CutFile, table: Mapping[_Key, int], names: Names
) -> Callable[[list[bytes], str], RenderedFile]:
    kind, (before, after) = file.kind, file.path
    if file.token is None:
        fill_in = _writer(file.content, _indexes(file, file.content, table))

        def write(texts: list[bytes], name: str) -> RenderedFile:
            return RenderedFile(kind, f"{before}{name}{after}", fill_in(texts))

        return write
    preimage = _writer(file.token, _indexes(file, file.token, table))
    with_token = _writer(file.content, _indexes(file, file.content, table))

    def write_with_token(texts: list[bytes], name: str) -> RenderedFile:
        token = names.server_token(preimage(texts)).encode()
        return RenderedFile(kind, f"{before}{name}{after}", with_token([*texts, token]))

    return write_with_token


def _indexes(file: CutFile, pieces: Pieces, table: Mapping[_Key, int]) -> Iterable[int]:
    """Yield where the text of each slot is; a server token comes behind all others."""
    for slot in pieces.slots:
        is_token = slot.source is Source.TOKEN
        yield len(table) if is_token else table[slot, _in_xml(file, slot)]


def _writer(pieces: Pieces, indexes: Iterable[int]) -> _Write:
    """Return the function that gives the content, with the texts at `indexes` in its slots."""
    where = tuple(indexes)
    form = b"%b".join(constant.replace(b"%", b"%%") for constant in pieces.constants)
    if not where:
        return lambda _: form.replace(b"%%", b"%")
    chosen = itemgetter(*where)
    return lambda texts: form % chosen(texts)
