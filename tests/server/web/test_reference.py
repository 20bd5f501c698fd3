from __future__ import annotations

import pytest

from tests.support.client import Client
from tests.support.snapshots import city
from tests.support.web import web
from warmstation_server.web.reference import Row, from_asyncapi, from_openapi
from warmstation_wire.schema import asyncapi


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(web(city(2)).app)


@pytest.mark.parametrize("language", ["", "/en"])
def test_every_operation_of_the_api_is_on_its_page(client: Client, language: str) -> None:
    document = client.get("/api/v1/openapi.json").json()
    page = client.get(f"{language}/docs/api")
    assert page.status_code == 200
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page.text.replace("<wbr>", "")


@pytest.mark.parametrize("language", ["", "/en"])
def test_every_channel_is_on_its_page(client: Client, language: str) -> None:
    page = client.get(f"{language}/docs/mqtt")
    assert page.status_code == 200
    for channel in asyncapi()["channels"].values():
        assert f"<code>{channel['address']}</code>" in page.text.replace("<wbr>", "")


def test_the_document_for_programs_is_that_of_the_wire(client: Client) -> None:
    assert client.get("/api/v1/asyncapi.json").json() == asyncapi()


def test_the_pages_load_nothing_foreign_and_run_nothing_inline(client: Client) -> None:
    page = client.get("/docs/mqtt")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<style" not in page.text
    assert ' src="http' not in page.text


def test_members_within_members_are_named_by_their_way() -> None:
    report = next(e for e in from_asyncapi(asyncapi(), "x").entries if e.id == "report")
    rows = {row.name: row for row in report.outputs}
    assert rows["climate.room_c"].kind == "number from -60 to 100 or null"
    assert rows["chargers[].state"].kind.startswith('"available" or "charging"')
    assert rows["station"].is_required
    assert '"room_c"' in report.example


def test_what_is_allowed_is_said_with_the_kind() -> None:
    report = next(e for e in from_asyncapi(asyncapi(), "x").entries if e.id == "report")
    kinds = {row.name: row.kind for row in report.outputs}
    assert kinds["people.inside"] == "integer from 0 to 10000 or null"
    assert kinds["v"] == "integer 1"
    assert kinds["uptime_s"] == "number from 0 to 10000000000 or null"
    assert kinds["station"].startswith("string like ^")


def test_parameters_and_answers_of_an_operation_are_listed() -> None:
    document = {
        "info": {"title": "T", "version": "1"},
        "components": {
            "schemas": {"A": {"properties": {"n": {"type": "integer", "description": "How many"}}}}
        },
        "paths": {
            "/a/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "required": True, "schema": {"type": "string"}},
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/A"},
                                    }
                                }
                            }
                        }
                    },
                }
            }
        },
    }
    (entry,) = from_openapi(document, "x").entries
    assert entry.verb == "GET"
    assert entry.inputs == (Row("id", "string", True, ""),)
    assert entry.outputs == (Row("[].n", "integer", False, "How many"),)
