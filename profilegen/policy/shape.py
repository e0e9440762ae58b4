"""What of a document the JSON Schema does not accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from jsonschema.exceptions import ValidationError

from profilegen.policy.document import Document
from profilegen.policy.problems import Fault, Path
from profilegen.policy.schema import validator
from profilegen.policy.wording import Breach, bad_key, worded


def shape_faults(document: Document) -> Iterator[Fault]:
    """Yield everything that the schema does not accept; a fault may come twice."""
    for error in validator().iter_errors(document.value):
        breach = _breach(error, document)
        if "propertyNames" in error.absolute_schema_path:
            yield bad_key(breach, str(error.instance))
        else:
            yield from worded(str(error.validator), breach)


def _breach(error: ValidationError, document: Document) -> Breach:
    path: Path = tuple(error.absolute_path)
    # Our schema has no boolean schemas, so what a value breaks is always a mapping.
    schema = cast("Mapping[str, Any]", error.schema)
    return Breach(path, schema, error.validator_value, document.node(path))
