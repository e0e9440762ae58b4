"""References from payload to payload: certificates in the same profile, VPNs on the same device.

A certificate is named by its PayloadUUID and must stand in the same profile; a VPN is named by a
value of its own, VPNUUID, and may come in another file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard

from profilegen.audit.lint.payloads import Payload
from profilegen.audit.lint.shown import shown
from profilegen.audit.lint.stand_ins import is_stand_in
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.accounts import references
from profilegen.catalogue.rules import found
from profilegen.findings import Finding

_VPN = "VPNUUID"
# Payloads and declarations that define a VPN which others name.
_VPN_TYPES = ("com.apple.vpn.", "com.apple.configuration.network.vpn.")


def findings(payloads: Sequence[Payload]) -> Iterator[Finding]:
    """Yield the references that lead nowhere; `payloads` are those of one whole profile."""
    targets = [payload.content.get("PayloadUUID") for payload in payloads]
    known = {uuid.casefold() for uuid in targets if isinstance(uuid, str)}
    # A certificate whose UUID is yet to be filled in may be the one that is meant.
    if any(map(is_placeholder, targets)):
        return
    for payload in payloads:
        for path in references().get(payload.kind, ()):
            for place, value in payload.values(path):
                if _is_named(value) and value.casefold() not in known:
                    yield found(
                        "dangling-reference",
                        place,
                        f"{path.rpartition('.')[2].removesuffix('[]')} names {shown(value)}, "
                        "but no payload of this profile has that PayloadUUID.",
                    )
    yield from _misnamed_vpns(payloads)


def vpn_names(payloads: Iterable[Payload]) -> Iterator[tuple[str, str]]:
    """Yield the place and value of every reference to a VPN in an account or an app."""
    for payload in payloads:
        if not payload.kind.startswith(_VPN_TYPES):
            value = payload.value(_VPN)
            if _is_named(value):
                yield payload.at(_VPN), value


def vpns(payloads: Iterable[Payload]) -> Iterator[object]:
    """Yield the values by which the VPNs among `payloads` are named."""
    for payload in payloads:
        if payload.kind.startswith(_VPN_TYPES):
            yield payload.value(_VPN)


def _misnamed_vpns(payloads: Sequence[Payload]) -> Iterator[Finding]:
    """Yield references that name a VPN by its PayloadUUID instead of its VPNUUID."""
    named = {value.casefold() for value in vpns(payloads) if isinstance(value, str)}
    uuids = {
        uuid.casefold()
        for payload in payloads
        if payload.kind.startswith(_VPN_TYPES)
        and isinstance(uuid := payload.content.get("PayloadUUID"), str)
    }
    mistaken = uuids - named
    for place, value in vpn_names(payloads):
        if value.casefold() in mistaken:
            yield found(
                "dangling-reference",
                place,
                f"VPNUUID names {shown(value)}, which is the PayloadUUID of a VPN; "
                "a VPN is named by the VPNUUID in its own payload.",
            )


def _is_named(value: object) -> TypeGuard[str]:
    """Say whether `value` names something: not when it is empty or still to be filled in."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and not is_placeholder(value)
        and not is_stand_in(value)
    )
