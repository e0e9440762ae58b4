"""Refuse templates that let a user's value change what stands around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profilegen.errors import InputError
from profilegen.policy.model import FieldKind
from profilegen.release.proven import rendered
from profilegen.release.splicing.adversaries import hostile_value
from profilegen.release.splicing.cutting import parsed
from profilegen.release.splicing.learning import Learner
from profilegen.release.splicing.shapes import AT, PLAIN, Shape
from profilegen.render.artifact import Artifact
from profilegen.render.failures import TemplateError
from profilegen.render.user import User

_HINT = "Write {{ user.FIELD|plist }} in property lists and {{ user.FIELD|tojson }} in JSON."


class UnescapedValueError(TemplateError):
    """A template writes a user's value so that the value can change the file around it."""

    def __init__(self, target: str, field: str, what: str) -> None:
        """Name the field, and `what` came of a value with quotes and brackets."""
        message = f"target {target}: a template writes user.{field} unescaped: {what}"
        super().__init__(message, hint=_HINT.replace("FIELD", field))


def refuse_unescaped(learner: Learner) -> None:
    """Raise UnescapedValueError where a value with quotes, brackets or backslashes does more.

    More than to stand in the text where it is written: the file is broken, or has other keys.
    Templates that ask for the value, and so may mean it, are left to full rendering.
    """
    flags = tuple(AT if item.kind is FieldKind.EMAIL else PLAIN for item in learner.fields)
    one = learner.marked(Shape(flags))
    job, observer = learner.watched(one)
    try:
        usual = _structures(rendered(job, learner.plan, one.user, names=one.names))
    except InputError:
        return  # what is wrong with it, the first user's files will tell
    for item in learner.fields:
        value = hostile_value(item)
        if not value:
            continue
        user = User(one.user.id, {**one.user.values, item.name: value})
        try:
            found = _structures(rendered(learner.job, learner.plan, user, names=one.names))
        except InputError as error:
            raise UnescapedValueError(learner.plan.target.id, item.name, error.message) from error
        if found != usual and not observer.heard:
            what = "quotes or brackets in it change the keys of a file"
            raise UnescapedValueError(learner.plan.target.id, item.name, what)


def _structures(artifacts: Sequence[Artifact]) -> list[object]:
    return [_structure(parsed(item)) for item in artifacts]


def _structure(node: object) -> object:
    """Return keys, lists and the types of values: what no text may change."""
    match node:
        case Mapping():
            return {key: _structure(value) for key, value in node.items()}
        case list():
            return [_structure(item) for item in node]
        case _:
            return type(node)
