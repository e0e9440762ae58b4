"""Which users may be served without being rendered: those of whom nothing else can be said.

Cheap questions with a safe answer: who is not let through is rendered, audited and compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from profilegen.audit.lint.names import words
from profilegen.release.splicing.cutting import CutTarget, judging_words
from profilegen.render.artifact import ArtifactKind
from profilegen.render.text import is_line

_RUN = re.compile(r"[^\W_]+")
_APOSTROPHES = ("'", "\u2019")


class Guard:
    """Looks for what rendering refuses, and for names that the audit reads as statements.

    "Block AirDrop" as the name of a profile that allows it is an error, whoever chose the name.
    """

    def __init__(self, fields: Sequence[str], target: CutTarget) -> None:
        """Guard files of `target`, whose users have values for `fields`."""
        self._spoken = tuple(fields.index(name) for name in target.spoken if name)
        self._id_is_spoken = "" in target.spoken
        self._judges = any(file.kind is ArtifactKind.PROFILE for file in target.files)
        self._judging = judging_words()

    def lets_through(self, user_id: str, values: tuple[str, ...], file: str) -> bool:
        """Say whether the user's files are sure to be those that full rendering gives.

        `file` is the name of the user's files.
        """
        if not is_line("".join((user_id, *values))):
            return False
        if not self._judges:
            return True
        # A file name is in lower case already, and identifiers are made of it.
        if not self._judging.isdisjoint(_RUN.findall(file)):
            return False
        if self._id_is_spoken and not self._judging.isdisjoint(_words(user_id)):
            return False
        return all(self._judging.isdisjoint(_words(values[index])) for index in self._spoken)


def _words(text: str) -> Sequence[str]:
    """Return the words of `text` as the audit finds them, and maybe more."""
    plain = text.islower() and not any(mark in text for mark in _APOSTROPHES)
    return _RUN.findall(text) if plain else words(text)
