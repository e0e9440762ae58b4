"""Which profiles iOS refuses whole on a device in User Enrollment, and for which payloads.

Apple's text on legacy declarations says that iOS then rejects the entire profile. That a profile
which a management service installs fares alike is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass

from profilegen.audit.document import Document, Profile
from profilegen.catalogue.apple import forbidden_in_user_enrollment
from profilegen.catalogue.terms import Enrollment


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
        and kind in forbidden_in_user_enrollment()
    )
