"""The open feed's documents as models: what is written, and where the JSON Schemas come from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from warmstation_server.places import RegionLevel
from warmstation_wire import StationStatus
from warmstation_wire.parts import Count, Id, Moment
from warmstation_wire.status import DataState, OccupancyStatus

VERSION = "1.0"


class Part(BaseModel):
    """A frozen piece of the feed; absent means unknown."""

    model_config = ConfigDict(frozen=True)


class LocalText(Part):
    """One text in one language (BCP 47)."""

    text: str
    language: Annotated[str, Field(examples=["zh-CN", "en"])]


class FeedLink(Part):
    """A document of this feed, its address, and the schema it keeps to."""

    name: str
    url: str
    schema_url: str


class Discovery(Part):
    """Where every document of the feed is."""

    feeds: tuple[FeedLink, ...]


class SystemInformation(Part):
    """Who publishes, in which languages and time zone."""

    system_id: str
    name: tuple[LocalText, ...]
    operator: tuple[LocalText, ...]
    languages: tuple[str, ...]
    timezone: Annotated[str, Field(examples=["Asia/Shanghai"])]
    url: str


class RegionEntry(Part):
    """A node of the region tree."""

    region_id: Id
    name: tuple[LocalText, ...]
    parent_region_id: Id | None = None
    level: RegionLevel


class SystemRegions(Part):
    """All regions."""

    regions: tuple[RegionEntry, ...]


class ChargerPlace(Part):
    """How many chargers of one kind a station has."""

    kind: Literal["phone", "ebike"]
    num: Count


class StationInformation(Part):
    """A station as it is registered and promised. WGS-84 degrees, °C."""

    station_id: Id
    name: tuple[LocalText, ...]
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    address: str
    region_id: Id
    station_opening_hours: Annotated[str, Field(description="OpenStreetMap opening_hours")]
    timezone: str
    capacity: Count
    host_type: str
    facilities: tuple[str, ...] = ()
    chargers: tuple[ChargerPlace, ...] = ()
    supplies: tuple[str, ...] = ()
    temperature_target_c: float
    contact_phone: str | None = None
    access_methods: tuple[str, ...] = ()
    is_simulated: bool = False


class Information(Part):
    """All stations as registered."""

    stations: tuple[StationInformation, ...]


class Status(Part):
    """All stations now."""

    stations: tuple[StationStatus, ...]


class AlertEntry(Part):
    """A trouble at one station: what is wrong, and since when. `cause` is for programs."""

    alert_id: str
    station_id: Id
    cause: Annotated[str, Field(examples=["heating.no_heat"])]
    since: Moment
    text: tuple[LocalText, ...]


class Alerts(Part):
    """Troubles that concern riders and are not over."""

    alerts: tuple[AlertEntry, ...] = ()


class Envelope(Part):
    """What every document carries. `last_updated`: when its content last changed."""

    last_updated: Moment
    ttl: Annotated[int, Field(ge=0, description="seconds until it is worth asking again")]
    version: Literal["1.0"] = "1.0"


class FeedFile(Envelope):
    """feed.json."""

    data: Discovery


class SystemInformationFile(Envelope):
    """system_information.json."""

    data: SystemInformation


class SystemRegionsFile(Envelope):
    """system_regions.json."""

    data: SystemRegions


class StationInformationFile(Envelope):
    """station_information.json."""

    data: Information


class StationStatusFile(Envelope):
    """station_status.json."""

    data: Status


class SystemAlertsFile(Envelope):
    """system_alerts.json."""

    data: Alerts


class Place(Part):
    """A GeoJSON point: longitude, latitude (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class Properties(Part):
    """What a map needs to know of a station; station_status says the rest."""

    name: str
    name_en: str
    address: str
    region_id: Id
    capacity: Count
    is_simulated: bool
    data_state: DataState
    is_open: bool | None = None
    occupancy_status: OccupancyStatus
    num_seats_available: Count | None = None
    indoor_temperature_c: float | None = None


class Feature(Part):
    """A station on the map."""

    type: Literal["Feature"] = "Feature"
    id: Id
    geometry: Place
    properties: Properties


class FeatureCollection(Part):
    """The content of stations.geojson."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: tuple[Feature, ...]


class StationsGeojson(FeatureCollection, Envelope):
    """stations.geojson: the envelope's members are foreign members of the collection."""
