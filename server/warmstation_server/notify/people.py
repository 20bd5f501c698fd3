"""People of notify.toml and of the registry's accounts become routes. Pure.

Somebody with an account hears of the places of its scope, once notify.toml says how they are
reached: a manager as the station's own tier, district staff and administrators as the tier of the
region that they are set over. Everybody else is told where a route names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from warmstation_server.accounts.person import Person
from warmstation_server.accounts.role import Right, Role
from warmstation_server.accounts.scope import Node
from warmstation_server.hours import Hours
from warmstation_server.notify.config import NotifyConfig
from warmstation_server.notify.rota import Rota
from warmstation_server.notify.route_config import ContactConfig, RouteConfig
from warmstation_server.notify.routes import OPERATOR, Contact, Place, Route
from warmstation_server.notify.section import span_of
from warmstation_server.places import Region, RegionLevel
from warmstation_wire.alert import Tier

_TIER_OF: Mapping[RegionLevel, Tier] = {
    "grid": "community",
    "community": "community",
    "street": "street",
    "district": "district",
    "city": "city",
    "province": "city",
}


def routes(
    config: NotifyConfig, people: Iterable[Person], regions: Mapping[str, Region], zone: tzinfo
) -> tuple[Route, ...]:
    """Every route: those of the file, those of accounts, and the operator's."""
    known = {one.login: one for one in people}
    contacts = {
        name: _contact(name, one, known.get(name), config, zone)
        for name, one in config.people.items()
    }
    found = [_route(one, contacts, zone) for one in config.routes]
    found += [
        Route((contacts[name],), tier, place)
        for name, person in known.items()
        if name in contacts and Right.ALERTS_READ in person.rights
        for tier, place in _posts(person, regions)
    ]
    if (who := config.operator) is not None:
        found.append(Route((Contact(who.recipient, who.channels, who.language),), OPERATOR))
    return tuple(found)


def _contact(
    name: str, one: ContactConfig, person: Person | None, config: NotifyConfig, zone: tzinfo
) -> Contact:
    return Contact(
        name=one.name or (person.name if person is not None else name),
        channels=tuple(config.channel_for(name, channel) for channel in one.channels),
        language=one.language or (person.language if person is not None else "zh-CN"),
        quiet=None if one.quiet is None else span_of(one.quiet),
        duty=_hours(one.duty, zone),
    )


def _route(one: RouteConfig, contacts: Mapping[str, Contact], zone: tzinfo) -> Route:
    if one.people is None:
        who = Contact(
            name=one.recipient or "",
            channels=one.channels or (),
            language=one.language,
            quiet=None if one.quiet is None else span_of(one.quiet),
            duty=_hours(one.duty, zone),
        )
        return Route((who,), one.tier, _place(one), one.min_severity)
    named = [contacts[name] for name in one.people]
    rota = None
    if one.begins is not None:
        rota = Rota(one.turn, _aware(one.begins, zone), zone)
    return Route(named, one.tier, _place(one), one.min_severity, rota)


def _place(one: RouteConfig) -> Place:
    if one.station is not None:
        return "station", one.station
    return None if one.region is None else ("region", one.region)


def _posts(person: Person, regions: Mapping[str, Region]) -> Iterator[tuple[Tier, Place]]:
    """The tiers and places that somebody answers for by their account."""
    if person.role not in (Role.MANAGER, Role.DISTRICT, Role.ADMIN):
        return
    for node in person.scope:
        tier = _tier(node, regions)
        if person.role is Role.MANAGER or node.kind == "station":
            yield "station", _place_of(node)
        elif tier is not None:
            yield tier, _place_of(node)


def _tier(node: Node, regions: Mapping[str, Region]) -> Tier | None:
    if node.kind == "everywhere":
        return "city"
    known = regions.get(node.id)
    return None if known is None else _TIER_OF[known.level]


def _place_of(node: Node) -> Place:
    if node.kind == "everywhere":
        return None
    return ("station", node.id) if node.kind == "station" else ("region", node.id)


def _hours(text: str | None, zone: tzinfo) -> Hours | None:
    return None if text is None else Hours(text, str(zone))


def _aware(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
