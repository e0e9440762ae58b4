"""Says in the policy's words what is wrong where a value breaks a rule of the schema.

The schema's own x- keys word what its rules alone cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from profilegen.policy.compose import Node, Plain
from profilegen.policy.fields import PLACEHOLDER
from profilegen.policy.problems import Fault, Path, clip, listing, suggestion
from profilegen.policy.schema import channel_ids, validator

_Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Breach:
    """A node that breaks a rule: `schema` is the one that has the rule, `rule` its value."""

    path: Path
    schema: _Schema
    rule: Any
    node: Node


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_STRAY_BRACES = re.compile(r"\{\{|\}\}")
_BRACES_AROUND = re.compile(r"\{{3}|\}{3}")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,63}")
_DIGITS = re.compile(r"[0-9]{1,9}")
_TYPE_HINTS = {
    "string": "Write one text.",
    "integer": "Write digits only.",
    "boolean": "Write true or false.",
    "array": "Write its items with a hyphen in front, or in brackets.",
    "object": "Write its members as `key: value`.",
}
# More values than a sentence can hold are not named but referred to.
_MANY = 20
_ID = r"^[a-z0-9][a-z0-9-]{0,62}(?!\n)$"  # the pattern of ids in the schema


def worded(keyword: str, breach: Breach) -> Iterator[Fault]:
    """Yield the faults of a breach of `keyword`, one of JSON Schema's."""
    if "x-message" in breach.schema:
        yield Fault(breach.path, breach.schema["x-message"], breach.schema["x-hint"])
    else:
        yield from _WORDINGS[keyword](breach)


def bad_key(breach: Breach, name: str) -> Fault:
    """Return the fault of a key that a mapping with free keys does not take."""
    path = (*breach.path, name)
    if "enum" in breach.schema:
        hint = suggestion(name, channel_ids(), otherwise="`profilegen channels` lists them.")
        return Fault(path, "no channel has this id", hint)
    return Fault(path, f"expected {_expected(breach)}, found {clip(name)}", "Rename the key.")


