"""What can go wrong when a station enrols; each is one sentence for the installer."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class EnrolmentFailed(WarmstationError):
    """No certificate was had; the sentence says why and what to do."""


class ServerAway(EnrolmentFailed, ConnectionError):
    """The server was not reached: trying again later is right."""
