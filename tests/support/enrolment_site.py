"""The enrolment desk behind a real nginx with TLS, as stations reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from tests.support.enrolled import Deployment
from tests.support.web import SetClock, free_port, served
from tests.support.web_servers import nginx
from warmstation_server.enrolment.authority import Authority, pem
from warmstation_server.enrolment.keeping import key_pem
from warmstation_server.web.enrolment import router


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
    app.include_router(router(here.desk, SetClock(here.now)))
    with served(app, port), nginx(folder, folder, port, certified) as address:
        yield address.replace("http:", "https:")
