from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.snapshots import city
from tests.support.web import Web, web
from warmstation_server.publish.directory import Directory
from warmstation_server.publish.site import Site
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
