"""Whose signature takes the place of whose, over all files of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from profilegen.audit.diff.model import Difference, FileDifference
from profilegen.audit.diff.versions import SignedBy

_PROFILE = "profile"
_CODES = frozenset({"signer-changed", "signer-unknown", "signature-dropped"})


@dataclass(frozen=True, slots=True)
class SignerDifference:
    """Files that `old` signed and `new` signs now, None if nobody does; `profiles` are among them.

    Where a certificate is not in the file, whether the two differ is not known.
    """

    old: SignedBy
    new: SignedBy | None
    files: int
    profiles: int

    @property
    def is_known(self) -> bool:
        """Whether the two are known to differ."""
        return self.new is None or bool(self.old.fingerprint and self.new.fingerprint)


def signer_differences(difference: Difference) -> tuple[SignerDifference, ...]:
    """Return every pair of signers of which the second is not, or may not be, the first."""
    files: Counter[tuple[SignedBy, SignedBy | None]] = Counter()
    profiles: Counter[tuple[SignedBy, SignedBy | None]] = Counter()
    for file in difference.files:
        for pair in _changed(file):
            files[pair] += file.count
            profiles[pair] += file.count * (file.kind == _PROFILE)
    return tuple(SignerDifference(*pair, count, profiles[pair]) for pair, count in files.items())


def _changed(file: FileDifference) -> Iterator[tuple[SignedBy, SignedBy | None]]:
    old, new = file.signers
    if old is not None and any(item.code in _CODES for item in file.identity):
        yield old, new
