from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.support.migrated import migrated
from tests.support.places import REGIONS, station
from warmstation_server.accounts.audit import COMMAND_LINE, Author, Entry
from warmstation_server.accounts.scope import EVERYWHERE, at_station
from warmstation_server.enrolment.claim import Claim
from warmstation_server.registry import Registry
from warmstation_server.registry.engine import url_of
from warmstation_server.registry.imports.raw import Place, RawRow
from warmstation_server.visits import VisitCount

NOW = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_database_itself_refuses_to_change_or_delete_a_line(database: str) -> None:
    with closing(Registry.open(database)) as registry:
        registry.audit.add(Entry(NOW, "wang", "supply.restocked", "water", None, {"count": 6}))
        engine = create_engine(url_of(database))
        commands = ["UPDATE audit_log SET by = 'li'", "DELETE FROM audit_log"]
        if engine.dialect.name == "postgresql":
            commands.append("TRUNCATE audit_log CASCADE")
        for command in commands:
            with pytest.raises(DBAPIError, match="can only grow"), engine.begin() as connection:
                connection.execute(text(command))
        engine.dispose()
        (line,) = registry.audit.newest()
    assert (line.by, line.before, line.after) == ("wang", None, {"count": 6})


def test_lines_come_newest_first_and_in_pieces(tmp_path: Path) -> None:
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        for n in range(3):
            registry.audit.add(Entry(NOW, "wang", "step", str(n), places=(at_station("ks-a"),)))
        lines = list(registry.audit.newest())
        assert [line.subject for line in lines] == ["2", "1", "0"]
        assert [line.subject for line in registry.audit.newest(lines[0].number)] == ["1", "0"]
        assert lines[0].places == (at_station("ks-a"),)


def test_a_line_with_more_places_than_fit_is_for_those_who_see_everything(tmp_path: Path) -> None:
    many = tuple(at_station(f"ks-{n:059d}") for n in range(40))
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.audit.add(Entry(NOW, "wang", "step", "x", places=many))
        (line,) = registry.audit.newest()
    assert line.places == (EVERYWHERE,)


def test_what_is_registered_and_changed_has_its_lines_and_only_where_it_differs(
    database: str,
) -> None:
    author = Author(NOW, "wang")
    seats = RawRow("station", Place("x.csv", 2), {"id": "ks-songnan", "capacity": 30}, {})
    with closing(Registry.open(database)) as registry:
        registry.put(REGIONS, [station()])
        assert {line.by for line in registry.audit.newest()} == {COMMAND_LINE}
        before = len(list(registry.audit.newest()))
        registry.take([seats], author=author, dry_run=True)
        assert len(list(registry.audit.newest())) == before
        for _ in range(2):
            registry.take([seats], author=author)
        line, *_ = registry.audit.newest()
        assert len(list(registry.audit.newest())) == before + 1
    assert (line.by, line.action, line.subject) == ("wang", "station.changed", "ks-songnan")
    assert (line.before, line.after) == ({"capacity": 12}, {"capacity": 30})
    assert line.places == (at_station("ks-songnan"),)


def test_claims_certificates_and_imported_counts_have_their_lines(tmp_path: Path) -> None:
    counts = [VisitCount("ks-songnan", "imported", 4, NOW, NOW + HOUR, note="a.csv")]
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        registry.put(REGIONS, [station()])
        registry.enrolments.add_claim(Claim("ks-songnan", "0" * 64, NOW, NOW + HOUR))
        registry.enrolments.revoke("ks-songnan", "lost", NOW)
        registry.visits.replace_imported("ks-songnan", counts)
        imported, revoked, claimed, *_ = registry.audit.newest()
    assert [one.action for one in (claimed, revoked, imported)] == [
        *("device.claimed", "device.revoked", "visits.imported"),
    ]
    assert (revoked.after["reason"], imported.after["visits"]) == ("lost", 4)
