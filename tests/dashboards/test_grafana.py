"""Grafana's dashboards: what is committed is what the definitions give, every panel is whole, and
every query is asked of the database that it names.

Flux is asked where WARMSTATION_TEST_INFLUX_URL, _TOKEN and _ORG name a server, and else skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from starlette.types import Receive, Scope, Send

from grafana.__main__ import FOLDER, dashboards, main, text
from grafana.panels import COLUMNS
from grafana.sources import INFLUX, POSTGRES, PROMETHEUS, Source
from tests.support import influx
from tests.support.patience import PATIENCE_S, eventually
from tests.support.places import REGIONS, station
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.web import served
from warmstation_server.history.influx_door import Door
from warmstation_server.history.usage import FIELDS as SUMS
from warmstation_server.metrics import CONTENT_TYPE, Metrics
from warmstation_server.registry import Registry

ALL = {path.stem: dashboard for path, dashboard in dashboards()}
FIELDS = re.compile(
    r"room_c|outlet_c|outdoor_c|heater_w|inside|entered|chargers_(charging|broken|power_w)"
)


def panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, dashboard in ALL.items():
        for panel in dashboard["panels"]:
            yield f"{name}: {panel['title']}", panel


def asked(source: Source) -> dict[str, str]:
    """Every query of a source by the panel that asks it, the choices included."""
    key = {"prometheus": "expr", "influxdb": "query"}.get(source.type, "rawSql")
    found = {
        f"{title} {target['refId']}": target[key]
        for title, panel in panels()
        for target in panel["targets"]
        if target["datasource"] == source.reference
    }
    for name, dashboard in ALL.items():
        for choice in dashboard["templating"]["list"]:
            if choice["datasource"] == source.reference:
                found[f"{name}: {choice['label']}"] = choice["query"]
    return found


# What is committed


def test_the_files_are_what_the_definitions_give() -> None:
    assert main(["--check"]) == 0
    assert {path.name for path in FOLDER.glob("*.json")} == {f"{name}.json" for name in ALL}


def test_a_file_is_the_same_every_time() -> None:
    again = {path.stem: dashboard for path, dashboard in dashboards()}
    assert {name: text(one) for name, one in again.items()} == {
        name: text(one) for name, one in ALL.items()
    }


# Panels, for Grafana 11 and 12


@pytest.mark.parametrize("name", ALL)
def test_a_dashboard_is_whole(name: str) -> None:
    it = ALL[name]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{8,40}", it["uid"])
    # 39 is Grafana 11.0's, and 12 brings 33 and later up to date itself.
    assert it["schemaVersion"] == 39
    for key in ("title", "tags", "time", "templating", "annotations", "panels", "editable"):
        assert key in it
    ids = [panel["id"] for panel in it["panels"]]
    assert len(ids) == len({*ids})


@pytest.mark.parametrize(("title", "panel"), [*panels()])
def test_a_panel_is_whole(title: str, panel: dict[str, Any]) -> None:
    # The panels that are in both versions; `graph`, `singlestat` and `table-old` went with 11.
    assert panel["type"] in ("timeseries", "stat", "table", "bargauge")
    assert panel["title"]
    assert panel["fieldConfig"].keys() == {"defaults", "overrides"}
    assert panel["options"]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps[0]["value"] is None
    later = [step["value"] for step in steps[1:]]
    assert later == sorted(later)
    place = panel["gridPos"]
    assert place["w"] > 0
    assert place["x"] + place["w"] <= COLUMNS
    letters = [target["refId"] for target in panel["targets"]]
    assert letters
    assert len(letters) == len({*letters})
    for target in panel["targets"]:
        assert target["datasource"] in [s.reference for s in (PROMETHEUS, POSTGRES, INFLUX)]
        if target["datasource"] == POSTGRES.reference:
            assert target["format"] in ("table", "time_series")


@pytest.mark.parametrize("name", ALL)
def test_panels_do_not_lie_on_each_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in ALL[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells
        taken |= cells


def test_every_source_is_provisioned_with_a_secret_from_outside() -> None:
    path = FOLDER.parent / "provisioning/datasources/warmstation.yaml"
    found = yaml.safe_load(path.read_text())["datasources"]
    assert {(one["type"], one["uid"]) for one in found} == {
        (source.type, source.uid) for source in (PROMETHEUS, POSTGRES, INFLUX)
    }
    for one in found:
        for secret in one.get("secureJsonData", {}).values():
            assert re.fullmatch(r"\$\{WARMSTATION_\w+\}", secret)
    assert next(one for one in found if one["type"] == "influxdb")["jsonData"]["version"] == "Flux"


# Queries, asked of the real thing


class Page:
    """Our figures as a server shows them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", CONTENT_TYPE.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._metrics.render()})


