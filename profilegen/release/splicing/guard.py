"""Names that the audit could read as statements: who has one is rendered and audited in full.

"Block AirDrop" as the name of a profile that allows it is an error, whoever chose the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from profilegen.audit.lint.names import words
from profilegen.release.splicing.cutting import CutTarget, judging_words
from profilegen.render.artifact import ArtifactKind
from profilegen.render.user import UserRow

_RUN = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_APOSTROPHE = "\u2019"
# Of ASCII: letters in lower case and digits as they are, and a space for everything else.
_ONLY_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).lower()
_WORDS = _ONLY_WORDS + bytes(range(128, 256))


class Guard:
    """Finds users of whose names nothing can be said, with few questions and a safe answer."""

    def __init__(self, fields: Sequence[str], target: CutTarget) -> None:
        """Guard files of `target`, whose users have an id and values for `fields`."""
        row = ("", *fields)  # as fields are called that are spoken: the id by no name
        self._spoken = tuple(row.index(name) for name in target.spoken)
        self._judged = any(file.kind is ArtifactKind.PROFILE for file in target.files)
        self._judging = judging_words()
        self._judging_octets = frozenset(word.encode() for word in self._judging)

    def lets_through(self, rows: Sequence[UserRow], files: Sequence[str]) -> bool:
        """Say whether the audit is sure to find no statement in the names of these users' files.

        `rows` have their ids and values, `files` the names of their files: identifiers are made of
        those, too.
        """
        if not self._judged:
            return True
        spoken = [row[index] for row in rows for index in self._spoken]
        # Most are plain, and together then: whether all of them are is one question.
        plain = spoken if _is_plain(" ".join(spoken)) else list(filter(_is_plain, spoken))
        # A file name is in ASCII and lower case already.
        text = " ".join((*files, *plain))
        if text.isascii():
            found = self._judging_octets.isdisjoint(text.encode().translate(_WORDS).split())
        else:
            found = self._judging.isdisjoint(_RUN.findall(text.lower()))
        if len(plain) == len(spoken):
            return found
        odd = (text for text in spoken if not _is_plain(text))
        return found and all(self._judging.isdisjoint(words(text)) for text in odd)


def _is_plain(text: str) -> bool:
    """Whether the audit parts the words of a text nowhere but where there is no letter or digit.

    In "Mia Rossi" no word ends before a capital, as one does in "miaRossi" or in "mia2Rossi".
    """
    if "'" in text or _APOSTROPHE in text:
        return False
    return text.islower() or (text.istitle() and _DIGIT.search(text) is None)
