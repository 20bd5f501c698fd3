from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.certificates import make_certificates
from tests.support.clocks import FakeClock
from warmstation_server.registry import Registry
from warmstation_server.registry.notifications import Notifications


@pytest.fixture
def outbox(schema: str) -> Iterator[Notifications]:
    with closing(Registry.open(schema)) as registry:
        yield registry.notifications


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server called localhost shows, and what its clients trust."""
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder, "localhost")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "localhost.crt", folder / "localhost.key")
    return server, ssl.create_default_context(cafile=folder / "ca.crt")
