"""What can stop a commissioning; each is one sentence for the installer."""

from __future__ import annotations

from warmstation_wire import WarmstationError


class DoctorFailed(WarmstationError):
    """The profile cannot be written, or a record not kept."""
