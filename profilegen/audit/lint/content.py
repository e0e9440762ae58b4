"""What a document holds, whatever its encoding, signature or order of keys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property


class Content:
    """The content of a document; its digest is made when first asked for, and kept.

    Equal content, and only that, has equal digests: numbers and booleans are told apart.
    """

    def __init__(self, tree: Mapping[str, object]) -> None:
        """Take the tree of a document, which nobody changes."""
        self._tree = tree

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the content, in hexadecimal."""
        text = repr(_ordered(self._tree))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value
