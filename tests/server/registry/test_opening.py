from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from tests.support.places import REGIONS, station
from warmstation_server.registry import Registry, RegistryAway, RegistryForeign
from warmstation_server.registry.schema import HEAD, alembic_config
from warmstation_server.registry.tables import VERSION_TABLE, Table

NOBODY = 65534


@contextmanager
def opened(path: str | Path) -> Iterator[Registry]:
    with closing(Registry.open(path)) as registry:
        yield registry


def test_an_empty_place_becomes_an_empty_registry(tmp_path: Path) -> None:
    with opened(tmp_path / "deeper" / "registry.db") as registry:
        assert registry.regions() == ()
        assert registry.stations() == ()
        assert registry.revision() == 0


def test_what_was_put_is_there_for_the_next_one_who_opens_it(tmp_path: Path) -> None:
    with opened(tmp_path / "r.db") as registry:
        registry.put(REGIONS, [station()])
    with opened(f"sqlite:///{tmp_path / 'r.db'}") as again:
        assert again.stations() == (station(),)
        assert again.regions() == tuple(sorted(REGIONS, key=lambda region: region.id))


def test_the_tables_are_what_the_migrations_make(tmp_path: Path) -> None:
    with opened(tmp_path / "r.db"):
        engine = create_engine(f"sqlite:///{tmp_path / 'r.db'}")
        with engine.connect() as connection:
            options = {"version_table": VERSION_TABLE, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, Table.metadata) == []
            scripts = ScriptDirectory.from_config(alembic_config(connection))
            assert scripts.get_current_head() == HEAD
        engine.dispose()


def test_the_database_checks_keys_and_waits_for_others(tmp_path: Path) -> None:
    with opened(tmp_path / "r.db") as registry, registry._engine.connect() as connection:

        def pragma(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert pragma("foreign_keys") == 1
        assert pragma("journal_mode") == "wal"
        assert pragma("busy_timeout") == 15000


def test_two_processes_may_open_a_new_registry_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from warmstation_server.registry import Registry; "
        "print(Registry.open(sys.argv[1]).revision())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "r.db")]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in started:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out.strip()) == (0, b"0"), err.decode()


def test_many_threads_may_open_a_new_registry_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        try:
            with opened(tmp_path / "r.db") as registry:
                registry.put(REGIONS, [])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_change_by_another_process_raises_the_revision(tmp_path: Path) -> None:
    with opened(tmp_path / "r.db") as mine, opened(tmp_path / "r.db") as other:
        before = mine.revision()
        other.put(REGIONS, [station()])
        changed = mine.revision()
        assert changed > before
        other.put(REGIONS, [station()])
        assert mine.revision() == changed
        other.put([], [station(capacity=13)])
        assert mine.revision() > changed


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(RegistryForeign, match="another program"):
        Registry.open(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def test_a_newer_registry_is_not_touched(tmp_path: Path) -> None:
    with opened(tmp_path / "r.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "r.db")) as newer, newer:
        newer.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(RegistryForeign, match="newer Warmstation"):
        Registry.open(tmp_path / "r.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(RegistryForeign, match=r"r\.db is not a registry"):
        Registry.open(path)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("", "is a directory"),
        ("file/r.db", "cannot be made"),
        ("sqlite://", "needs a file"),
        ("nosuch://host/db", "no driver"),
        ("postgresql+nosuch://u:secret@host/db", "no driver"),
        ("://", "not a database URL"),
    ],
)
def test_an_impossible_place_is_one_sentence(tmp_path: Path, place: str, said: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryAway, match=said) as caught:
        Registry.open(place if "://" in place else tmp_path / place)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_directory_that_cannot_be_written_is_one_sentence() -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o555)
        with _unprivileged(), pytest.raises(RegistryAway, match="must be writable") as caught:
            Registry.open(Path(directory) / "r.db")
        assert directory in str(caught.value)


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Root may write everywhere; so it is somebody else for a while."""
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(NOBODY)
        yield
    finally:
        if is_root:
            os.seteuid(0)
