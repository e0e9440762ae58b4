"""The lines on which places stand in the text of a document."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from profilegen.audit.json_kinds import WRAPPER
from profilegen.audit.json_places import find_json_lines
from profilegen.audit.json_text import BYTE_ORDER_MARK
from profilegen.audit.nesting import check_json
from profilegen.audit.sought import Sought, found_lines, sought
from profilegen.audit.xml_plist import find_xml_lines, looks_like_xml


def lines_of(data: bytes, places: Collection[str]) -> Mapping[str, int]:
    """Return the line, from 1, of each of `places` in the XML property list or JSON text `data`.

    A place is that of `profilegen.places`; a key's line is that of the key. A place that the text
    does not have gets the line of the nearest one around it, a key that stands twice its last
    line. Binary and unreadable data give an empty mapping. Takes time linear in `data`.
    """
    if not places:
        return {}
    wanted = sought(places)
    try:
        _find(data, wanted)
    except ValueError:
        return {}
    return found_lines(wanted, places) if wanted.line else {}


def _find(data: bytes, wanted: Sought) -> None:
    if looks_like_xml(data):
        find_xml_lines(data, wanted)
        return
    text = data.removeprefix(BYTE_ORDER_MARK)
    if text.lstrip().startswith((b"{", b"[")):
        check_json(text)
        find_json_lines(text, wanted)
        if not any(place.line for place in wanted.inside.values()):
            # A policy may stand in a wrapper, which its places do not have.
            find_json_lines(text, Sought(inside={WRAPPER: wanted}))
