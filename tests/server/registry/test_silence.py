"""A PostgreSQL, or a server beside us, that falls silent holds nobody up longer than is said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from tests.support.postgres import Postgres
from warmstation_server.registry import Registry, engine
from warmstation_server.registry.engine import engine_for, transaction, url_of
from warmstation_server.registry.errors import RegistryAway


@pytest.fixture
def database(postgres: Postgres) -> Iterator[sa.Engine]:
    found = engine_for(url_of(postgres.fresh()))
    yield found
    found.dispose()


def test_a_server_that_takes_the_call_and_says_nothing_is_away() -> None:
    """After five seconds, or as the address says: libpq waits for two at least."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(RegistryAway, match=r"cannot be used.*timeout"):
            Registry.open(f"postgresql+psycopg://registry@127.0.0.1:{port}/r?connect_timeout=2")


def test_a_network_that_swallows_everything_is_noticed_by_the_kernel(database: sa.Engine) -> None:
    """Nothing on loopback is lost, so what is looked at is what the kernel was told."""
    with closing(database.raw_connection()) as raw:
        assert raw.driver_connection is not None
        asked = raw.driver_connection.info.get_parameters()
        with closing(socket.socket(fileno=socket.dup(raw.driver_connection.fileno()))) as way:
            told = {
                name: way.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
            }
            assert way.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert told == {
        "TCP_KEEPIDLE": 10,
        "TCP_KEEPINTVL": 5,
        "TCP_KEEPCNT": 3,
        "TCP_USER_TIMEOUT": 20_000,
    }
    assert asked["connect_timeout"] == "5"


def test_an_address_may_say_otherwise(postgres: Postgres) -> None:
    found = engine_for(url_of(f"{postgres.fresh()}?connect_timeout=9&tcp_user_timeout=7000"))
    with closing(found.raw_connection()) as raw:
        assert raw.driver_connection is not None
        asked = raw.driver_connection.info.get_parameters()
    found.dispose()
    assert (asked["connect_timeout"], asked["tcp_user_timeout"]) == ("9", "7000")
    assert asked["keepalives_idle"] == "10"


def test_a_writer_gives_up_when_its_turn_does_not_come(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(database) as connection:
        assert connection.execute(sa.text("SHOW lock_timeout")).scalar() == "15s"
    database.dispose()
    monkeypatch.setattr(engine, "BUSY_S", 0.2)
    with (
        transaction(database, writes=True),
        pytest.raises(RegistryAway, match="lock timeout"),
        transaction(database, writes=True),
    ):
        pass


def test_a_writer_that_falls_silent_in_its_turn_loses_it(
    database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose power was cut: its transaction is rolled back, and the next one has the turn."""
    with transaction(database, writes=True) as connection:
        span = connection.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar()
        connection.execute(sa.text("CREATE TABLE turn (who text)"))
    assert span == "1min"
    with monkeypatch.context() as patched:
        patched.setattr(engine, "_CUT_OFF_S", 0.1)
        silent = transaction(database, writes=True)
        connection = silent.__enter__()
        connection.execute(sa.text("INSERT INTO turn VALUES ('silent')"))
    with transaction(database, writes=True) as next_one:
        next_one.execute(sa.text("INSERT INTO turn VALUES ('next')"))
    with pytest.raises(RegistryAway, match="idle-in-transaction"):
        silent.__exit__(None, None, None)
    with transaction(database) as reader:
        assert list(reader.execute(sa.text("SELECT who FROM turn")).scalars()) == ["next"]
