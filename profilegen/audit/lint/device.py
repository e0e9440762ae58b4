"""What goes wrong only when one device gets several files.

Files with the same content are one: a signed and an unsigned twin do the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from profilegen.audit.android_canonical import canonical, is_app_alone
from profilegen.audit.document import AndroidPolicy, AppConfiguration, Document, Profile
from profilegen.audit.ios_settings import ACCOUNT_PAYLOADS
from profilegen.audit.lint import identity, neighbours, references, restrictions
from profilegen.audit.lint.apple_platform import payloads_of, system_of
from profilegen.audit.lint.content import Content
from profilegen.audit.lint.payloads import Payload, payloads
from profilegen.audit.lint.shown import shown
from profilegen.audit.model import Context
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.apple import payload_type
from profilegen.catalogue.apple_model import System
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import ROOT

_ADDRESS = "EmailAddress"
_IDENTIFIER = "PayloadIdentifier"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    document: Document
    payloads: tuple[Payload, ...]

    def at(self, place: str) -> str:
        return f"{self.name}: {place}" if place else self.name


def findings(documents: Sequence[Document], context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the documents together; no place of theirs is without their name."""
    del context  # which payloads a device ignores is said of each file
    files = tuple(_distinct(documents))
    profiles = tuple(_staying(files))
    yield from _policies(files)
    yield from _shared(files)
    yield from restrictions.findings_across((file.name, file.payloads) for file in profiles)
    yield from _single(profiles)
    yield from _vpns(files)
    accounts = [
        account
        for file in profiles
        if isinstance(file.document, Profile)
        for account in neighbours.neighbours(file.document, file=file.name)
    ]
    yield from neighbours.compare_across(accounts)
    yield from _accounts(profiles)


def _distinct(documents: Sequence[Document]) -> Iterator[_File]:
    """Yield the documents that differ in what they do; of equal ones the first."""
    seen: set[tuple[type, str, str]] = set()
    for document in documents:
        app = document.app if isinstance(document, AppConfiguration) else ""
        key = (type(document), app, Content(document.content).digest)
        if key not in seen:
            seen.add(key)
            yield _File(document.name, document, payloads(document))


def _staying(files: Iterable[_File]) -> Iterator[_File]:
    """Yield the profiles that stay on the device: of one identifier the last replaces the others.

    Which is the last no file says; that they replace each other is said, and one stands for all.
    """
    seen: set[str] = set()
    for file in files:
        if isinstance(file.document, Profile):
            identifier = file.document.content.get(_IDENTIFIER)
            if not isinstance(identifier, str) or is_placeholder(identifier):
                yield file
            elif identifier not in seen:
                seen.add(identifier)
                yield file


def _policies(files: Iterable[_File]) -> Iterator[Finding]:
    whole = ""
    first: dict[str, str] = {}
    for file in files:
        if not isinstance(file.document, AndroidPolicy):
            continue
        content = canonical(file.document.content)
        fields = () if is_app_alone(file.document.content) else tuple(content)
        rival = next((first[field] for field in fields if field in first), "")
        if rival:
            message = f"A device has one policy, and {shown(rival)} is one already."
            yield found("several-policies", file.at(ROOT), message)
        elif whole:
            message = f"A device has one policy, and {shown(whole)} has other fields of it."
            yield found("policy-in-parts", file.at(ROOT), message)
        whole = whole or file.name
        for field in fields:
            first.setdefault(field, file.name)


def _shared(files: Sequence[_File]) -> Iterator[Finding]:
    for index, finding in identity.findings_beside([file.document for file in files]):
        where = files[index].at(finding.where)
        yield found(finding.rule, where, finding.message, fix=finding.fix)


def _single(files: Iterable[_File]) -> Iterator[Finding]:
    """Yield payloads that iOS takes once and that another file brings already.

    Files for macOS are left out: many of its types are preferences that come piece by piece.
    """
    first: dict[str, _File] = {}
    for file in files:
        if not isinstance(file.document, Profile) or _is_for_macos(file.document):
            continue
        for payload in file.payloads:
            if not _is_single(payload.kind):
                continue
            other = first.setdefault(payload.kind, file)
            if other is not file:
                message = f"A device takes one payload {payload.kind}; {shown(other.name)} has one."
                yield found("payload-repeated", file.at(payload.place), message)


def _is_for_macos(profile: Profile) -> bool:
    return system_of(profile.content, payloads_of(profile.content)) is System.MACOS


def _is_single(kind: str) -> bool:
    """Say whether iOS takes no more than one payload of `kind`, by Apple's schema."""
    known = payload_type(kind)
    support = known.on.get(System.IOS) if known is not None else None
    return support is not None and not support.multiple


def _vpns(files: Sequence[_File]) -> Iterator[Finding]:
    """Yield references to a VPN that no file brings, though files bring VPNs.

    Where they bring none it comes by another way; one that is to be filled in may be any.
    """
    values = [value for file in files for value in references.vpns(file.payloads)]
    if not values or any(map(is_placeholder, values)):
        return
    known = {value.casefold() for value in values if isinstance(value, str)}
    for file in files:
        for place, value in references.vpn_names(file.payloads):
            if value.casefold() not in known:
                message = f"VPNUUID names {shown(value)}, but no VPN of the files has it."
                yield found("dangling-reference", file.at(place), message)


def _accounts(files: Iterable[_File]) -> Iterator[Finding]:
    """Yield mail accounts with the address of another account, or the identifier of one elsewhere.

    That an identifier stands twice in one file is said of that file.
    """
    addresses: dict[str, str] = {}
    identifiers: dict[str, _File] = {}
    for file in files:
        for payload in file.payloads:
            if payload.kind in ACCOUNT_PAYLOADS:
                yield from _known_identifier(file, payload, identifiers)
                yield from _known_address(file, payload, addresses)


def _known_identifier(file: _File, payload: Payload, known: dict[str, _File]) -> Iterator[Finding]:
    identifier = payload.content.get(_IDENTIFIER)
    if isinstance(identifier, str) and identifier:
        other = known.setdefault(identifier, file)
        if other is not file:
            message = f"{shown(other.name)} has an account {shown(identifier)} as well."
            yield found("account-repeated", file.at(payload.at(_IDENTIFIER)), message)


def _known_address(file: _File, payload: Payload, known: dict[str, str]) -> Iterator[Finding]:
    address = payload.content.get(_ADDRESS)
    if isinstance(address, str) and address.strip() and not is_placeholder(address):
        place = file.at(payload.at(_ADDRESS))
        first = known.setdefault(address.strip().casefold(), place)
        if first != place:
            message = f"The address {shown(address)} is also that of the account at {first}."
            yield found("account-repeated", place, message)
