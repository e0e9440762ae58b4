"""Which profiles iOS refuses whole on a device in User Enrollment, and for which payloads.

Apple's text on legacy declarations says that iOS then rejects the entire profile. That a profile
which a management service installs fares alike is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from profilegen.audit.document import Document, Profile
from profilegen.catalogue.load import channels
from profilegen.catalogue.terms import Enrollment, Platform

# Apple's device-management schema, release 18.3: payloads of iOS with User Enrollment "forbidden"
# that control no channel, so that the catalogue has no key of theirs.
_WITHOUT_CHANNELS = frozenset(
    {
        "com.apple.SetupAssistant.managed",
        "com.apple.apn.managed",
        "com.apple.app.lock",
        "com.apple.cellular",
        "com.apple.declarations",
        "com.apple.dnsSettings.managed",
        "com.apple.homescreenlayout",
        "com.apple.networkusagerules",
        "com.apple.osxserver.account",
        "com.apple.profileRemovalPassword",
        "com.apple.proxy.http.global",
        "com.apple.shareddeviceconfiguration",
        "com.apple.tvremote",
        "com.apple.vpn.managed",
    }
)


@dataclass(frozen=True, slots=True)
class RejectedPayload:
    """A payload for which iOS refuses its whole profile; `index` is its place, from 0."""

    index: int
    kind: str


def rejected_payloads(document: Document, enrollment: Enrollment) -> tuple[RejectedPayload, ...]:
    """Return the payloads for which devices of `enrollment` refuse `document`, in its order."""
    if enrollment is not Enrollment.USER or not isinstance(document, Profile):
        return ()
    payloads = document.content.get("PayloadContent")
    return tuple(
        RejectedPayload(index, kind)
        for index, payload in enumerate(payloads if isinstance(payloads, list) else ())
        if isinstance(payload, dict)
        and isinstance(kind := payload.get("PayloadType"), str)
        and kind in forbidden_payloads()
    )


@cache
def forbidden_payloads() -> frozenset[str]:
    """Return the payload types that no profile for User Enrollment may hold."""
    keys = (key for channel in channels(Platform.IOS).values() for key in channel.keys)
    with_channels = (key.payloads for key in keys if key.rejected_in_user_enrollment)
    return _WITHOUT_CHANNELS.union(*with_channels)
