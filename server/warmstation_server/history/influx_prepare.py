"""Makes and checks what the history needs of an InfluxDB 2 server: `warmstation serve --prepare`.

Needs a token that may do so (an operator's); the server itself then works with one that may read
and write two buckets and nothing else, which is made here too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.domain.authorization import Authorization
from influxdb_client.domain.bucket import Bucket
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.permission import Permission
from influxdb_client.domain.permission_resource import PermissionResource
from influxdb_client.domain.task_create_request import TaskCreateRequest
from influxdb_client.domain.task_update_request import TaskUpdateRequest

from warmstation_server.history.errors import HistoryBroken
from warmstation_server.history.influx_door import Place, connect, plain_errors
from warmstation_server.history.influx_means import FIELDS, HOURLY, TASK_SEES
from warmstation_server.history.influx_rows import Buckets

MARGIN = timedelta(days=2)
"""The bucket forgets this much later than the history does: it refuses what is older, we do not."""
_TASK = """import "date"

option task = {{name: {name}, every: 1h, offset: 10m}}

stop = date.truncate(t: now(), unit: 1h)

from(bucket: {raw})
  |> range(start: date.sub(d: {hours}h, from: stop), stop: stop)
  |> filter(fn: (r) => r._measurement == "report")
  |> filter(fn: (r) => {fields})
  |> aggregateWindow(every: 1h, fn: mean, createEmpty: false, timeSrc: "_start")
  |> set(key: "_measurement", value: "{hourly}")
  |> to(bucket: {kept})
"""


def prepare(
    place: Place, buckets: Buckets, retention: timedelta, token_file: Path | None
) -> Iterator[str]:
    """Bring the server into order; a sentence for each thing, made, changed or right already."""
    with plain_errors(place.url), connect(place) as client:
        raw, said = _bucket(client, buckets.raw, retention + MARGIN)
        yield said
        kept, said = _bucket(client, buckets.kept, None)
        yield said
        yield _task(client, place.org, buckets)
        if token_file is not None:
            yield _token(client, (raw, kept), token_file)


def task_flux(buckets: Buckets) -> str:
    """The task that keeps hourly means; a task takes no parameters, so names are quoted."""
    return _TASK.format(
        name=json.dumps(_task_name(buckets)),
        raw=json.dumps(buckets.raw),
        kept=json.dumps(buckets.kept),
        hours=TASK_SEES // timedelta(hours=1),
        fields=FIELDS,
        hourly=HOURLY,
    )


def _bucket(client: InfluxDBClient, name: str, retention: timedelta | None) -> tuple[Bucket, str]:
    seconds = 0 if retention is None else int(retention.total_seconds())
    rules = [BucketRetentionRules(type="expire", every_seconds=seconds)] if seconds else []
    span = "for good" if retention is None else f"for {retention.days} days"
    api = client.buckets_api()
    found = api.find_bucket_by_name(name)
    if found is None:
        return api.create_bucket(
            bucket_name=name, retention_rules=rules
        ), f"bucket {name}: made, keeps {span}"
    if sum(rule.every_seconds for rule in found.retention_rules) == seconds:
        return found, f"bucket {name}: keeps {span}"
    found.retention_rules = rules or [BucketRetentionRules(type="expire", every_seconds=0)]
    return api.update_bucket(found), f"bucket {name}: changed, keeps {span} now"


def _task(client: InfluxDBClient, org: str, buckets: Buckets) -> str:
    name, flux = _task_name(buckets), task_flux(buckets)
    api = client.tasks_api()
    found = next(iter(api.find_tasks(name=name)), None)
    if found is None:
        api.create_task(task_create_request=TaskCreateRequest(org=org, flux=flux, status="active"))
        return f"task {name}: made"
    if found.flux == flux and found.status == "active":
        return f"task {name}: runs every hour"
    api.update_task_request(found.id, TaskUpdateRequest(flux=flux, status="active"))
    return f"task {name}: changed"


def _task_name(buckets: Buckets) -> str:
    return f"{buckets.raw}-hourly"


def _token(client: InfluxDBClient, buckets: tuple[Bucket, ...], path: Path) -> str:
    if path.exists():
        return f"token {path}: is there"
    permissions = [
        Permission(action, PermissionResource(type="buckets", id=one.id, org_id=one.org_id))
        for one in buckets
        for action in ("read", "write")
    ]
    names = " and ".join(one.name for one in buckets)
    asked = Authorization(
        org_id=buckets[0].org_id, permissions=permissions, description=f"Warmstation: {names}"
    )
    made = client.authorizations_api().create_authorization(authorization=asked)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(f"{made.token}\n")
    except OSError as error:
        raise HistoryBroken(f"{path} cannot be written: {error.strerror}.") from error
    return f"token {path}: made, may read and write {names} and nothing else"
