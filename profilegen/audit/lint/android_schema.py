"""What Google's discovery document says against an Android policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import cast

from profilegen.audit.android_canonical import is_app_alone, json_name
from profilegen.audit.document import AndroidPolicy, JsonDict
from profilegen.audit.lint import android_modes
from profilegen.audit.lint.android_values import NONCANONICAL, Problem, scalar_problem, wrong_type
from profilegen.audit.lint.shown import shown
from profilegen.audit.model import Context
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.android import (
    ROOT,
    Field,
    Kind,
    discovery_revision,
    names_that_never_were,
    places_of_fields,
    places_of_objects,
    policy_objects,
    replacements,
    set_by_request,
)
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import ROOT as WHOLE
from profilegen.places import item_at, key_at

# Looking for the nearest name is slow; a file with more slips than this has other troubles.
_MOST_GUESSES = 50
_LONGEST_GUESS = 80
_NEAR = 0.6
_MOST_PLACES = 3
_APP = "ApplicationPolicy"


def findings(document: AndroidPolicy, context: Context) -> Iterator[Finding]:
    """Yield what the schema says against the policy, then what does not fit `context`."""
    yield from schema_findings(document)
    yield from android_modes.findings(document, context)


def schema_findings(document: AndroidPolicy) -> Iterator[Finding]:
    """Yield what the schema alone says; an error is what the server refuses the policy for."""
    guesses = 0
    for problem in _policy_problems(document.content):
        guesses += bool(problem.right)
        yield _finding(problem, guess=guesses <= _MOST_GUESSES)


def _finding(problem: Problem, *, guess: bool) -> Finding:
    fix = problem.fix
    if guess and problem.right and len(problem.wrong) <= _LONGEST_GUESS:
        fix = _guess(problem) or fix
    return found(problem.code, problem.where, problem.message, fix=fix)


def _guess(problem: Problem) -> str:
    """Return what was probably meant: a value that ends so, one in another case, the nearest."""
    wrong = problem.wrong
    same = [name for name in problem.right if _folded(name) == _folded(wrong)]
    ending = [name for name in problem.right if name.endswith(f"_{wrong.upper()}")]
    meant = same or ending or get_close_matches(wrong, problem.right, n=1, cutoff=_NEAR)
    return f"Write {' or '.join(meant)}." if meant else ""


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


@cache
def _folded_fields(name: str) -> frozenset[str]:
    return frozenset(map(_folded, policy_objects()[name].fields))


def _policy_problems(policy: JsonDict) -> Iterator[Problem]:
    """Yield what is wrong with a policy, or with an object of one that lost what is around it."""
    if is_app_alone(policy):
        yield from _app_problems(policy)
        return
    whole_of = _objects_with(policy)
    if not whole_of:
        yield from _object_problems(ROOT, policy, WHOLE, path="")
        return
    places = [place for name in whole_of for place in places_of_objects()[name]]
    message = (
        f"These are fields of {_listed(places)}, not of a policy. Google's server refuses them at "
        "the top."
    )
    fix = f"Put them into {places[0]} of a policy." if len(places) == 1 else ""
    yield Problem("misplaced-field", WHOLE, message, fix=fix)
    if len(whole_of) == 1:
        yield from _object_problems(whole_of[0], policy, WHOLE, path=places[0])


def _app_problems(app: JsonDict) -> Iterator[Problem]:
    place = places_of_objects()[_APP][0]
    message = (
        f"The file is one app of a policy, an entry of {place}. A tool that puts it there can use "
        "it; Google's server refuses it as a policy."
    )
    yield Problem("app-alone", WHOLE, message)
    yield from _object_problems(_APP, app, WHOLE, path=place)


def _objects_with(policy: JsonDict) -> list[str]:
    """Return the objects inside policies that have all keys of `policy`, if no policy has any."""
    top = policy_objects()[ROOT].fields
    if not policy or any(key in top or json_name(key) in top for key in policy):
        return []
    return [
        name
        for name in places_of_objects()
        if policy.keys() <= policy_objects()[name].fields.keys()
    ]


def _object_problems(name: str, value: JsonDict, where: str, *, path: str) -> Iterator[Problem]:
    fields = policy_objects()[name].fields
    for key, item in value.items():
        place = key_at(where, key)
        known = key if key in fields else json_name(key)
        if known not in fields:
            yield _unknown(name, key, place)
            continue
        if known != key and known in value:
            message = f"The field stands here twice: as {key}, its original name, and as {known}."
            yield Problem("duplicate-key", place, message)
        elif known != key:
            message = (
                "This is the original name of the field. The parser takes it; Google writes "
                f"{known}, and so do most tools that read policies."
            )
            yield Problem(NONCANONICAL, place, message, fix=f"Write {known}.")
        inner = f"{path}.{known}" if path else known
        yield from _field_problems(fields[known], item, place, path=inner)


def _unknown(name: str, key: str, where: str) -> Problem:
    """Return what is wrong with a field that the object does not have.

    A slip of case in a name that the object has is likelier than a name from another place.
    """
    fields = policy_objects()[name].fields
    of_object = "A policy" if name == ROOT else f"The object {name}"
    message = (
        f"{of_object} has no field {shown(key)} (revision {discovery_revision()} of the API); "
        "Google's server refuses the whole policy."
    )
    meant = names_that_never_were().get(key)
    if meant:
        return Problem("unknown-field", where, message, fix=f"Use {meant}.")
    folded = _folded(key) if len(key) <= _LONGEST_GUESS else ""
    if folded not in _folded_fields(name):
        places = places_of_fields().get(key) or places_of_fields().get(json_name(key))
        if places:
            return _misplaced(of_object, key, places, where)
    return Problem("unknown-field", where, message, wrong=key, right=tuple(fields))


def _misplaced(of_object: str, key: str, places: Sequence[str], where: str) -> Problem:
    message = (
        f"{of_object} has no field {shown(key)}; it belongs at {_listed(places)}. Google's server "
        "refuses the whole policy."
    )
    fix = f"Move it to {places[0]}." if len(places) == 1 else ""
    return Problem("misplaced-field", where, message, fix=fix)


def _listed(places: Sequence[str]) -> str:
    more = len(places) - _MOST_PLACES
    listed = ", ".join(places[:_MOST_PLACES])
    return f"{listed} and {more} more places" if more > 0 else listed


def _field_problems(field: Field, value: object, where: str, *, path: str) -> Iterator[Problem]:
    if value is None:
        message = "null counts as if the field were not there; Google never writes it."
        yield Problem(NONCANONICAL, where, message, fix="Leave the field out.")
        return
    if field.read_only or path in set_by_request():
        message = "The server sets this field; what a policy says there is not applied."
        yield Problem("output-only-field", where, message)
    if field.deprecated:
        message = "Google marks this field as deprecated."
        yield Problem("deprecated-field", where, message, fix=_instead(path))
    yield from _value_problems(field, value, where, path=path)


def _value_problems(field: Field, value: object, where: str, *, path: str) -> Iterator[Problem]:
    if is_placeholder(value):
        return
    match field.kind:
        case Kind.OBJECT if isinstance(value, dict):
            yield from _object_problems(field.object, cast("JsonDict", value), where, path=path)
        case Kind.LIST if isinstance(value, list) and field.item is not None:
            for index, entry in enumerate(value):
                inner = item_at(where, index)
                yield from _value_problems(field.item, entry, inner, path=f"{path}[]")
        case Kind.TEXTS if isinstance(value, dict):
            yield from _map_problems(value, where)
        case Kind.FREE if isinstance(value, dict):
            return
        case Kind.OBJECT | Kind.LIST | Kind.TEXTS | Kind.FREE:
            yield wrong_type(field, value, where)
        case _:
            yield from _scalar_problems(field, value, where, path=path)


def _map_problems(value: dict[str, object], where: str) -> Iterator[Problem]:
    for key, item in value.items():
        if not isinstance(item, str):
            yield wrong_type(Field(Kind.TEXT), item, key_at(where, key))


def _scalar_problems(field: Field, value: object, where: str, *, path: str) -> Iterator[Problem]:
    problem = scalar_problem(field, value, where)
    if problem is not None:
        yield problem
    elif isinstance(value, str) and value in field.deprecated_values:
        message = f"Google marks the value {value} as deprecated."
        fix = _instead(f"{path.removesuffix('[]')}={value}")
        yield Problem("deprecated-field", where, message, fix=fix)


def _instead(path: str) -> str:
    use = replacements().get(path, "")
    return f"Use {use}." if use else ""
