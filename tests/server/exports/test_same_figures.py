"""One figure is one number, wherever it is read: page, API, CSV, workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from tests.server.exports.test_exports import taken
from tests.server.web.test_district_pages import bearer
from tests.support.district_city import WEEK, district_web
from tests.support.staff import Staff, visible
from warmstation_server.cli.figuring import shown
from warmstation_server.usage.metric import METRICS
from warmstation_server.usage.period import Period
from warmstation_server.usage.recorded import ANSWERED
from warmstation_server.usage.written import written
from warmstation_server.web.words import Words

KEYS = [one.key for one in (*METRICS, *ANSWERED)]


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    with district_web(tmp_path_factory.mktemp("district")) as made:
        yield made


def of_api(staff: Staff) -> dict[str, dict[str, float | None]]:
    headers = bearer(staff, staff.client("wang"))
    said = staff.client().get(f"/api/v1/usage?{WEEK}", headers=headers).json()
    every = [*said["stations"], said["total"]]
    return {
        one["station_id"] or "": {key: one["figures"][key]["value"] for key in KEYS}
        for one in every
    }


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def test_every_station_has_the_same_figures_in_every_file(staff: Staff) -> None:
    api = of_api(staff)
    lines = csv.reader(io.StringIO(taken(staff, "csv").decode("utf-8-sig")))
    next(lines)
    for name, _, _, *cells in lines:
        found = {key: float(cell) if cell else None for key, cell in zip(KEYS, cells, strict=True)}
        assert found == {key: rounded(one) for key, one in api[name].items()}, name
    book: Any = openpyxl.load_workbook(io.BytesIO(taken(staff, "xlsx")))
    rows = list(book["驿站"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(api) > 3
    for name, _, _, *cells in rows:
        assert cells == [rounded(one) for one in api[name or ""].values()], name


def test_a_station_that_never_spoke_has_no_good_figure_anywhere(staff: Staff) -> None:
    silent = of_api(staff)["ks-002"]
    assert set(silent.values()) == {None}, "no alert either: nobody would have reported it"


def test_where_nothing_was_measured_no_promise_is_said_to_be_kept(staff: Staff) -> None:
    t = Words("zh-CN")
    client = staff.client("wang")
    measured = visible(client.get(f"/district?{WEEK}").text)
    said, _, _ = t("district.broken.known", share="|").partition("|")
    assert said.strip() in measured
    assert t("district.broken.unknown") not in measured
    days = "period=own&first=2025-01-01&last=2025-01-02"
    unknown = visible(client.get(f"/district?{days}").text)
    assert t("district.broken.unknown") in unknown
    assert t("district.broken.none") not in unknown


@pytest.mark.parametrize(("last", "is_finished"), [("2026-11-18", True), ("2026-11-19", False)])
def test_a_period_that_is_not_over_says_so_wherever_it_is_read(
    staff: Staff, last: str, *, is_finished: bool
) -> None:
    t, client, said = Words("zh-CN"), staff.client("wang"), []
    days = f"period=own&first=2026-11-16&last={last}"
    headers = bearer(staff, client)
    said.append(staff.client().get(f"/api/v1/usage?{days}", headers=headers).json()["finished"])
    page = visible(client.get(f"/district?{days}").text)
    said.append(t("export.unfinished.means") not in page)
    book: Any = openpyxl.load_workbook(io.BytesIO(taken(staff, "xlsx", last=last)))
    notes = [row[0] for row in book["口径与数据质量"].iter_rows(values_only=True)]
    said.append(t("export.unfinished") not in notes)
    assert said == [is_finished] * 3


def test_the_terminal_writes_figures_as_the_page_does(staff: Staff) -> None:
    parts = staff.parts
    district, regions = parts.district, parts.tree.regions
    assert district is not None
    stations = list(parts.tree.stations.values())
    week = Period(date(2026, 11, 16), date(2026, 11, 18))
    answer = district.answer(stations, regions, week, parts.clock.now(), "")
    paper = io.StringIO()
    Console(file=paper, width=160).print(shown(answer, "en", "a week"))

    page = visible(staff.client("wang").get(f"/en/district?{WEEK}").text)
    for key in ("visits", "hours_kept", "heating_18"):
        value = written(answer.figures[key], Words("en"))
        assert value in paper.getvalue()
        assert value in page
    assert " ? " in paper.getvalue()
