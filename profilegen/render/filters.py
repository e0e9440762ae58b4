"""The filter `plist`: a value as the XML of a property list, with its type."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup

from profilegen.plist import PlistValue


def plist_xml(value: PlistValue | Undefined) -> Markup:
    """Return `value` as an element of an XML property list, escaped.

    Dates are UTC. Raises TypeError for a value that property lists do not have, such as None,
    and what jinja2 raises for an undefined name.
    """
    if isinstance(value, Undefined):
        return Markup(str(value))  # noqa: S704  (a strict Undefined raises here, naming itself)
    if isinstance(value, bool):
        return _BOOLEANS[value]
    if isinstance(value, Mapping | list | tuple):
        return _container(value)
    for kind, element, write in _SCALARS:
        if isinstance(value, kind):
            return Markup("<{0}>{1}</{0}>").format(element, write(value))
    message = f"{type(value).__name__} has no place in a property list"
    raise TypeError(message)


def _container(value: Mapping[str, PlistValue] | Sequence[PlistValue]) -> Markup:
    if isinstance(value, Mapping):
        pairs = (
            Markup("<key>{}</key>\n{}\n").format(key, plist_xml(item))
            for key, item in value.items()
        )
        return Markup("<dict>\n{}</dict>").format(Markup("").join(pairs))
    items = (Markup("{}\n").format(plist_xml(item)) for item in value)
    return Markup("<array>\n{}</array>").format(Markup("").join(items))


def _data(value: Any) -> str:  # noqa: ANN401  (chosen by the type in _SCALARS)
    return base64.b64encode(value).decode("ascii")


def _date(value: Any) -> str:  # noqa: ANN401  (as _data)
    return f"{value:%Y-%m-%dT%H:%M:%SZ}"


_BOOLEANS = {True: Markup("<true/>"), False: Markup("<false/>")}
_SCALARS: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (str, "string", str),
    (int, "integer", str),
    (float, "real", repr),
    (bytes, "data", _data),
    (datetime, "date", _date),
)
