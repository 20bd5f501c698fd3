"""Enrolment over HTTP: what is answered, what is refused, and that bodies are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.support.client import Client
from tests.support.enrolled import NOW, Deployment, deployment
from tests.support.web import SetClock
from warmstation_edge.enrolment.by_library import Library
from warmstation_edge.enrolment.identity import Identity
from warmstation_edge.enrolment.station import Station
from warmstation_server.web.enrolment import router
from warmstation_wire import Payload
from warmstation_wire.commissioning import Check, Record
from warmstation_wire.enrolment import COMMISSIONINGS, ENROLMENTS, Commissioning


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


@pytest.fixture
def client(here: Deployment) -> Client:
    app = FastAPI()
    app.include_router(router(here.desk, SetClock(NOW)))
    return Client(app)


def _station(here: Deployment, client: Client, name: str = "ks-a") -> Station:
    def ask(address: str, path: str, asked: Payload, authority: Path) -> bytes:
        answered = client.post(path, content=asked.to_json())
        assert answered.status_code in (200, 204), answered.text
        return answered.content

    identity = Identity(here.folder / f"{name}.pem")
    return Station(name, identity, here.authority, Library(), ask)


def test_a_station_enrols_renews_and_hands_its_record_in(here: Deployment, client: Client) -> None:
    station = _station(here, client)
    station.enrol("https://here", here.desk.claim("ks-a", NOW))
    station.renew(NOW, is_forced=True)
    checks = (Check(name="smoke", verdict="pass"),)
    record = Record(station="ks-a", made_at=NOW, agent="0.1.0", checks=checks)
    station.commission(Commissioning(record=record.model_dump(mode="json")))
    assert len(here.registry.enrolments.certificates("ks-a")) == 2
    assert here.registry.enrolments.commissionings("ks-a")[0].passed


def _csr(name: str) -> str:
    library = Library()
    return library.request(library.new_key(), name)


def test_refusals_are_problems_without_a_hint_for_guessers(
    here: Deployment, client: Client
) -> None:
    def post(body: Any) -> Any:
        return client.post(ENROLMENTS, json=body)

    unknown = post({"claim": "ks-a." + "a" * 26, "csr": _csr("ks-a")})
    claim = here.desk.claim("ks-a", NOW)
    wrong_name = post({"claim": claim, "csr": _csr("ks-b")})
    malformed = post({"claim": "ks-a", "csr": "x"})
    assert [one.status_code for one in (unknown, wrong_name, malformed)] == [403, 422, 422]
    for one in (unknown, wrong_name, malformed):
        assert one.headers["content-type"] == "application/problem+json"
        assert one.headers["cache-control"] == "no-store"
    good = post({"claim": claim, "csr": _csr("ks-a")})
    used = post({"claim": claim, "csr": _csr("ks-a")})
    assert (good.status_code, used.status_code) == (200, 403)
    assert used.json()["detail"] == unknown.json()["detail"]


def test_a_body_is_bounded_and_a_made_up_signature_refused(client: Client) -> None:
    assert client.post(ENROLMENTS, content=b"x" * 70_000).status_code == 413
    said = {
        "certificate": "-----BEGIN CERTIFICATE-----\n",
        "statement": "{}",
        "signature": "AAAA",
    }
    assert client.post(COMMISSIONINGS, json=said).status_code == 403
