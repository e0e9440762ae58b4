"""Channels in words."""

from __future__ import annotations

import pytest

from profilegen.catalogue.explain import (
    UnknownChannelError,
    explanation,
    find_channels,
    overview,
    platform_line,
)
from profilegen.catalogue.load import channels
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform
from profilegen.catalogue.words import channel_facts, control_words, controls_heading

_IDS = sorted({key for platform in Platform for key in channels(platform)})


def _ios(channel_id: str) -> Channel:
    return channels(Platform.IOS)[channel_id]


def _android(channel_id: str) -> Channel:
    return channels(Platform.ANDROID)[channel_id]


@pytest.mark.parametrize("channel_id", _IDS)
def test_every_channel_is_explained_within_100_columns(channel_id: str) -> None:
    text = explanation(channel_id)
    assert all(len(line) <= 100 for line in text.splitlines())
    for channel in find_channels(channel_id):
        assert channel.title in text
        for control in (*channel.keys, *channel.fields):
            name = getattr(control, "key", "") or getattr(control, "path", "")
            assert name in text


def test_the_overview_lists_every_channel_once_a_platform() -> None:
    lines = overview().splitlines()
    assert all(len(line) <= 100 for line in lines)
    first_words = [line.split()[0] for line in lines if "  " in line]
    expected = [key for platform in Platform for key in channels(platform)]
    assert first_words == expected
    assert platform_line(Platform.IOS) in lines
    assert any(line.startswith("open-in-from ") and " sealed " in line for line in lines)


def test_a_channel_of_one_platform_says_so_for_the_other() -> None:
    assert "Android Enterprise: no channel of this id." in explanation("mail-drop")
    assert "iOS and iPadOS: no channel of this id." in explanation("widgets")


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownChannelError) as caught:
        find_channels("open_in")
    assert caught.value.exit_code == 2
    assert caught.value.message == "there is no channel 'open_in'"
    expected = "Did you mean open-in? `profilegen channels` lists all of them."
    assert caught.value.hint == expected


def test_an_id_that_resembles_nothing_gets_no_guess() -> None:
    with pytest.raises(UnknownChannelError) as caught:
        find_channels("zzzz9")
    assert caught.value.hint == "`profilegen channels` lists all of them."


@pytest.mark.parametrize(
    ("channel", "heading"),
    [
        (_ios("airdrop"), "Closed by (weakest first):"),
        (_ios("book-sync"), "Closed by (each covers a part):"),
        (_ios("paste"), "Closed by:"),
        (_ios("web-downloads"), "Narrowed by:"),
        (_ios("outside-recipients"), "Touched by:"),
        (_ios("drag-drop"), "No setting exists for it."),
        (_android("handoff"), "Closed by:"),
        (_android("paste-from"), "No setting exists for it."),
    ],
    ids=lambda value: value.id if isinstance(value, Channel) else "",
)
def test_headings(channel: Channel, heading: str) -> None:
    assert controls_heading(channel) == heading


def test_a_key_tells_who_may_have_it_and_what_it_needs() -> None:
    (control,) = control_words(_ios("contacts-write"))
    assert control.setting == "allowManagedToWriteUnmanagedContacts = false"
    assert "Without it: closed. Scope: device. Since iOS 12." in control.facts
    expected = "Supervision: not needed. User Enrollment: forbidden. Installed by hand: forbidden."
    assert expected in control.facts
    assert "Has an effect only while closed: open-in." in control.facts
    assert control.facts[-1].startswith("Source: Apple, ")


def test_a_deprecated_key_names_its_replacement() -> None:
    old, new = control_words(_ios("siri"))
    expected = "Deprecated in iOS 26.4, replaced by com.apple.configuration.siri.settings Enabled."
    assert expected in old.facts
    assert not any("Deprecated" in fact for fact in new.facts)


def test_values_and_names_that_are_not_known_are_said() -> None:
    assert control_words(_ios("web-downloads"))[0].setting.endswith("= (a value from the policy)")
    last = control_words(_ios("keyboard-learning"))[-1]
    assert last.setting.startswith("(key names not known)")
    assert "Understood in files, not written by `sharing`." in last.facts
    types = control_words(_android("account-changes"))[1]
    assert types.setting == "accountTypesWithManagementDisabled = (named in the policy)"


def test_accounts_of_a_key_are_named() -> None:
    assert "Accounts: mail, eas." in control_words(_ios("move-message"))[0].facts


def test_a_field_tells_modes_versions_and_stricter_values() -> None:
    cable, media = control_words(_android("usb-storage"))
    assert cable.setting == (
        'deviceConnectivityManagement.usbDataAccess = "DISALLOW_USB_FILE_TRANSFER" or, stricter, '
        '"DISALLOW_USB_DATA_TRANSFER" (from Android 12)'
    )
    assert "Google states no minimum version." in cable.facts
    assert "Replaces the deprecated: usbFileTransferDisabled, usbMassStorageEnabled." in cable.facts
    assert "Since Android 5 (from general platform knowledge)." in media.facts
    assert "Without it: open on company-owned, open on fully-managed." in media.facts
    (listeners,) = control_words(_android("notification-listeners"))
    assert listeners.facts[0] == "Decides the channel."
    capture = control_words(_android("screen-capture"))[0]
    assert "Also narrows: screen-mirroring, assistant." in capture.facts
    assert "Reaches the whole device on: fully-managed." in capture.facts


def test_channel_facts() -> None:
    open_in = channel_facts(_ios("open-in"))
    assert "Direction: out, from the managed to the unmanaged side." in open_in
    assert any(fact.startswith("Needed by: paste, airdrop, ") for fact in open_in)
    assert any(fact.startswith("Rests on the account being managed") for fact in open_in)
    assert any(fact.startswith("Not known: ") for fact in open_in)
    assert "Reaches: the whole device, personal use too." in channel_facts(_ios("printing"))
    follower = channel_facts(_ios("drag-drop"))
    assert "Follows open-in, since it has no control of its own." in follower
    assert "No field on: work-profile, company-owned." in channel_facts(_android("device-backup"))
    assert "Does not exist on: fully-managed." in channel_facts(_android("paste"))
