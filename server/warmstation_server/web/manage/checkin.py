"""A rider counts themself with the code at the wall: one tap, no login, nothing of them is kept.

A cookie without any identity keeps one phone from counting twice in half an hour.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from warmstation_server.accounts.secrets import is_same
from warmstation_server.visits import VisitCount
from warmstation_server.web.languages import language_of, path_in
from warmstation_server.web.rider_reports import is_own_page
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.rendering import PRIVATE, Rendering

COOKIE = "counted"
ONCE_IN = timedelta(minutes=30)
IN_A_ROW = timedelta(minutes=10)
MOST = 60
"""From one address within IN_A_ROW: many riders share the address of their network."""
_ADDRESSES = 10_000


class Throttle:
    """Counts check-ins by address, in memory only and for ten minutes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[str, deque[datetime]] = {}

    def is_too_much(self, address: str, now: datetime) -> bool:
        """Whether this address has had its share; counts this one where it has not."""
        with self._lock:
            if len(self._seen) > _ADDRESSES:
                self._seen.clear()
            seen = self._seen.setdefault(address, deque())
            while seen and seen[0] <= now - IN_A_ROW:
                seen.popleft()
            if len(seen) >= MOST:
                return True
            seen.append(now)
            return False


def router(parts: StaffParts) -> APIRouter:
    """Open to everybody who stands in front of the code."""
    routes, throttle = APIRouter(), Throttle()

    @routes.get("/checkin/{station}/{code}")
    def ask(request: Request, station: str, code: str) -> Response:
        _check(parts, station, code)
        is_counted = request.cookies.get(COOKIE) == station
        return _page(request, parts, station, code, is_counted=is_counted)

    @routes.post("/checkin/{station}/{code}")
    def count(request: Request, station: str, code: str) -> Response:
        _check(parts, station, code)
        if not is_own_page(request):
            raise HTTPException(403)
        if request.cookies.get(COOKIE) != station:
            address, now = request.client.host if request.client else "", parts.clock.now()
            if throttle.is_too_much(address, now):
                raise HTTPException(429)
            parts.registry.visits.add(VisitCount(station, "qr", 1, now, now))
        language = language_of(request.url.path)[0]
        back = path_in(language, f"/checkin/{station}/{code}")
        response = RedirectResponse(back, 303, PRIVATE)
        lasts = int(ONCE_IN.total_seconds())
        response.set_cookie(
            COOKIE, station, lasts, secure=parts.is_secure, httponly=True, samesite="lax"
        )
        return response

    return routes


def _check(parts: StaffParts, station: str, code: str) -> None:
    if station not in parts.current.get().stations:
        raise HTTPException(404)
    if not is_same(code, parts.registry.visits.code(station)):
        raise HTTPException(404)


def _page(
    request: Request, parts: StaffParts, station: str, code: str, *, is_counted: bool
) -> Response:
    rendering: Rendering = request.app.state.rendering
    path, place = request.url.path, parts.current.get().stations[station]
    facts = {"station": place, "code": code, "is_counted": is_counted}
    words = rendering.words(path)
    return rendering.page(path, "manage/checkin.html", facts, parts.clock.now(), words)
