"""The enrolment desk behind a real nginx with TLS, as stations reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from tests.support.enrolled import Deployment
from tests.support.ports import free_port
from tests.support.web import served
from tests.support.web_servers import nginx
from warmstation_server.enrolment.authority import Authority, pem
from warmstation_server.enrolment.keeping import key_pem
from warmstation_server.web.enrolment import router


class _Clock:
    """The deployment's own time, also after it was set."""

    def __init__(self, here: Deployment) -> None:
        self._here = here

    def now(self) -> datetime:
        """As everybody there has it."""
        return self._here.now

    def monotonic(self) -> float:
        """The same in seconds."""
        return self._here.now.timestamp()


@contextmanager
def site(here: Deployment, authority: Authority, host: str = "localhost") -> Iterator[str]:
    """The deployment's HTTPS, with a certificate that this authority made for this host."""
    key = ec.generate_private_key(ec.SECP256R1())
    folder = here.folder / "site"
    folder.mkdir()
    certified = folder / "site.pem", folder / "site.key"
    certified[0].write_text(pem(authority.broker((host,), key.public_key(), here.now)))
    certified[1].write_text(key_pem(key))
    app, port = FastAPI(), free_port()
    app.include_router(router(here.desk, _Clock(here)))
    with served(app, port), nginx(folder, folder, port, certified) as address:
        yield address.replace("http:", "https:")