def found(node: Node) -> str:
    """Return `node` for the end of a sentence: the number 17, "x", a list."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    match value:
        case None:
            return "nothing"
        case str():
            return clip(value)
        case int() | float():
            return f"the number {node.text}"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "a mapping"


def _type(breach: Breach) -> Iterator[Fault]:
    kinds = [breach.rule] if isinstance(breach.rule, str) else breach.rule
    expected = " or ".join(_TYPES[kind] for kind in kinds)
    message = f"expected {expected}, found {found(breach.node)}"
    if "string" in kinds and isinstance(breach.node.value, bool | int | float):
        message += "; quote it"
    yield Fault(breach.path, message, _type_hint(kinds[0], breach.node))


def _type_hint(kind: str, node: Node) -> str:
    match kind, node.value:
        case _, None:
            return "Give it a value, or remove the key."
        case "string", bool() | int() | float():
            return f'Write "{node.text}" with the quotes.'
        case "array", str() as text if _WORD.fullmatch(text):
            return f"Write it in brackets: [{text}]."
        case "boolean", str() as text:
            word = _BOOLEANS.get(text.lower(), "true or false")
            return f"Write {word}, without quotes."
        case "integer", str() as text if _DIGITS.fullmatch(text):
            return f"Write {text}, without quotes."
        case _:
            return _TYPE_HINTS[kind]


def _enum(breach: Breach) -> Iterator[Fault]:
    names = [str(value) for value in breach.rule]
    many = len(names) > _MANY
    expected = _expected(breach) or ("a channel" if many else _one_of(names))
    hint = "`profilegen channels` lists them." if many else f"Write {_either(names)}."
    if breach.node.text in names:
        hint = f"Write {breach.node.text}, without quotes."
    elif isinstance(breach.node.value, str):
        hint = suggestion(breach.node.text, names, otherwise=hint)
    yield Fault(breach.path, f"expected {expected}, found {found(breach.node)}", hint)


def _pattern(breach: Breach) -> Iterator[Fault]:
    text = str(breach.node.value)
    stray = _STRAY_BRACES.search(PLACEHOLDER.sub("", text)) or _BRACES_AROUND.search(text)
    takes_fields = "user" in breach.rule
    message = f"expected {_expected(breach)}, found {found(breach.node)}"
    hint = _nearest_id(text) if breach.rule == _ID and re.search(_ID, _nearest_id(text)) else ""
    if "{{" in text and not takes_fields:
        message = f"a placeholder cannot stand here, found {found(breach.node)}"
        hint = "{{ user.FIELD }} may stand in texts of accounts and certificates only."
    elif takes_fields and stray:
        message = f"a malformed placeholder in {clip(text)}"
        hint = "Write {{ user.FIELD }}: two braces, and a field of letters, digits and _."
    else:
        hint = f'Did you mean "{hint}"?' if hint else _pattern_hint(breach)
    yield Fault(breach.path, message, hint)


def _pattern_hint(breach: Breach) -> str:
    return str(breach.schema.get("x-hint", "Write it in that form."))


def _nearest_id(text: str) -> str:
    return re.sub(r"[\s_]+", "-", text.strip().lower())


def _required(breach: Breach) -> Iterator[Fault]:
    for key in breach.rule:
        if key not in breach.node.children:
            yield _missing(breach, key, _about(breach.schema, key))


def _unknown_keys(breach: Breach) -> Iterator[Fault]:
    known = list(breach.schema["properties"])
    for key in breach.node.children:
        if key not in known:
            hint = suggestion(str(key), known, otherwise=f"Keys here: {listing(known)}.")
            yield Fault((*breach.path, key), "unknown key", hint)


def _choice_of_keys(breach: Breach) -> Iterator[Fault]:
    keys = [branch["required"][0] for branch in breach.rule]
    given = [key for key in keys if key in breach.node.children]
    if not given:
        names = " or ".join(keys)
        yield _missing(breach, names, f"Add {names}.")
    else:
        names = " and ".join(given)
        yield Fault((*breach.path, given[1]), f"{names} exclude each other", "Keep one of them.")


def _range(breach: Breach) -> Iterator[Fault]:
    schema = breach.schema
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    step = f" in steps of {schema['multipleOf']}" if "multipleOf" in schema else ""
    message = f"expected a number from {lowest} to {highest}{step}, found {found(breach.node)}"
    yield Fault(breach.path, message, "Choose one of these.")


def _empty_list(breach: Breach) -> Iterator[Fault]:
    yield Fault(breach.path, f"expected at least one item, found {found(breach.node)}", "Add one.")


def _repeated_items(breach: Breach) -> Iterator[Fault]:
    seen: list[Plain] = []
    for index, child in breach.node.children.items():
        if child.value in seen:
            yield Fault(
                (*breach.path, index), f"{clip(child.text)} stands here twice", "Remove one."
            )
        seen.append(child.value)


def _too_long(breach: Breach) -> Iterator[Fault]:
    length = len(str(breach.node.value))
    message = f"expected at most {breach.rule} characters, found {length}"
    yield Fault(breach.path, message, "Shorten it.")


_WORDINGS: Mapping[str, Callable[[Breach], Iterator[Fault]]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "required": _required,
    "additionalProperties": _unknown_keys,
    "anyOf": _choice_of_keys,
    "oneOf": _choice_of_keys,
    "minimum": _range,
    "maximum": _range,
    "multipleOf": _range,
    "minItems": _empty_list,
    "uniqueItems": _repeated_items,
    "maxLength": _too_long,
}


def _missing(breach: Breach, name: str, hint: str) -> Fault:
    message = f"missing required key {name}"
    return Fault(breach.path, message, hint, breach.node.position)


def _expected(breach: Breach) -> str:
    return str(breach.schema.get("x-expected", ""))


def _one_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _about(schema: _Schema, key: str) -> str:
    """Return the hint for a missing key: its values, else what it is for."""
    member = _resolved(schema.get("properties", {}).get(key, {}))
    if "enum" in member and len(member["enum"]) <= _MANY:
        return f"Add {key}: {_one_of([str(value) for value in member['enum']])}."
    about = str(member.get("description", member.get("title", "")))
    return f"Add {key}. {about}".strip()


def _resolved(member: _Schema) -> _Schema:
    if "$ref" not in member:
        return member
    target: _Schema = validator().schema["$defs"][member["$ref"].rpartition("/")[2]]  # type: ignore[index]  # our schema is no bool
    return {**_resolved(target), **member}
