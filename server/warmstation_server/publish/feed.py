"""The open feed: a snapshot as finished documents. Pure; the renderer and the tests call it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from pydantic import BaseModel

from warmstation_server.places import Region, Station, Text
from warmstation_server.publish import models
from warmstation_server.publish.documents import Document, digest_of, document
from warmstation_server.publish.pieces import Pieces
from warmstation_server.publish.schemas import SCHEMA_OF, schema_documents, schema_path
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import PublicAlert, Snapshot
from warmstation_wire import rfc3339

ROOT = "/feed/v1/"
TTL_S = 10
LANGUAGES = ("zh-CN", "en")
NOTHING: Mapping[str, Document] = MappingProxyType({})
OPEN_HEADERS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Date"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
JSON = "application/json"
GEOJSON = "application/geo+json"


def documents(
    snapshot: Snapshot,
    site: Site,
    before: Mapping[str, Document] = NOTHING,
    *,
    same_places: bool = False,
    pieces: Pieces | None = None,
) -> Mapping[str, Document]:
    """Every document of the feed by path.

    A document whose content is what it was in `before` is that very object, `last_updated`
    included: its bytes and its tag change only when its content does. `same_places` spares the
    work of finding that out for what the registry says, `pieces` for stations that did not change.
    """
    fresh = dict(before) if before else schema_documents(site, snapshot.at)
    registered = () if same_places and before else _registered(snapshot, site)
    for name, text in (*registered, *_measured(snapshot, pieces or Pieces())):
        path = ROOT + name
        content = digest_of(text)
        if path not in before or before[path].content != content:
            fresh[path] = _enveloped(path, text, content, snapshot.at)
    return MappingProxyType(fresh)


def _registered(snapshot: Snapshot, site: Site) -> Iterator[tuple[str, bytes]]:
    regions = tuple(region_entry(region) for region in snapshot.regions.values())
    places = tuple(information(station) for station in snapshot.stations.values())
    yield "feed.json", _json(_discovery(site))
    yield "system_information.json", _json(_system(site))
    yield "system_regions.json", _json(models.SystemRegions(regions=regions))
    yield "station_information.json", _json(models.Information(stations=places))


def _measured(snapshot: Snapshot, pieces: Pieces) -> Iterator[tuple[str, bytes]]:
    alerts = tuple(_alert(alert) for alert in snapshot.alerts)
    yield "system_alerts.json", _json(models.Alerts(alerts=alerts))
    yield "station_status.json", pieces.statuses(snapshot)
    yield "stations.geojson", pieces.features(snapshot)


def _json(data: BaseModel) -> bytes:
    return data.model_dump_json(exclude_none=True).encode()


def _enveloped(path: str, text: bytes, content: str, at: datetime) -> Document:
    said = b'"last_updated":"%s","ttl":%d,"version":"%s",' % (
        rfc3339(at).encode(),
        TTL_S,
        models.VERSION.encode(),
    )
    is_map = path.endswith(".geojson")
    return document(
        path,
        b"{" + said + text[1:] if is_map else b'{%s"data":%s}' % (said, text),
        media_type=GEOJSON if is_map else JSON,
        changed_at=at,
        cache_control=f"public, max-age={TTL_S}",
        headers=OPEN_HEADERS,
        content=content,
    )


def _discovery(site: Site) -> models.Discovery:
    return models.Discovery(
        feeds=tuple(
            models.FeedLink(
                name=name.partition(".")[0],
                url=site.url(ROOT + name),
                schema_url=site.url(schema_path(name)),
            )
            for name in SCHEMA_OF
        )
    )


def _system(site: Site) -> models.SystemInformation:
    return models.SystemInformation(
        system_id=site.system_id,
        name=_texts(site.name),
        operator=_texts(site.operator),
        languages=LANGUAGES,
        timezone=site.zone,
        url=site.url("/"),
    )


def region_entry(region: Region) -> models.RegionEntry:
    """A region as it is published."""
    return models.RegionEntry(
        region_id=region.id,
        name=_texts(region.name),
        parent_region_id=region.parent_id,
        level=region.level,
    )


def information(station: Station) -> models.StationInformation:
    """A station as it is registered, published."""
    return models.StationInformation(
        station_id=station.id,
        name=_texts(station.name),
        lat=station.lat,
        lon=station.lon,
        address=station.address,
        region_id=station.region_id,
        station_opening_hours=station.hours,
        timezone=station.zone,
        capacity=station.capacity,
        host_type=station.host_type,
        facilities=station.facilities,
        chargers=tuple(
            models.ChargerPlace(kind=plan.kind, num=plan.count) for plan in station.chargers
        ),
        supplies=station.supplies,
        temperature_target_c=station.target_c,
        contact_phone=station.contact_phone,
        access_methods=station.access_methods,
        is_simulated=station.is_simulated,
    )


def _alert(alert: PublicAlert) -> models.AlertEntry:
    return models.AlertEntry(
        alert_id=alert.alert_id,
        station_id=alert.station_id,
        cause=alert.cause,
        since=alert.since,
        text=_texts(alert.text),
    )


def _texts(text: Text) -> tuple[models.LocalText, ...]:
    zh = models.LocalText(text=text.zh, language="zh-CN")
    return (zh, models.LocalText(text=text.en, language="en")) if text.en else (zh,)
