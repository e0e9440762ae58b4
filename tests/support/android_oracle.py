"""What Google's server takes for a policy, from the discovery document and the page on JSON.

Made for tests, and apart from the product's data: the document is that of googleapiclient, the
forms that protocol buffers read are written from protobuf.dev/programming-guides/json.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Table = dict[str, Any]

_CHECKER = FormatChecker(formats=())
_NULL = {"type": "null"}
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)


def discovery() -> Table:
    """Return the schemas of the discovery document that Google's client ships."""
    folder = files("googleapiclient").joinpath("discovery_cache", "documents")
    document: Table = json.loads(folder.joinpath("androidmanagement.v1.json").read_text("utf-8"))
    schemas: Table = document["schemas"]
    return schemas


def oracle(schemas: Mapping[str, Any]) -> Draft202012Validator:
    """Return the validator of policies as the server's parser reads them."""
    definitions = {name: _message(row) for name, row in schemas.items()}
    return Draft202012Validator(
        {"$ref": "#/$defs/Policy", "$defs": definitions}, format_checker=_CHECKER
    )


def _message(row: Mapping[str, Any]) -> Table:
    properties: Table = {}
    for name, field in row.get("properties", {}).items():
        value = {"anyOf": [_NULL, _value(field)]}
        properties[name] = properties[_original(name)] = value
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _original(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", name)


def _value(row: Mapping[str, Any]) -> Table:  # noqa: PLR0911  (one for each type)
    if "$ref" in row:
        return {"$ref": f"#/$defs/{row['$ref']}"}
    if "enum" in row:
        number = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
        return {"anyOf": [{"enum": row["enum"]}, number]}
    if "format" in row:
        return _formatted(row["format"])
    match row["type"]:
        case "array":
            return {"type": "array", "items": _value(row["items"])}
        case "object":
            return {"type": "object", "additionalProperties": _value(row["additionalProperties"])}
        case "any":
            return {}
        case "boolean":  # the texts: Google's own parser in C++, in its legacy mode
            return {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}
        case kind:
            return {"type": kind}


def _formatted(name: str) -> Table:
    if name in {"int32", "int64"}:
        limit = 2 ** (int(name[3:]) - 1)
        number = {"type": "integer", "minimum": -limit, "maximum": limit - 1}
        return {"anyOf": [number, {"type": "string", "format": name}]}
    return {"type": "string", "format": name}


def _is_integer(text: object, bits: int) -> bool:
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return False
    number = Decimal(text)
    return number % 1 == 0 and -(2 ** (bits - 1)) <= number <= 2 ** (bits - 1) - 1


@_CHECKER.checks("int32", raises=ArithmeticError)
def _int32(text: object) -> bool:
    return not isinstance(text, str) or _is_integer(text, 32)


@_CHECKER.checks("int64", raises=ArithmeticError)
def _int64(text: object) -> bool:
    return not isinstance(text, str) or _is_integer(text, 64)


@_CHECKER.checks("google-duration")
def _duration(text: object) -> bool:
    if not isinstance(text, str):
        return True
    seconds, _, fraction = text[:-1].partition(".")
    digits = seconds.removeprefix("-")
    well_formed = text.endswith("s") and digits.isdigit() and digits.isascii()
    well_formed &= "." not in text or (fraction.isdigit() and len(fraction) <= 9)
    return well_formed and int(digits) <= 315_576_000_000  # duration.proto


@_CHECKER.checks("byte", raises=ValueError)
def _byte(text: object) -> bool:
    if isinstance(text, str):
        standard = text.translate(str.maketrans("-_", "+/")).rstrip("=")
        base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    return True


def random_policy(schemas: Mapping[str, Any], chance: random.Random) -> Table:
    """Return a policy of a few fields, each with a value that Google writes so."""
    return _random_message("Policy", schemas, chance, most=6)


def _random_message(
    name: str, schemas: Mapping[str, Any], chance: random.Random, *, most: int = 3
) -> Table:
    properties = schemas[name].get("properties", {})
    chosen = chance.sample(sorted(properties), min(len(properties), chance.randint(1, most)))
    return {key: _random_value(properties[key], schemas, chance) for key in chosen}


def _random_value(  # noqa: PLR0911  (one for each type)
    row: Mapping[str, Any], schemas: Mapping[str, Any], chance: random.Random
) -> Any:  # noqa: ANN401
    if "$ref" in row:
        return _random_message(row["$ref"], schemas, chance)
    if "enum" in row:
        return chance.choice(row["enum"])
    match row.get("format"), row.get("type"):
        case "int32", _:
            return chance.choice((0, 1, 7, -1, 2**31 - 1))
        case "int64", _:
            return chance.choice(("0", "60000", "-1", str(2**63 - 1)))
        case "google-duration", _:
            return chance.choice(("0s", "3600s", "1.500s"))
        case "byte", _:
            return chance.choice(("", "TWFu", "TQ=="))
        case _, "boolean":
            return chance.choice((True, False))
        case _, "array":
            return [
                _random_value(row["items"], schemas, chance) for _ in range(chance.randint(0, 2))
            ]
        case _, "object":
            return {"key": "value"}
        case _:
            return chance.choice(("", "com.example.app", "text"))


def mutated(policy: Table, schemas: Mapping[str, Any], chance: random.Random) -> tuple[str, Table]:
    """Return a copy of `policy` with one mutation at one random place, and the mutation's name."""
    copy: Table = json.loads(json.dumps(policy))
    slots = list(_slots(copy))
    container, key = chance.choice(slots)
    name = chance.choice(MUTATIONS)
    value = container[key]
    match name:
        case "unknown field":
            _add(copy, slots, chance, chance.choice(("screencaptureDisabled", "foo", "x_y", "")))
        case "moved field":
            _move(copy, schemas, chance)
        case "other spelling" if isinstance(container, dict):
            spelling = chance.choice((_original, str.lower, str.capitalize, lambda old: f"{old}s"))
            container[spelling(key)] = container.pop(key)
        case "null":
            container[key] = None
        case "nested":
            container[key] = chance.choice(([value], {"value": value}, {str(key): value}))
        case "number":
            container[key] = chance.choice((0, 3, -5, 2.0, 1.5, 1e300, 2**31, 2**63, -(2**40)))
        case "text":
            texts = ("", "true", "FALSE", "yes", "3", "-12", "1e3", "1.5", "5s", "1.2.3s", "s")
            container[key] = chance.choice((*texts, str(2**31), str(2**63), "a", "====", "x y"))
        case "slip" if isinstance(value, str):
            container[key] = chance.choice((value.lower(), value[1:], value.rpartition("_")[2]))
        case _:
            container[key] = chance.choice((True, False, [], {}, json.dumps(value)))
    return name, copy


MUTATIONS = (
    "unknown field",
    "moved field",
    "other spelling",
    "null",
    "nested",
    "number",
    "text",
    "slip",
    "other type",
)


def _slots(value: object) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a tree as its container and the key or index in it."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]  # only containers get here
    for key, item in list(rows):
        yield value, key
        if isinstance(item, dict | list):
            yield from _slots(item)


def _add(copy: Table, slots: list[tuple[Any, Any]], chance: random.Random, key: str) -> None:
    inner = [box[slot] for box, slot in slots if isinstance(box[slot], dict)]
    chance.choice([copy, *inner])[key] = True


def _move(copy: Table, schemas: Mapping[str, Any], chance: random.Random) -> None:
    """Put a field of any object of the API at the top of the policy, or into one of its objects."""
    named = sorted({key for row in schemas.values() for key in row.get("properties", ())})
    key = chance.choice(named)
    _add(copy, list(_slots(copy)), chance, key)
