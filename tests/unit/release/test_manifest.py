"""What a manifest says of encrypted files is read as strictly as the rest."""

from __future__ import annotations

import json

import pytest

from profilegen.release.manifest import read_manifest
from tests.support.releases import small_release

MANIFEST = small_release()["release.json"]


def with_readers(value: object) -> bytes:
    document = json.loads(MANIFEST)
    document["files"][0]["encrypted_for"] = value
    return json.dumps(document).encode()


def test_files_that_anybody_can_read_name_nobody() -> None:
    assert b"encrypted_for" not in MANIFEST
    assert {item.encrypted_for for item in read_manifest(MANIFEST).files} == {()}


def test_for_whom_a_file_is_encrypted() -> None:
    assert read_manifest(with_readers(["ab", "cd"])).files[0].encrypted_for == ("ab", "cd")


@pytest.mark.parametrize("value", [None, "ab", {"ab": 1}, [1], [["ab"]], 0, False])
def test_what_names_no_certificates(value: object) -> None:
    with pytest.raises(ValueError, match=r"for which certificates '.*' is encrypted"):
        read_manifest(with_readers(value))
