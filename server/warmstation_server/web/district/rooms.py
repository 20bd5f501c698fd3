"""Which pages there are. For `web.staff.rooms`."""

from __future__ import annotations

from warmstation_server.web.district import exports, pages

ROOMS = (pages.router, exports.router)
