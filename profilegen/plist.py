"""Property lists as typed values.

`plistlib` returns Any; this is the one module that touches it, so that Any goes no further.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from xml.parsers.expat import ExpatError

PlistScalar = str | bool | int | float | bytes | datetime
PlistValue = PlistScalar | Sequence["PlistValue"] | Mapping[str, "PlistValue"]
PlistDict = Mapping[str, PlistValue]


def load_plist(data: bytes) -> PlistValue:
    """Return the value of an XML or binary property list.

    Raises ValueError, with what the parser said, for anything else. plistlib refuses XML entity
    declarations by itself, so an entity bomb ends here too.
    """
    try:
        return cast("PlistValue", plistlib.loads(data))
    except (
        plistlib.InvalidFileException,
        ExpatError,
        ValueError,
        OverflowError,
        RecursionError,
        AttributeError,
        TypeError,
        IndexError,
        KeyError,
        MemoryError,
    ) as error:
        message = f"not a property list: {error}"
        raise ValueError(message) from error


def dump_plist(value: PlistDict | Sequence[PlistValue]) -> bytes:
    """Return `value`, a dictionary or an array, as an XML property list with sorted keys.

    The first bytes are `<?xml`, as MDM servers demand; equal values give equal bytes.
    Raises ValueError for a value that XML cannot hold, such as a control character.
    """
    try:
        top = dict(value) if isinstance(value, Mapping) else list(value)
        return plistlib.dumps(top, fmt=plistlib.FMT_XML, sort_keys=True)
    except (TypeError, OverflowError) as error:
        message = f"not expressible as a property list: {error}"
        raise ValueError(message) from error
