"""Whether the service that a target names can fill in every field that the target needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from profilegen.catalogue.terms import Platform
from profilegen.catalogue.variables import VariableService, variable_services
from profilegen.policy.compose import Plain
from profilegen.policy.fields import PLACEHOLDER
from profilegen.policy.fields import placeholders as _fields
from profilegen.policy.lenient import Row, all_texts, mapping, rows, text, texts
from profilegen.policy.problems import Fault, Path, clip, listing, path_text, suggestion

_KEY = "variables"


def variable_faults(root: Plain) -> Iterator[Fault]:
    """Yield what keeps a service from filling in the files of a target.

    It has no placeholder for a field, one of the policy's own is not in its syntax, a text makes
    another placeholder of one, or the target has no service.
    """
    for path, target in rows(root, "targets"):
        service = _service(target)
        if service is None or target.get("platform") != Platform.IOS:
            continue
        where = (*path, _KEY)
        if target.get("enrollment") == "manual":
            message = "no service fills in values on a manual target"
            hint = f"Remove `{_KEY}` and build with --users, or use another enrollment."
            yield Fault(where, message, hint)
        own = mapping(target[_KEY], "fields")
        yield from _own_faults((*where, "fields"), own, service)
        yield from _text_faults(where, list(_texts_of(root, (path, target))), own, service)


def _service(target: Mapping[str, Plain]) -> VariableService | None:
    value = target.get(_KEY)
    name = value if isinstance(value, str) else text(mapping(value), "service")
    return variable_services().get(name)


def _own_faults(path: Path, own: Mapping[str, Plain], service: VariableService) -> Iterator[Fault]:
    for field, placeholder in own.items():
        if isinstance(placeholder, str) and service.syntax.fullmatch(placeholder) is None:
            message = f"{clip(placeholder)} is no placeholder of {service.name}"
            hint = f"They look like {service.example}."
            yield Fault((*path, field), message, hint)


def _text_faults(
    where: Path, used: list[tuple[Path, str]], own: Mapping[str, Plain], service: VariableService
) -> Iterator[Fault]:
    """Yield a fault for each field that cannot be filled in, with all its places, and for a text.

    A text is a fault where its placeholder would be read as another one.
    """
    missing: dict[str, list[str]] = {}
    for path, written in used:
        chosen = {field: own.get(field) or service.placeholder(field) for field in _fields(written)}
        for field in (field for field, placeholder in chosen.items() if not placeholder):
            missing.setdefault(field, []).append(path_text(path))
        usable = {field: value for field, value in chosen.items() if isinstance(value, str)}
        yield from _ambiguous(where, path, _filled(written, usable), service)
    for field, places in missing.items():
        yield _missing(where, field, places, service)


def _filled(written: str, chosen: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text in order, each with whether it is a placeholder."""
    last = 0
    for match in PLACEHOLDER.finditer(written):
        yield written[last : match.start()], False
        yield chosen.get(match[1], ""), True
        last = match.end()
    yield written[last:], False


def _ambiguous(
    where: Path, path: Path, pieces: Iterable[tuple[str, bool]], service: VariableService
) -> Iterator[Fault]:
    pieces = list(pieces)
    filled = "".join(piece for piece, _ in pieces)
    start = 0
    for piece, is_placeholder in pieces:
        end = start + len(piece)
        right = service.syntax.fullmatch(piece) is not None  # another fault, told where it stands
        if is_placeholder and right and not service.stands_alone(filled, start, end):
            message = f"{service.name} would read another placeholder than {piece}"
            hint = f"Put a character that belongs to none beside it in {path_text(path)}."
            yield Fault(where, f"{message} in {clip(filled)}", hint)
        start = end


def _missing(where: Path, field: str, places: list[str], service: VariableService) -> Fault:
    known = list(service.placeholders)
    message = f"{service.name} has no known placeholder for user.{field} ({', '.join(places)})"
    write = f"name one: {{service: {service.id}, fields: {{{field}: {clip(service.example)}}}}}."
    if not known:
        return Fault(where, message, f"It has custom attributes only: {write}")
    near = suggestion(field, known, otherwise="")
    start = f"{near} Else " if near else f"Known are {listing(known)}; for another "
    return Fault(where, message, start + write)


def _texts_of(root: Plain, target: Row) -> Iterator[tuple[Path, str]]:
    """Yield every text of the accounts of a target and of the certificates that these use."""
    names = {name for _, name in texts(target, "accounts")}
    certificates: set[str] = set()
    for path, account in rows(root, "accounts"):
        if text(account, "id") in names:
            yield from all_texts(path, dict(account))
            certificates.add(text(mapping(account.get("login")), "certificate"))
            smime = mapping(account.get("smime"))
            certificates |= {text(smime, "sign"), text(smime, "encrypt")}
    for path, certificate in rows(root, "certificates"):
        if text(certificate, "id") in certificates:
            yield from all_texts(path, dict(certificate))
