"""`profilegen channels`, as a person types it."""

from __future__ import annotations

import json

from profilegen.catalogue.explain import explanation, overview
from profilegen.catalogue.load import channels, revision
from profilegen.catalogue.terms import Platform
from tests.support.command import RunProfilegen


def test_it_lists_every_channel(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("channels")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, f"{overview()}\n", "")


def test_it_explains_one(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("channels", "open-in", "--quiet")
    assert (outcome.exit_code, outcome.stdout) == (0, f"{explanation('open-in')}\n")


def test_an_unknown_id_is_wrong_usage(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("channels", "contact-read", "--format", "json")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr == (
        "error: there is no channel 'contact-read'\n"
        "hint: Did you mean contacts-read? `profilegen channels` lists all of them.\n"
    )


def test_json_has_every_channel_of_both_platforms(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("channels", "--format", "json")
    assert outcome.exit_code == 0
    document = json.loads(outcome.stdout)
    assert list(document) == ["schema", "revision", "channels"]
    assert document["schema"] == "profilegen.channels/1"
    assert document["revision"] == revision()
    found = [(row["platform"], row["id"]) for row in document["channels"]]
    assert found == [(platform, key) for platform in Platform for key in channels(platform)]


def test_json_of_one_channel_has_all_fields(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("channels", "usb-storage", "--format", "json")
    ios, android = json.loads(outcome.stdout)["channels"]
    assert list(ios) == list(android)
    assert ios["controls"][0] | {"note": ""} == {
        "payloads": ["com.apple.applicationaccess"],
        "key": "allowFilesUSBDriveAccess",
        "close": False,
        "open": True,
        "effect": "closes",
        "writable": True,
        "scope": "device",
        "introduced": "13",
        "deprecated": None,
        "replaced_by": "",
        "supervised": True,
        "in_user_enrollment": False,
        "rejected_in_user_enrollment": False,
        "in_manual_install": True,
        "silent": "open",
        "needs": [],
        "services": [],
        "source": "Apple, com.apple.applicationaccess.yaml, release 18.3",
        "note": "",
    }
    field = android["controls"][0]
    assert field["close"][1] == {"value": "DISALLOW_USB_DATA_TRANSFER", "since": "12"}
    assert field["source"] == "Google, discovery document revision 20261104"
    assert field["silent"] == {"company-owned": "closed", "fully-managed": "closed"}
