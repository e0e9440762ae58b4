"""Profiles with values that an MDM service has yet to fill in: a signature inside breaks then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from profilegen.audit.document import Profile, read_document
from profilegen.catalogue.variables import placeholders_in
from profilegen.cli.output import one_line
from profilegen.cli.resigning import plain_content
from profilegen.cli.sign_folder import Form
from profilegen.cli.sign_tasks import Task
from profilegen.errors import InputError, ProfilegenError
from profilegen.plist import PlistValue

_HINT = (
    "Upload it unsigned, or sign it beside the file with --detached; --allow-placeholders signs "
    "it as it is."
)


class PlaceholderError(InputError):
    """A profile cannot be signed inside, since a service has to change it."""

    slug = "placeholders"


def refuse_placeholders(tasks: Iterable[Task]) -> None:
    """Raise PlaceholderError for the first profile to be signed inside that a service fills in."""
    for task in tasks:
        for place, text in _texts_of(task):
            for placeholder, services in placeholders_in(text).items():
                names = " or ".join(filter(None, (", ".join(services[:-1]), services[-1])))
                message = (
                    f"{task.source}: {place} holds {placeholder}, which {names} would replace: "
                    "the signature would break"
                )
                raise PlaceholderError(one_line(message), hint=_HINT)


def _texts_of(task: Task) -> Iterator[tuple[str, str]]:
    """Yield each text of a profile that is to be signed inside, with its place."""
    if task.form is not Form.EMBEDDED:
        return
    try:
        content, _ = plain_content(str(task.source), task.content)
        document = read_document(task.source.name, content)
    except ProfilegenError:
        return  # whether that can be signed is for others to say
    if isinstance(document, Profile):
        yield from _texts("", document.content)


def _texts(place: str, value: PlistValue) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield place, value
        case Mapping():
            for key, member in value.items():
                yield from _texts(f"{place}.{key}" if place else key, member)
        case Sequence() if not isinstance(value, bytes):
            for index, member in enumerate(value):
                yield from _texts(f"{place}[{index}]", member)
        case _:
            return
