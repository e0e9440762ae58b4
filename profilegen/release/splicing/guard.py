"""Names that the audit could read as statements: who has one is rendered and audited in full.

"Block AirDrop" as the name of a profile that allows it is an error, whoever chose the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from profilegen.audit.lint.names import words
from profilegen.release.splicing.cutting import CutTarget, judging_words
from profilegen.release.splicing.filling import Derived
from profilegen.render.artifact import ArtifactKind

_RUN = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_APOSTROPHE = "\u2019"


class Guard:
    """Finds users of whose names nothing can be said, with few questions and a safe answer."""

    def __init__(self, fields: Sequence[str], target: CutTarget) -> None:
        """Guard files of `target`, whose users have values for `fields`."""
        self._spoken = tuple(fields.index(name) for name in target.spoken if name)
        self._id_is_spoken = "" in target.spoken
        self._judged = any(file.kind is ArtifactKind.PROFILE for file in target.files)
        self._judging = judging_words()

    def lets_through(self, values: tuple[str, ...], own: Derived) -> bool:
        """Say whether the audit is sure to find no statement in the names of the user's files."""
        if not self._judged:
            return True
        # A file name is in lower case already, and identifiers are made of it.
        found = _RUN.findall(own.file)
        if self._id_is_spoken:
            found += _words(own.octets.decode())
        for index in self._spoken:
            found += _words(values[index])
        return self._judging.isdisjoint(found)


def _words(text: str) -> Sequence[str]:
    """Return the words of `text` as the audit finds them, and maybe more."""
    if "'" in text or _APOSTROPHE in text:
        return words(text)
    if text.islower():
        return _RUN.findall(text)
    # In "Mia Rossi" no word ends before a capital, as one does in "miaRossi" or in "mia2Rossi".
    if text.istitle() and _DIGIT.search(text) is None:
        return _RUN.findall(text.lower())
    return words(text)
