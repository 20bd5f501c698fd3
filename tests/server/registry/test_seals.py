"""The log's seals: whatever is done to it behind the server's back, an auditor sees it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from warmstation_server.accounts.audit import Entry
from warmstation_server.registry import Registry
from warmstation_server.registry.account_tables import AuditSealTable, AuditTable
from warmstation_server.registry.audit import add_entries
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.schema import alembic_config
from warmstation_server.registry.seals import seal_of

NOW = datetime(2026, 11, 21, 4, 0, 0, 250_001, tzinfo=UTC)
AUDIT, SEALS = AuditTable, AuditSealTable


@pytest.fixture
def registry(schema: str) -> Iterator[Registry]:
    with closing(Registry.open(schema)) as found:
        yield found


@pytest.fixture
def engine(schema: str) -> Iterator[sa.Engine]:
    """Whoever has the database's password."""
    found = engine_for(url_of(schema))
    yield found
    found.dispose()


def written(registry: Registry, count: int = 6) -> None:
    for n in range(count):
        said = {"name": f"驿站 {n}", "share": n / 3, "list": [n, None, True]}
        at = NOW + timedelta(minutes=n)
        registry.audit.add(Entry(at, "wang", "step", f"x{n}", said if n else None, said))


def without_refusal(connection: sa.Connection) -> None:
    for table in ("audit_log", "audit_seals"):
        for verb in ("update", "delete"):
            on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
            connection.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}{on}"))


def test_a_log_that_nobody_touched_is_whole(registry: Registry, engine: sa.Engine) -> None:
    assert registry.audit.check().fault is None
    assert registry.audit.newest_seal() is None
    written(registry)
    noted = registry.audit.newest_seal()
    with transaction(engine, writes=True) as connection:
        add_entries(connection, [Entry(NOW, "li", "many", f"{n}") for n in range(1_203)])
    found = registry.audit.check(noted)
    assert (found.lines, found.fault) == (1_209, None)
    assert found.newest == registry.audit.newest_seal() != noted


def test_writers_at_once_make_one_chain(registry: Registry, schema: str) -> None:
    """Several threads of several servers."""

    def write(number: int) -> None:
        with closing(Registry.open(schema)) as other:
            for log in (other.audit, registry.audit) * 5:
                log.add(Entry(NOW, f"writer-{number}", "step", "x"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert (registry.audit.check().lines, registry.audit.check().fault) == (40, None)


def test_a_line_needs_a_turn_to_write(engine: sa.Engine) -> None:
    with transaction(engine) as connection, pytest.raises(ValueError, match="turn to write"):
        add_entries(connection, [Entry(NOW, "li", "step", "x")])


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("altered", "line 3 was altered"),
        ("removed", "line 4 was altered, or one before it was removed"),
        ("put in", "line 7 was put in"),
        ("backdated", "line 2 was altered"),
        ("swapped", "line 2 was altered"),
    ],
)
def test_what_is_done_behind_the_servers_back_is_seen(
    registry: Registry, engine: sa.Engine, what: str, said: str
) -> None:
    written(registry)
    with transaction(engine, writes=True) as connection:
        without_refusal(connection)
        for statement in _deeds(what):
            connection.execute(statement)
    assert said in str(registry.audit.check().fault)


def test_the_end_that_was_cut_off_is_missed_by_who_noted_its_seal(
    registry: Registry, engine: sa.Engine
) -> None:
    written(registry)
    noted = registry.audit.newest_seal()
    with transaction(engine, writes=True) as connection:
        without_refusal(connection)
        for table in (SEALS, AUDIT):
            connection.execute(sa.delete(table).where(table.id == 6))
    assert registry.audit.check().fault is None
    assert "there is no line 6" in str(registry.audit.check(noted).fault)
    written(registry, 1)  # which may have the number of the one that is gone
    assert "line 6" in str(registry.audit.check(noted).fault)


def test_a_log_that_was_written_anew_from_its_beginning_has_other_seals(
    registry: Registry, engine: sa.Engine
) -> None:
    written(registry)
    noted = registry.audit.newest_seal()
    with transaction(engine, writes=True) as connection:
        without_refusal(connection)
        connection.execute(sa.update(AUDIT).where(AUDIT.id == 1).values(by="nobody"))
        seal = ""
        for line in connection.execute(sa.select(AUDIT.__table__).order_by(AUDIT.id)).all():
            seal = seal_of(seal, line)
            connection.execute(sa.update(SEALS).where(SEALS.id == line.id).values(seal=seal))
    assert registry.audit.check().fault is None, "nobody can see that from the log alone"
    assert "line 6 has another seal" in str(registry.audit.check(noted).fault)


def test_the_database_refuses_to_change_or_delete_a_seal(
    registry: Registry, engine: sa.Engine
) -> None:
    written(registry, 1)
    for statement in (sa.delete(SEALS), sa.update(SEALS).values(seal="x")):
        with pytest.raises(sa.exc.DBAPIError, match="can only grow"), engine.begin() as connection:
            connection.execute(statement)


def test_a_restored_log_goes_on_with_its_seals_in_any_kind_of_database(
    registry: Registry, tmp_path: Path
) -> None:
    written(registry)
    noted = registry.audit.newest_seal()
    with closing(Registry.restored(tmp_path / "other.db", registry.dump())) as restored:
        assert restored.audit.newest_seal() == noted
        written(restored, 2)
        found = restored.audit.check(noted)
        assert (found.lines, found.fault) == (8, None)


def test_lines_that_were_there_before_have_their_seals_after_the_migration(database: str) -> None:
    engine = engine_for(url_of(database))
    with transaction(engine, writes=True) as connection:
        command.upgrade(alembic_config(connection), "0008")
        rows = [
            {"at": NOW + timedelta(seconds=n), "by": "li", "action": "step", "subject": "驿站",
             "places": "*", "before": None, "after": {"n": n / 7}}
            for n in range(1_001)
        ]  # fmt: skip
        connection.execute(sa.insert(AUDIT), rows)
    engine.dispose()
    with closing(Registry.open(database)) as registry:
        written(registry, 1)
        assert (registry.audit.check().lines, registry.audit.check().fault) == (1_002, None)


def test_a_seal_is_the_same_for_ever() -> None:
    """People have noted them: another text under the hash would make liars of them."""

    class Line:
        id, by, action, subject, places = 1, "wang", "step", "驿站", "*"
        at, before, after = NOW, None, {"b": 1, "a": [0.1, "é"]}

    assert seal_of("", Line) == ("7d000e0eb1c448dc50814f6648278a74a4a08aa777e685fefb5d7e1939efd1f0")


def _deeds(what: str) -> list[Any]:
    """What somebody may write into the tables; seals go where their line goes, if they know."""
    third = sa.update(AUDIT).where(AUDIT.id == 3)
    found: dict[str, list[Any]] = {
        "altered": [third.values(after={"name": "nobody"})],
        "removed": [sa.delete(table).where(table.id == 3) for table in (SEALS, AUDIT)],
        "put in": [
            sa.insert(AUDIT).values(
                id=7, at=NOW, by="li", action="step", subject="x", places="*", before=None, after={}
            )
        ],
        "backdated": [sa.update(AUDIT).where(AUDIT.id == 2).values(at=NOW - timedelta(days=1))],
        "swapped": [
            sa.update(AUDIT).where(AUDIT.id == n).values(subject=other)
            for n, other in ((2, "x2"), (3, "x1"))
        ],
    }
    return found[what]
