"""/manage/supplies: what is on the shelves of my stations, and one item in full.

The code on the shelf opens the item's page: a restock is then one tap on how many came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, wait
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from warmstation_server.accounts.role import Right
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.places import Station
from warmstation_server.supplies.gifts import donors
from warmstation_server.supplies.shelf import shelves
from warmstation_server.web.boards.qr import qr
from warmstation_server.web.finding import meant, typed
from warmstation_server.web.manage.shelf_facts import (
    ItemFacts,
    item_facts,
    neediest_first,
    urgent_first,
)
from warmstation_server.web.manage.station_facts import MOST, items_of
from warmstation_server.web.manage.supply_forms import DONE, FAULTS, Refused, taken
from warmstation_server.web.staff.door import enter
from warmstation_server.web.staff.parts import StaffParts
from warmstation_server.web.staff.visit import Visit

Looking = Annotated[Visit, enter(Right.SUPPLIES_READ)]
Writing = Annotated[Visit, enter(Right.SUPPLIES_WRITE)]
PATIENCE_S = 1.5
"""The sensors' outlook comes with the pipeline's next turn; without it the page says so."""
LEDGER_SHOWN = 30


def router(parts: StaffParts) -> APIRouter:
    """Lists, the item, its forms, labels, donors."""
    routes = APIRouter()
    _add_lists(routes, parts)
    _add_item(routes, parts)
    return routes


def _add_lists(routes: APIRouter, parts: StaffParts) -> None:
    @routes.get("/manage/supplies")
    def mine(visit: Looking, q: str = "") -> Response:
        asked = typed(q)
        found = meant(visit.stations(), visit.tree.regions, asked)
        looked_at = neediest_first(found, parts.current.get().statuses)[:MOST]
        known = urgent_first(_facts(visit, parts, looked_at))
        soon = sorted((one.days, n, fact, one) for n, fact in enumerate(known) for one in fact.soon)
        return visit.page(
            "supplies/list.html",
            items=known,
            soon=[(fact, one) for _, _, fact, one in soon],
            rises=[one for one in known if one.rise is not None],
            total=len(found),
            shown=len(looked_at),
            asked=asked,
        )

    @routes.get("/manage/donors")
    def givers(visit: Looking, name: str | None = None) -> Response:
        found = list(visit.stations())
        ledger = shelves(parts.registry.supplies.entries([one.id for one in found]))
        every = donors(ledger.items())
        if name is None:
            return visit.page("supplies/donors.html", donors=every)
        donor = next((one for one in every if one.name == name), None)
        if donor is None:
            raise HTTPException(404)
        return visit.page("supplies/donor.html", donor=donor, places=visit.tree.stations)

    @routes.get("/manage/supplies/{station}")
    def shelf_of(visit: Looking, station: str) -> Response:
        place = visit.station(station)
        return visit.page(
            "supplies/station.html",
            station=place,
            items=urgent_first(_facts(visit, parts, [place])),
        )

    @routes.get("/manage/supplies/{station}/labels")
    def labels(visit: Looking, station: str) -> Response:
        place = visit.station(station)
        base = f"{parts.site.base_url}/manage/supplies/{place.id}"
        items = [one.item for one in _facts(visit, parts, [place])]
        codes = [(item, qr(f"{base}/{item}")) for item in items]
        return visit.page("supplies/labels.html", station=place, codes=codes)


def _add_item(routes: APIRouter, parts: StaffParts) -> None:
    @routes.get("/manage/supplies/{station}/{item}")
    def one(visit: Looking, station: str, item: str, done: str = "") -> Response:
        return _item(visit, parts, visit.station(station), item, done=done)

    @routes.post("/manage/supplies/{station}/{item}")
    def write(visit: Writing, station: str, item: str) -> Response:
        place = visit.station(station)
        facts = _one(visit, parts, place, item)
        try:
            done = taken(visit, parts, facts)
        except Refused as refused:
            return _item(visit, parts, place, item, wrong=refused.key, status=422)
        if parts.stocking is not None:
            parts.stocking.wake()
        return visit.go(f"/manage/supplies/{station}/{item}?done={done}")


def _item(
    visit: Visit,
    parts: StaffParts,
    place: Station,
    item: str,
    *,
    done: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    facts = _one(visit, parts, place, item)
    entries = parts.registry.supplies.entries([place.id], item)
    given = [entry.donor for entry in entries if entry.donor]
    usual = dict(place.donors).get(item, "")
    return visit.page(
        "supplies/item.html",
        status=status,
        it=facts,
        entries=sorted(entries, key=lambda one: (one.at, one.number), reverse=True)[:LEDGER_SHOWN],
        donors=list(dict.fromkeys([*reversed(given), *([usual] if usual else [])])),
        donor=given[-1] if given else usual,
        today=visit.now.astimezone(ZoneInfo(place.zone)).date(),
        done=done if done in DONE else "",
        wrong=wrong if wrong in FAULTS else "",
        may_write=visit.may(Right.SUPPLIES_WRITE),
    )


def _one(visit: Visit, parts: StaffParts, place: Station, item: str) -> ItemFacts:
    found = next((one for one in _facts(visit, parts, [place]) if one.item == item), None)
    if found is None:
        raise HTTPException(404)
    return found


def _facts(visit: Visit, parts: StaffParts, stations: Iterable[Station]) -> list[ItemFacts]:
    """Every item that the roster, the ledger or a sensor knows of."""
    places = list(stations)
    statuses = parts.current.get().statuses
    stocking = parts.stocking
    asked = {one.id: stocking.ask(one.id, visit.now) for one in places} if stocking else {}
    # For all of them together, and only where a sensor tells something now.
    feel = (one for one in asked if one in statuses and statuses[one].supplies)
    wait([asked[one] for one in feel], PATIENCE_S)
    ledger = shelves(parts.registry.supplies.entries([place.id for place in places]))
    pars = parts.registry.supplies.pars()
    found: list[ItemFacts] = []
    for place in places:
        status, sensed = statuses.get(place.id), _answer(asked.get(place.id))
        seen = [one.item_id for one in status.supplies] if status else []
        today = visit.now.astimezone(ZoneInfo(place.zone)).date()
        found += [
            item_facts(place, item, ledger, pars, status, sensed, visit.now, today)
            for item in dict.fromkeys((*items_of(place, ledger), *seen))
        ]
    return found


def _answer(future: Future[Mapping[str, Sensed]] | None) -> Mapping[str, Sensed]:
    return future.result() if future is not None and future.done() else {}