def touched() -> Metrics:
    """Every figure has been counted once."""
    metrics = Metrics()
    for outcome in ("stored", "repeated", "heard", "bad_value"):
        metrics.count(outcome, 3)
    metrics.receipts(1, 1)
    metrics.notifications("delivered", 1)
    metrics.alerts({"firing": 1})
    metrics.alert_failures()
    metrics.commit_s.observe(0.01)
    metrics.tick_s.observe(0.01)
    metrics.stations(["live"])
    metrics.history_away(away=False)
    for name in ("queue_messages", "broker_connected", "picture_age_seconds", "data_free_bytes"):
        metrics.watch(name, "As the server's parts say.", lambda: 1)
    metrics.watch_each("board_age_seconds", "By district.", "district", lambda: {"kunshan": 3.0})
    return metrics


@contextmanager
def prometheus(folder: Path, target: int) -> Iterator[str]:
    """A real Prometheus that looks at a port every 200 ms; yields its address."""
    program, port = shutil.which("prometheus"), free_port()
    assert program, "prometheus is not installed: apt-get install prometheus"
    job = {
        "job_name": "warmstation",
        "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
    }
    settings = {"global": {"scrape_interval": "200ms"}, "scrape_configs": [job]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as running:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def answer(address: str, expression: str) -> list[Any]:
    words = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(
            f"{address}/api/v1/query?{words}", timeout=PATIENCE_S
        ) as response:
            found: list[Any] = json.load(response)["data"]["result"]
    except OSError:
        return []
    return found


def test_every_promql_query_is_answered_by_prometheus(tmp_path: Path) -> None:
    metrics, port = touched(), free_port()
    with served(Page(metrics), port), prometheus(tmp_path, port) as address:
        twice = 'count_over_time(up{job="warmstation"}[1m]) > 2'
        eventually(lambda: answer(address, twice))
        for title, query in asked(PROMETHEUS).items():
            filled = query.replace("$__rate_interval", "1m")
            assert answer(address, filled), f"{title}: {filled}"


def test_every_sql_query_is_answered_by_postgresql() -> None:
    with Postgres() as server:
        url = server.fresh()
        with closing(Registry.open(url)) as registry:
            registry.put(REGIONS, [station()])
        plain = url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(plain, autocommit=True) as connection:
            for title, query in asked(POSTGRES).items():
                filled = query.replace("${district:sqlstring}", "'kunshan'")
                rows = connection.execute(filled.encode()).fetchall()
                assert rows or "FROM stations" not in filled, title


@pytest.mark.parametrize(("title", "query"), [*asked(INFLUX).items()])
def test_flux_asks_for_fields_of_a_report_or_of_an_hour_only(title: str, query: str) -> None:
    fields = re.search(r"_field =~ /\^\((.+)\)\$/", query)
    assert fields, title
    if '_measurement == "usage_hour"' in query:
        assert fields[1] in SUMS
    else:
        assert FIELDS.fullmatch(fields[1])
        assert '_measurement == "report"' in query


def test_every_flux_query_is_answered_by_influxdb() -> None:
    with influx.fresh_buckets(influx.place()) as (place, buckets), closing(Door(place)) as door:
        door.write(buckets.raw, [*_points()])
        at_ns = time.time_ns()
        door.write(buckets.kept, [f"usage_hour,{_OF} charger_mwh=4200000i {at_ns}"])
        for title, query in asked(INFLUX).items():
            filled = (
                query.replace('v.defaultBucket + "-kept"', f'"{buckets.kept}"')
                .replace("v.defaultBucket", f'"{buckets.raw}"')
                .replace("v.timeRangeStart", "-1h")
                .replace("v.timeRangeStop", "now()")
                .replace("${district:regex}", "kunshan")
            )
            assert [*door.rows(filled, {})], title


_OF = "district=kunshan,station=ks-1"


def _points() -> Iterator[str]:
    """Three reports of one station in InfluxDB's line protocol."""
    for n in range(3):
        fields = (
            f"room_c={19 + n},heater_w=900,inside={3 + n}i,entered={13 - n}i,"
            "chargers_charging=1i,chargers_broken=0i,chargers_power_w=11"
        )
        yield f"report,{_OF} {fields} {time.time_ns() - n * 60 * 10**9}"
