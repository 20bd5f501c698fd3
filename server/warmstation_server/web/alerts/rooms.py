"""The pages of this room, for `web.staff.rooms`."""

from __future__ import annotations

from warmstation_server.web.alerts import deeds, live, pages

ROOMS = (pages.router, deeds.router, live.router)
