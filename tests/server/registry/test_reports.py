from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation_server.registry import BadPlace, Registry, TooManyReports, UnknownStation
from warmstation_server.registry.reports import MAX_IN_WINDOW, RiderReport

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry.open(migrated(tmp_path / "r.db"))) as found:
        found.put(REGIONS, [station("ks-a"), station("ks-b")])
        yield found


def say(
    registry: Registry, at: datetime = NOW, address: str = "192.0.2.7", text: str = "门锁着"
) -> RiderReport:
    return registry.add_rider_report(
        "ks-a", "locked", text, language="zh-CN", client_address=address, now=at
    )


def test_a_report_is_kept_as_it_was_said(registry: Registry) -> None:
    said = say(registry)
    assert registry.rider_reports("ks-a") == (said,)
    assert registry.rider_reports("ks-b") == ()
    assert (said.kind, said.text, said.created_at, said.state) == ("locked", "门锁着", NOW, "new")


def test_newest_comes_first(registry: Registry) -> None:
    first, second = say(registry), say(registry, NOW + timedelta(minutes=1))
    assert registry.rider_reports() == (second, first)
    assert registry.rider_reports(limit=1) == (second,)


def test_a_report_does_not_make_the_places_reload(registry: Registry) -> None:
    before = registry.revision()
    say(registry)
    assert registry.revision() == before


def test_long_texts_are_cut_and_control_characters_dropped(registry: Registry) -> None:
    assert say(registry, text="冷\x1b[2J\n" + "很" * 900).text == "冷[2J\n" + "很" * 495


def test_a_flood_from_one_address_is_stopped_and_others_go_on(registry: Registry) -> None:
    for _ in range(MAX_IN_WINDOW):
        say(registry)
    with pytest.raises(TooManyReports):
        say(registry)
    say(registry, address="192.0.2.8")
    say(registry, NOW + timedelta(minutes=11))


def test_addresses_are_hashed_by_a_secret_and_soon_forgotten(tmp_path: Path) -> None:
    hashes = []
    for name in ("one.db", "two.db"):
        with closing(Registry.open(tmp_path / name)) as found:  # the secret is made with the schema
            found.put(REGIONS, [station("ks-a")])
            say(found)
            hashes.append(_clients(tmp_path / name))
            say(found, NOW + timedelta(minutes=11), address="192.0.2.8")
            assert _clients(tmp_path / name)[0] is None
    assert hashes[0] != hashes[1]
    assert "192.0.2" not in str(hashes)


def test_what_is_not_known_is_refused(registry: Registry) -> None:
    with pytest.raises(UnknownStation):
        registry.add_rider_report(
            "nowhere", "cold", "", language="en", client_address="192.0.2.7", now=NOW
        )
    with pytest.raises(BadPlace):
        registry.add_rider_report(
            "ks-a",
            "spam",  # type: ignore[arg-type]
            "",
            language="en",
            client_address="192.0.2.7",
            now=NOW,
        )
    assert registry.rider_reports() == ()


def _clients(path: Path) -> list[str | None]:
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("SELECT client FROM rider_reports ORDER BY id")
        return [client for (client,) in found]
