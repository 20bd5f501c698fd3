"""Several servers on one database: writers take turns, and only one brings it up to date."""

from __future__ import annotations

import subprocess
import sys
import threading

import sqlalchemy as sa

from tests.support.patience import PATIENCE_S, eventually
from tests.support.postgres import Postgres
from warmstation_server.registry.engine import engine_for, transaction, url_of

_OPENS = (
    "import sys; from warmstation_server.registry import Registry\n"
    "print('ready', flush=True); sys.stdin.readline(); Registry.open(sys.argv[1]).close()"
)
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_servers_that_find_an_empty_database_at_once_all_start(postgres: Postgres) -> None:
    url = postgres.fresh()
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _OPENS, url]
    servers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for one in servers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in servers:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in servers:
        one.communicate(timeout=PATIENCE_S)
    assert [one.returncode for one in servers] == [0, 0]


def test_a_writer_waits_for_the_one_before(postgres: Postgres) -> None:
    engine = engine_for(url_of(postgres.fresh()))
    order: list[str] = []

    def write() -> None:
        with transaction(engine, writes=True):
            order.append("second")

    second = threading.Thread(target=write)
    with transaction(engine, writes=True) as connection:
        second.start()
        eventually(lambda: order or connection.execute(sa.text(_WAITING)).scalar())
        order.append("first")
    second.join(PATIENCE_S)
    engine.dispose()
    assert order == ["first", "second"]


def test_a_reader_waits_for_nobody(postgres: Postgres) -> None:
    engine = engine_for(url_of(postgres.fresh()))
    with transaction(engine, writes=True), transaction(engine) as reader:
        assert reader.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_a_connection_that_the_database_closed_is_not_noticed(postgres: Postgres) -> None:
    url = postgres.fresh()
    engine, other = engine_for(url_of(url)), engine_for(url_of(url))
    with transaction(engine) as connection:
        mine = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
    with transaction(other) as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
    with transaction(engine) as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar() != mine
    engine.dispose()
    other.dispose()
