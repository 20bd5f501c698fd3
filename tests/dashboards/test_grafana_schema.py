"""Grafana's dashboards by Grafana's own schema, of each version that may read them.

Needs the npm registry, so it is marked `slow`; `test_grafana.py` holds what was learned here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from grafana.__main__ import dashboards
from tests.support import grafana_schemas

ALL = {path.stem: dashboard for path, dashboard in dashboards()}
LATER = {"11.0.0": {"percentChangeColorMode"}}
"""Options that a version does not know yet, and passes over."""

pytestmark = pytest.mark.slow


def parts(dashboard: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """A dashboard, and what lies in it, with the name of its schema."""
    yield "Dashboard", dashboard
    for variable in dashboard["templating"]["list"]:
        yield "VariableModel", variable
    for link in dashboard["links"]:
        yield "DashboardLink", link
    for panel in dashboard["panels"]:
        yield "Panel", panel
        yield f"{panel['type']} options", panel["options"]
        yield f"{panel['type']} custom", panel["fieldConfig"]["defaults"]["custom"]


def faults(version: str, schemas: dict[str, dict[str, Any]]) -> Iterator[str]:
    checks = {name: jsonschema.Draft7Validator(schema) for name, schema in schemas.items()}
    for title, dashboard in ALL.items():
        for name, part in parts(dashboard):
            if name not in checks:
                assert part == {}, f"{version} has no {name}"
                continue
            known = {k: v for k, v in part.items() if k not in LATER.get(version, ())}
            for error in checks[name].iter_errors(known):
                yield f"{title}: {name}: {error.json_path}: {error.message}"


@pytest.mark.parametrize("version", grafana_schemas.VERSIONS)
def test_a_version_of_grafana_knows_all_of_every_dashboard(version: str) -> None:
    schemas = grafana_schemas.schemas(version)
    assert {"Dashboard", "Panel", "stat options", "table custom"} <= schemas.keys()
    assert [*faults(version, schemas)] == []


def test_a_word_that_grafana_does_not_know_is_found() -> None:
    schemas = grafana_schemas.schemas(grafana_schemas.VERSIONS[-1])
    panel = next(iter(ALL.values()))["panels"][0] | {"colour": "red"}
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft7Validator(schemas["Panel"]).validate(panel)
