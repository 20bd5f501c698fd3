"""The manager's routes, for `staff.rooms`."""

from __future__ import annotations

from warmstation_server.web.manage import (
    commissioning,
    hand,
    notice,
    past,
    register,
    reports,
    stations,
    supplies,
    visits,
)

ROOMS = (
    *(stations.router, past.router, hand.router, reports.router),
    *(visits.router, supplies.router, commissioning.router, register.router),
    notice.router,
)
