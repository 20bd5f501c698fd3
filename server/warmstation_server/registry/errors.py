"""What can go wrong with the registry."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class RegistryError(WarmstationError):
    """Root of this room's errors."""


class RegistryAway(RegistryError, ConnectionError):
    """The registry cannot be reached, read or written now."""


class RegistryForeign(RegistryError, ValueError):
    """What was found is not a registry, or one that this version does not know."""


class UnknownPlace(RegistryError, LookupError):
    """No station or region has this id."""


class UnknownStation(UnknownPlace):
    """No station has this id."""


class TooManyReports(RegistryError):
    """One address has reported more than a person would in so short a time."""


class BadFile(RegistryError, ValueError):
    """A file to import that cannot be read as a whole; nothing of it was taken."""


class BadPlace(RegistryError, ValueError):
    """A region or station that the registry refuses."""


class StillNeeded(BadPlace):
    """A place that cannot be taken away as if it had never been: something is kept of it."""
