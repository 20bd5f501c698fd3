"""Real requests through a real nginx and a real Caddy with the configurations that we ship."""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from tests.support.firmware import run
from tests.support.patience import PATIENCE_S, eventually
from tests.support.ports import free_port
from tests.support.web import Web, served, web
from tests.support.web_servers import caddy, fetch, nginx
from warmstation_server.operations.install import sample
from warmstation_server.publish.directory import Directory

STATUS = "/feed/v1/station_status.json"
WHO = "/api/v1/who"
LIVE = "/manage/live"


class Front:
    """The application behind, and under two more addresses whom the server takes the client for,
    and a stream that says one word and stays open.
    """

    def __init__(self, behind: Web) -> None:
        self._behind = behind
        self.streams = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["path"] == LIVE:
            self.streams += 1
            await _stream(receive, send)
            self.streams -= 1
            return
        if scope["path"] != WHO:
            await self._behind.app(scope, receive, send)
            return
        said = f"{scope['client'][0]} {scope['scheme']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": said})


async def _stream(receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"data: now\n\n", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


class Sites:
    """Addresses of the server itself and of the web server before it; the feed's directory."""

    def __init__(self, front: Front, own: str, public: str, feed: Path) -> None:
        self.front, self.own, self.public, self.feed = front, own, public, feed


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def sites(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sites]:
    folder = tmp_path_factory.mktemp("site")
    feed, port = folder / "feed", free_port()
    behind = web(port=port)
    behind.renderer.turn()
    Directory(feed).write(behind.renderer.documents)
    front = Front(behind)
    with served(front, port) as own, request.param(folder, feed, port) as public:
        yield Sites(front, own, public, feed)


@pytest.mark.parametrize("name", ["station_status.json", "stations.geojson", "feed.json"])
def test_the_feed_is_the_servers_own_word_for_word(sites: Sites, name: str) -> None:
    public, own = fetch(f"{sites.public}/feed/v1/{name}"), fetch(f"{sites.own}/feed/v1/{name}")
    assert (public.status, public.body) == (200, own.body)
    for header in (
        "Content-Type",
        "Cache-Control",
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Cross-Origin-Resource-Policy",
        "X-Content-Type-Options",
    ):
        assert public.headers[header] == own.headers[header], header
    assert public.headers["ETag"]


def test_the_feed_comes_from_the_files_and_does_not_ask_the_server(sites: Sites) -> None:
    file = sites.feed / "feed/v1/system_regions.json"
    before = file.read_bytes()
    file.write_bytes(b"{}")
    assert fetch(f"{sites.public}/feed/v1/system_regions.json").body == b"{}"
    file.write_bytes(before)


def test_a_foreign_page_may_ask_whether_the_feed_is_still_the_same(sites: Sites) -> None:
    asked = urllib.request.Request(sites.public + STATUS, method="OPTIONS")
    with urllib.request.urlopen(asked, timeout=PATIENCE_S) as got:
        assert (got.status, got.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert got.headers["Access-Control-Allow-Headers"] == "if-none-match"


def test_who_takes_gzip_gets_the_bytes_that_were_packed_once(sites: Sites) -> None:
    got = fetch(sites.public + STATUS, accept_encoding="gzip")
    assert got.headers["Content-Encoding"] == "gzip"
    assert got.body == (sites.feed / f"{STATUS[1:]}.gz").read_bytes()
    assert gzip.decompress(got.body) == fetch(sites.own + STATUS).body


def test_a_document_without_a_file_is_answered_by_the_server(sites: Sites) -> None:
    file = sites.feed / "feed/v1/system_alerts.json"
    away = file.rename(file.with_suffix(".away"))
    got = fetch(f"{sites.public}/feed/v1/system_alerts.json")
    away.rename(file)
    assert (got.status, got.body) == (200, file.read_bytes())
    assert fetch(f"{sites.public}/feed/v1/nothing.json").status == 404


@pytest.mark.parametrize("path", ["/", "/en/", "/healthz"])
def test_the_rest_is_the_servers(sites: Sites, path: str) -> None:
    public, own = fetch(sites.public + path), fetch(sites.own + path)
    assert (public.status, public.body) == (200, own.body)
    assert public.headers["Content-Security-Policy"] == own.headers["Content-Security-Policy"]


def test_an_event_arrives_while_its_stream_goes_on_and_it_ends_with_its_reader(
    sites: Sites,
) -> None:
    with urllib.request.urlopen(sites.public + LIVE, timeout=PATIENCE_S) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert stream.readline() == b"data: now\n"
        assert sites.front.streams == 1
    eventually(lambda: sites.front.streams == 0)


def test_figures_are_not_for_everybody(sites: Sites) -> None:
    assert fetch(f"{sites.own}/metrics").status == 200
    assert fetch(f"{sites.public}/metrics").status == 404


def test_what_a_client_claims_to_be_is_not_believed(sites: Sites) -> None:
    claimed = {"x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https"}
    assert fetch(sites.public + WHO, **claimed).body == b"127.0.0.1 http"


def test_nothing_beside_the_feed_is_read(sites: Sites) -> None:
    (sites.feed / "secret").write_text("s")
    for path in ("/secret", "/feed/v1/../../secret", "/feed/v1/%2e%2e/%2e%2e/secret"):
        assert fetch(sites.public + path).status in (400, 404), path


def test_caddy_takes_the_caddyfile_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(sample("Caddyfile"))
    done = run("caddy", "validate", "--adapter", "caddyfile", "--config", tmp_path / "Caddyfile")
    assert done.returncode == 0, done.stderr
