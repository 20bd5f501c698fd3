from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.snapshots import city
from tests.support.web import Web, web
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Snapshot
from warmstation_server.web.static_site import StaticSite


@pytest.fixture
def site() -> Web:
    return web(city(3))


@pytest.fixture
def written(site: Web, tmp_path: Path) -> StaticSite:
    return StaticSite(site.current, Site("https://x.example"), site.clock, Directory(tmp_path))


def test_a_directory_holds_all_that_riders_read(
    site: Web, written: StaticSite, tmp_path: Path
) -> None:
    written.write(site.renderer.documents)
    for name in (
        "index.html",
        "en/index.html",
        "stations/ks-002/index.html",
        "en/stations/ks-002/index.html.gz",
        "feed/v1/station_status.json.gz",
        "sw.js",
    ):
        assert (tmp_path / name).is_file()
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    style = page.split('rel="stylesheet" href="/')[1].split('"')[0]
    assert (tmp_path / style).is_file()


def test_pages_are_written_less_often_than_the_feed(site: Web, written: StaticSite) -> None:
    written.write(site.renderer.documents)
    site.publish(city(4, version=2))
    site.clock.advance(seconds=5)
    assert all(path.startswith("/feed/") for path in written.write(site.renderer.documents))
    site.clock.advance(seconds=10)
    assert "/stations/ks-003" in written.write(site.renderer.documents)


def test_the_pages_of_a_retired_station_are_taken_away_also_those_of_an_earlier_server(
    site: Web, tmp_path: Path
) -> None:
    """They would say for ever that it is open and warm."""
    first = StaticSite(site.current, Site("https://x.example"), site.clock, Directory(tmp_path))
    first.write(site.renderer.documents)
    own = tmp_path / "stations" / "ks-002" / "notes.txt"
    own.write_text("an operator's own")
    pages = [
        tmp_path / language / kind / "ks-002" / name
        for language in ("", "en")
        for kind in ("stations", "board")
        for name in ("index.html", "index.html.gz")
    ]
    assert all(page.is_file() for page in pages)
    site.publish(city(2, version=2))
    site.clock.advance(seconds=60)
    again = StaticSite(site.current, Site("https://x.example"), site.clock, Directory(tmp_path))
    again.write(site.renderer.documents)
    assert not any(page.exists() for page in pages)
    assert not (tmp_path / "board" / "ks-002").exists()
    assert own.is_file()
    assert (tmp_path / "stations" / "ks-001" / "index.html").is_file()
    site.publish(city(3, version=3))
    site.clock.advance(seconds=15)
    again.write(site.renderer.documents)
    assert all(page.is_file() for page in pages)


def test_a_server_that_has_no_picture_yet_takes_nothing_away(site: Web, tmp_path: Path) -> None:
    StaticSite(site.current, Site("https://x.example"), site.clock, Directory(tmp_path)).write(
        site.renderer.documents
    )
    site.current.swap(Snapshot(site.clock.now()))
    StaticSite(site.current, Site("https://x.example"), site.clock, Directory(tmp_path)).write({})
    assert (tmp_path / "stations" / "ks-002" / "index.html").is_file()
