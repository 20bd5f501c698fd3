"""JSON Schemas of the feed, generated from its models, served beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from warmstation_server.publish import models
from warmstation_server.publish.documents import Document, document
from warmstation_server.publish.site import Site

SCHEMA_OF: Mapping[str, type[models.Envelope]] = MappingProxyType(
    {
        "feed.json": models.FeedFile,
        "system_information.json": models.SystemInformationFile,
        "system_regions.json": models.SystemRegionsFile,
        "station_information.json": models.StationInformationFile,
        "station_status.json": models.StationStatusFile,
        "system_alerts.json": models.SystemAlertsFile,
        "stations.geojson": models.StationsGeojson,
    }
)
"""Every document of the feed and the model that it keeps to."""


def schema_path(name: str) -> str:
    """Where the schema of a document is served."""
    return f"/feed/v1/schema/{name.partition('.')[0]}.json"


def schema(name: str, site: Site) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": site.url(schema_path(name)),
        **SCHEMA_OF[name].model_json_schema(),
    }


def schema_documents(site: Site, at: datetime) -> dict[str, Document]:
    """All schemas, ready to serve."""
    return {
        schema_path(name): document(
            schema_path(name),
            json.dumps(schema(name, site), ensure_ascii=False, indent=1).encode(),
            media_type="application/schema+json",
            changed_at=at,
            cache_control="public, max-age=3600",
            headers=((b"access-control-allow-origin", b"*"),),
        )
        for name in SCHEMA_OF
    }
