"""What can go wrong between here and a vendor, before there is an answer to judge."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class NotifyError(WarmstationError):
    """Root of this room's errors."""


class NotSent(NotifyError, ConnectionError):
    """The vendor cannot have understood the message: nothing, or not all of it, was sent."""


class Unanswered(NotifyError, ConnectionError):
    """All was sent, and no whole answer came: it may have arrived."""


class Refused(NotifyError, PermissionError):
    """An address that this server must not speak to."""


class BadQuestion(NotifyError, ValueError):
    """Asked about something that is not there."""
