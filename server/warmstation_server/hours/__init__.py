"""Posted opening hours: when a station has promised to be open.

Anyone in the server may ask; nothing here reads a clock, a file or the network.
"""

from __future__ import annotations

from warmstation_server.hours.calendar import holidays_known
from warmstation_server.hours.posted import LOOK_AHEAD, LOOK_BACK, Hours
from warmstation_server.hours.syntax import BadHours

__all__ = ["LOOK_AHEAD", "LOOK_BACK", "BadHours", "Hours", "holidays_known"]
