"""The targets of a policy: groups of devices that get the same files, and how they are managed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.versions import Version


@dataclass(frozen=True, slots=True)
class Variables:
    """The MDM service (its id) that fills in users' fields, and the placeholder of each of them.

    `placeholders` has every field that the policy uses or declares and the service can fill in.
    """

    service: str
    placeholders: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IosTarget:
    """A group of iPhones and iPads that get the same files.

    `variables` is None where profilegen itself puts in the values of users.
    """

    id: str
    enrollment: Enrollment
    minimum_os: Version
    accounts: tuple[str, ...]
    strictest: bool
    declarations: bool
    variables: Variables | None = None

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return Platform.IOS


@dataclass(frozen=True, slots=True)
class AndroidTarget:
    """A group of Android devices that get the same policy."""

    id: str
    mode: Mode
    minimum_os: Version
    accounts: tuple[str, ...]
    strictest: bool

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return Platform.ANDROID


Target = IosTarget | AndroidTarget
