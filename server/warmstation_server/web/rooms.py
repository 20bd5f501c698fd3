"""What the routes behind the front are made of. A record, no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warmstation_server.clock import Clock
from warmstation_server.history import History
from warmstation_server.snapshot import Current
from warmstation_server.web.assets import Assets

if TYPE_CHECKING:
    from warmstation_server.web.enrolment import EnrolmentDesk
    from warmstation_server.web.rider_reports import RiderReports
    from warmstation_server.web.staff.parts import StaffParts


@dataclass(frozen=True, slots=True)
class Rooms:
    """`staff`: what the pages of those who sign in are made of; None = there are no such pages."""

    current: Current
    registry: RiderReports
    history: History
    clock: Clock
    assets: Assets
    enrolment: Callable[[], EnrolmentDesk] | None = None
    staff: StaffParts | None = None
