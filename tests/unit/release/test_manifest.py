"""A signed manifest is read strictly: its signer may have signed other things too."""

from __future__ import annotations

import json

import pytest

from profilegen.release.manifest_reading import read_manifest
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


@pytest.mark.parametrize(
    "seals", [[["release.json.p7s"]], ["SHA256SUMS"], ["release.json.p7s"] * 2]
)
def test_seals_that_are_none(seals: object) -> None:
    with pytest.raises(ValueError, match=r"seals that are unknown|of the wrong type"):
        read_manifest(json.dumps(json.loads(MANIFEST) | {"seals": seals}).encode())


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../b", "", "SHA256SUMS", "a\nb", "a\0", "\ud800"]
)
def test_paths_that_no_file_of_a_release_has(path: str) -> None:
    document = json.loads(MANIFEST)
    document["files"][0]["path"] = path
    with pytest.raises(ValueError, match="a path that is none of a release"):
        read_manifest(json.dumps(document).encode())


def test_a_key_that_stands_twice() -> None:
    with pytest.raises(ValueError, match="a key stands twice"):
        read_manifest(MANIFEST.replace(b'"schema":', b'"schema": "other", "schema":', 1))
