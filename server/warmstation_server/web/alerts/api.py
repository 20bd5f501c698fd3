"""/api/v1/alerts: open alerts for programs of staff, with a token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from warmstation_server.accounts.role import Right
from warmstation_server.alerts.words import title
from warmstation_server.web.alerts.looking import open_alerts
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit


class AlertEntry(BaseModel):
    """An alert that fires now. `state`: firing, acknowledged, silenced, inhibited or flapping."""

    alert_id: str
    station_id: str
    condition: str
    subject: str
    title_zh: str
    title_en: str | None
    severity: str
    state: str
    tier: str
    since: datetime
    assignee: str | None
    silenced_until: datetime | None
    advice_zh: str | None
    is_stale: bool
    is_simulated: bool


class AlertList(BaseModel):
    """Alerts of the token's places, the newest first."""

    taken_at: datetime
    alerts: list[AlertEntry]


def router(parts: StaffParts) -> APIRouter:
    """The list."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/alerts", summary="Alerts that fire at the token's places")
    def alerts(visit: Annotated[Visit, enter(Right.ALERTS_READ)]) -> AlertList:
        found = []
        for one in open_alerts(visit):
            text = title(one.name, one.subject)
            found.append(
                AlertEntry(
                    alert_id=one.id,
                    station_id=one.station,
                    condition=one.name,
                    subject=one.subject,
                    title_zh=text.zh,
                    title_en=text.en,
                    severity=one.severity,
                    state=one.word,
                    tier=one.tier,
                    since=one.since,
                    assignee=one.assignee,
                    silenced_until=one.silenced_until,
                    advice_zh=one.advice.zh if one.advice else None,
                    is_stale=one.is_stale,
                    is_simulated=visit.tree.known(one.station).is_simulated,
                )
            )
        return AlertList(taken_at=visit.now, alerts=found)

    return routes
