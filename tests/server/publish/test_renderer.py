from __future__ import annotations

import logging
from threading import Event

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.snapshots import city
from warmstation_server.publish.renderer import Documents, Renderer
from warmstation_server.publish.site import Site
from warmstation_server.snapshot import Current

SITE = Site("https://stations.example")
STATUS = "/feed/v1/station_status.json"


def test_there_are_documents_from_the_start() -> None:
    assert STATUS in Renderer(Current(city(3)), SITE).documents


def test_a_snapshot_is_rendered_once() -> None:
    current = Current(city(3))
    renderer = Renderer(current, SITE)
    assert not renderer.turn()
    current.swap(city(4, version=2))
    assert renderer.turn()
    assert b"ks-003" in renderer.documents[STATUS].body


def test_the_latest_snapshot_wins() -> None:
    current = Current(city(3))
    renderer = Renderer(current, SITE)
    current.swap(city(4, version=2))
    current.swap(city(5, version=3))
    renderer.turn()
    assert b"ks-004" in renderer.documents[STATUS].body


def test_the_thread_follows_the_snapshots() -> None:
    seen = Event()

    def sink(documents: Documents) -> None:
        if b"ks-004" in documents[STATUS].body:
            seen.set()

    current = Current(city(3))
    renderer = Renderer(current, SITE, (sink,), interval_s=0.005)
    renderer.start()
    current.swap(city(5, version=2))
    assert seen.wait(PATIENCE_S)
    renderer.stop()


def test_a_full_disk_does_not_stop_what_is_served(caplog: pytest.LogCaptureFixture) -> None:
    def full(documents: Documents) -> None:
        raise OSError(28, "No space left on device")

    current = Current(city(3))
    with caplog.at_level(logging.WARNING):
        renderer = Renderer(current, SITE, (full,))
        current.swap(city(4, version=2))
        renderer.turn()
    assert b"ks-003" in renderer.documents[STATUS].body
    assert "No space left" in caplog.text
