"""Policies in which every control of the catalogue that builds write is written somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Mode, Platform
from tests.strategies import SERVERS

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A target and what its two accounts want: a preset, and exceptions for all its channels."""

    management: str
    sharing: str
    exceptions: str = ""
    declarations: bool = False

    def __str__(self) -> str:
        parts = (self.management, self.sharing, self.exceptions)
        return "-".join(filter(None, (*parts, "declared" if self.declarations else "")))

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return Platform.ANDROID if self.management in set(Mode) else Platform.IOS

    def table(self) -> Table:
        """Return the policy."""
        kept = {"allow": {"open-in", "open-in-from"}}.get(self.exceptions, set())
        channels = {
            channel: self.exceptions
            for channel in decided_channels(self.platform)
            if self.exceptions and channel not in kept
        }
        services = {
            Platform.IOS: ("exchange", "imap"),
            Platform.ANDROID: ("exchange", "exchange"),
        }
        accounts = [
            {
                "id": name,
                "service": service,
                "address": f"{name}@example.com",
                "server": SERVERS[service],
                "sharing": self.sharing,
                "channels": channels,
                "client": {"android": client},
            }
            for name, service, client in zip(
                ("staff", "press"), services[self.platform], ("outlook", "gmail"), strict=True
            )
        ]
        return {
            "policy": 1,
            "organization": {"name": "A", "identifier": "com.example.mail", "contact": "B"},
            "accounts": accounts,
            "domains": {"web": ["*.example.com"], "mail": ["example.com"]},
            "apps": {"blocked": [BLOCKED]},
            "targets": [self._target()],
        }

    def _target(self) -> Table:
        common = {"id": "target", "accounts": ["staff", "press"], "platform": str(self.platform)}
        if self.platform is Platform.ANDROID:
            return {**common, "mode": self.management, "minimum_os": "18"}
        declared = {"declarations": True} if self.declarations else {}
        return {**common, **declared, "enrollment": self.management, "minimum_os": "27"}


BLOCKED: Table = {
    "name": "TikTok",
    "ios": "com.zhiliaoapp.musically",
    "android": "com.zhiliaoapp.musically",
    "because": "It read the clipboard of other apps.",
}
CASES = (
    Case("user", "sealed"),
    Case("device", "sealed"),
    Case("manual", "sealed"),
    Case("supervised", "sealed"),
    Case("supervised", "sealed", declarations=True),
    Case("supervised", "contained", "deny"),
    Case("supervised", "contained", "deny", declarations=True),
    Case("supervised", "contained", "allow", declarations=True),
    Case("user", "contained", "allow"),
    Case("user", "open"),
    Case("supervised", "open"),
    *(
        Case(mode, sharing, exceptions)
        for mode in ("work-profile", "company-owned", "fully-managed")
        for sharing, exceptions in (
            ("sealed", ""),
            ("contained", "deny"),
            ("contained", "allow"),
            ("open", ""),
        )
    ),
)
