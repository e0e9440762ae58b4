"""Whatever a file holds, reading it ends soon, with little memory, in a document or one error."""

from __future__ import annotations

import json
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from profilegen.audit.document import Document, DocumentError, read_document
from tests.unit.audit.hostile import CASES

# Generous: the machine runs other tests beside this one. The fuzzer measures each input.
SECONDS = 60
READ = {
    "JSON text up to the limit",
    "blanks before a profile",
    "blanks inside a profile",
    "NUL bytes behind a profile",
    "text up to the limit",
    "text that is wide in memory",
    "references up to the limit",
    "UTF-16 up to the limit",
    "placeholders up to the limit",
    "data up to the limit",
    "as many keys as may be",
    "one key again and again",
    "binary text up to the limit",
}
REASONS = {
    "100 MB of blanks": "it is larger than 32 MiB",
    "blanks up to the limit": "the file is empty",
    "60 MB of text": "it is larger than 32 MiB",
    "a million keys": "it holds more than 200,000 values",
    "a million levels": "it nests deeper than 64 levels",
    "entities that multiply": "the document type declares entities",
    "attributes by default": "the document type declares entities",
    "an entity of a file": "the document type declares entities",
    "an entity of a pipe": "no property list knows the entity 'a'",
    "JSON of a million levels": "it nests deeper than 64 levels",
    "JSON of a million keys": "it holds more than 200,000 values",
    "JSON of 60 MB": "it is larger than 32 MiB",
    "JSON that never ends": "the text that begins here has no end",
    "a binary list in itself": "it nests deeper than 64 levels",
    "binary objects in the same place": "objects of the binary property list overlap",
    "binary lists that multiply": "it holds more than 200,000 values",
    "binary lists of 100,000 levels": "it nests deeper than 64 levels",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of memory is that of Linux")
@pytest.mark.parametrize("case", CASES)
def test_a_hostile_file_takes_bounded_memory(case: str, checkout: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.audit.hostile", case]
    ended = subprocess.run(
        command, cwd=checkout, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (ended.stdout in {"Profile", "AndroidPolicy"}) is (case in READ)
    assert REASONS.get(case, "") in ended.stdout
    if case not in READ:
        assert ended.stdout.startswith("hostile.mobileconfig: not a document for devices: ")


CONTENT = {"PayloadType": "Configuration", "PayloadContent": [{"a": [1, "é", b"x", {"b": 1.5}]}]}
SAMPLES = {
    "xml": plistlib.dumps(CONTENT),
    "binary": plistlib.dumps(CONTENT, fmt=plistlib.FMT_BINARY),
    "json": json.dumps({"cameraDisabled": True, "applications": [{"packageName": "é"}]}).encode(),
}


@pytest.mark.parametrize("form", SAMPLES)
def test_a_file_that_is_cut_off_at_any_byte(form: str) -> None:
    whole = SAMPLES[form]
    assert not read_document("a.mobileconfig", whole).problems
    for end in range(len(whole.rstrip())):
        with pytest.raises(DocumentError):
            read_document("a.mobileconfig", whole[:end])


@pytest.mark.parametrize("form", SAMPLES)
def test_a_file_with_any_byte_exchanged(form: str) -> None:
    whole = SAMPLES[form]
    for place in range(len(whole)):
        for byte in (0x00, 0x3C, 0x7F, 0xFF):
            data = whole[:place] + bytes([byte]) + whole[place + 1 :]
            try:
                document = read_document("a.mobileconfig", data)
            except DocumentError as error:
                assert "\n" not in error.message  # noqa: PT017  (a document is as good)
            else:
                assert isinstance(document, Document)


def test_what_plistlib_cannot_descend_is_too_deep() -> None:
    with pytest.raises(DocumentError, match="it nests deeper than 64 levels"):
        read_document("a", CASES["binary lists of 100,000 levels"]())
