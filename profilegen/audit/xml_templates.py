"""Templates whose syntax breaks XML: `<{{ssl}}/>`, `<%= x %>`, `<?= x ?>`.

They are made XML again without moving a line, so that the rest of the file can be read.
"""

from __future__ import annotations

import re

TEMPLATE_TAG = "profilegen-placeholder"
"""The element that stands for a tag whose very name is a placeholder."""

_TAG = re.compile(rb"<[ \t]*+((?:\{\{|\{%)[^<>]*+)>")
_BLOCK = re.compile(
    rb"<%[^<>%]++(?:%(?!>)[^<>%]*+)*+%>|<\?=[^?]*+(?:\?(?!>)[^?]*+)*+\?>|\{\{[^{}]++\}\}|\{%[^{}]+%\}"
)
_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")


def without_markup(text: bytes) -> bytes:
    """Return `text` with tags that are placeholders as elements, other blocks as plain text."""
    tags = _TAG.sub(_as_element, text)
    return _BLOCK.sub(lambda match: _escaped(match[0]), tags)


def _as_element(match: re.Match[bytes]) -> bytes:
    name = TEMPLATE_TAG.encode()
    return b"<%b>%b</%b>" % (name, match[1].removesuffix(b"/"), name)


def _escaped(block: bytes) -> bytes:
    text = _REFERENCE.sub(b"&amp;", block)
    return text.replace(b"<", b"&lt;").replace(b">", b"&gt;")
