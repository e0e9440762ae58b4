"""Flows of other people's profiles and policies; the corpus lies beside the checkout, if at all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from profilegen.audit.document import DocumentError, read_document
from profilegen.audit.flows import Flow, flows
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Enrollment, Mode, Platform, State
from tests.unit.audit.samples import context

BOUNDARY = {"open-in", "contacts-read", "contacts-write", "drag-drop", "keyboards", "photos"}
PER_ACCOUNT = {"move-message", "app-sheet", "recents-sync", "mail-drop"}


@pytest.fixture
def corpus(checkout: Path) -> Path:
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    return folder


def flows_of(path: Path, enrollment: Enrollment) -> tuple[Flow, ...]:
    return flows([read_document(path.name, path.read_bytes())], context(enrollment))


def channels_in(found: tuple[Flow, ...], state: State) -> set[str]:
    return {flow.channel for flow in found if flow.state is state}


def check(
    path: Path,
    enrollment: Enrollment,
    *,
    account: str = "*",
    closed: Collection[str] = (),
    narrowed: Collection[str] = (),
) -> None:
    found = flows_of(path, enrollment)
    missing = PER_ACCOUNT if account == "*" else set()
    assert {flow.account for flow in found} == {account}
    assert {flow.channel for flow in found} == set(decided_channels(Platform.IOS)) - missing
    assert channels_in(found, State.CLOSED) == set(closed)
    assert channels_in(found, State.NARROWED) == set(narrowed)
    assert not channels_in(found, State.ABSENT)


def test_restrictions_that_close_managed_open_in(corpus: Path) -> None:
    path = corpus / "profiles" / "zentralopensource__zentral__test-65c54c8c.mobileconfig"
    check(path, Enrollment.USER, closed=BOUNDARY | {"siri"})
    check(path, Enrollment.DEVICE, closed=BOUNDARY | {"siri", "internet-search"})
    check(path, Enrollment.MANUAL, closed={"siri", "internet-search"}, narrowed=BOUNDARY)
    supervised = {"siri", "internet-search", "printing", "usb-storage", "network-storage"}
    check(
        path,
        Enrollment.SUPERVISED,
        closed=BOUNDARY | supervised,
        narrowed={"password-sharing"},
    )


def test_restrictions_that_allow_managed_open_in(corpus: Path) -> None:
    name = "mosen__profiledocs__com.apple.applicationaccess-4157477e.mobileconfig"
    path = corpus / "odd" / name
    for enrollment in (Enrollment.USER, Enrollment.DEVICE, Enrollment.MANUAL):
        check(path, enrollment, closed={"diagnostics"})
    closed = {"diagnostics", "airdrop", "account-changes"}
    check(path, Enrollment.SUPERVISED, closed=closed)


def test_a_google_account_alone_closes_nothing(corpus: Path) -> None:
    path = corpus / "odd" / "mosen__profiledocs__com.apple.google-oauth-739747b7.mobileconfig"
    for enrollment in Enrollment:
        check(path, enrollment, account="com.apple.google-oauth")


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
            assert flows([document], context(enrollment, mode))
    assert (read > 150, refused < 15) == (True, True)
