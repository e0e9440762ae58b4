"""No file of others breaks the flows; the corpus lies beside the checkout, if at all."""

from __future__ import annotations

from pathlib import Path

from profilegen.audit.document import BareSettings, DocumentError, read_document
from profilegen.audit.flows import flows
from profilegen.catalogue.terms import Enrollment, Mode
from tests.unit.audit.samples import context


def is_unsigned(data: bytes) -> bool:
    return data.lstrip().startswith((b"<", b"bplist", b"{", b"\xef\xbb\xbf"))


def test_no_file_of_the_corpus_breaks_the_audit(corpus: Path) -> None:
    read = refused = 0
    for path in sorted(corpus.glob("*/*")):
        data = path.read_bytes()
        if path.suffix not in {".mobileconfig", ".json"} or not is_unsigned(data):
            continue
        try:
            document = read_document(path.name, data)
        except DocumentError:
            refused += 1
            continue
        read += 1
        for enrollment, mode in zip([*Enrollment], [*Mode, Mode.WORK_PROFILE], strict=True):
            without = isinstance(document, BareSettings)
            assert bool(flows([document], context(enrollment, mode))) is not without
    assert (read > 150, refused < 15) == (True, True)
